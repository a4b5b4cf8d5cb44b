import { startEngine } from './state-machine.ts';

/** An engine in a process of its own, for a test to kill: `node engine-process.ts <folder> <definition>`; says READY on standard output once nothing moves any more. */
const [, , folder = '', definition = ''] = process.argv;
const engine = startEngine(folder, definition, { ask: () => null, mix: (n: number) => (n === 3 ? new Promise(() => undefined) : n * 10) });
engine.begin([1, 2, 3, 4]);
setInterval(() => {
  if (engine.calls.filter(({ name }) => name === 'mix').length === 3 && engine.store.running().some(({ called }) => called === true)) process.stdout.write('READY\n');
}, 10);
