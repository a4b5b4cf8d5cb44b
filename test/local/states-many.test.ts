import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fails, invoke, machineOf, startEngine, waitForToken, type States } from './support/state-machine.ts';
import { eventually } from './support/eventually.ts';
import { temporaryFolder } from './support/temporary-folder.ts';
import { run, END } from './support/run-machine.ts';

describe('Parallel', () => {
  it('gives the outputs of its branches in their order, whichever is first', async () => {
    const definition = machineOf('Both', {
      Both: { Type: 'Parallel', Arguments: { batchId: '{% $states.input.id %}' }, Branches: [{ StartAt: 'Slow', States: { Slow: invoke('slow', '{% $states.input.batchId %}', END) } }, { StartAt: 'Fast', States: { Fast: invoke('fast', '{% $states.input.batchId %}', END) } }], Assign: { count: '{% $count($states.result) %}' }, Next: 'Show' },
      Show: { Type: 'Pass', Output: { all: '{% $states.input %}', count: '{% $count %}' }, ...END },
    });
    const slow = (id: string): Promise<string> => new Promise((resolve) => { setTimeout(() => { resolve(`slow ${id}`); }, 40); });
    const { output } = await run(definition, { id: 'B-1' }, { slow, fast: (id: string) => `fast ${id}` });
    expect(output).toMatchObject({ all: ['slow B-1', 'fast B-1'] });
  });

  it('shows branches the outer variables and keeps theirs to themselves', async () => {
    const definition = machineOf('Set', {
      Set: { Type: 'Pass', Assign: { limit: 5 }, Next: 'Both' },
      Both: { Type: 'Parallel', Branches: [{ StartAt: 'I', States: { I: { Type: 'Pass', Assign: { own: '{% $limit + 1 %}' }, Next: 'J' }, J: { Type: 'Pass', Output: '{% $own %}', ...END } } }], Next: 'Show' },
      Show: { Type: 'Pass', Output: { inner: '{% $states.input %}', leaked: '{% $exists($own) %}' }, ...END },
    });
    expect(await run(definition)).toMatchObject({ output: { inner: [6], leaked: false } });
  });

  it('fails with the error of the branch and takes back what the other branches still wait for', async () => {
    const definition = machineOf('Both', {
      Both: { Type: 'Parallel', Branches: [{ StartAt: 'Ask', States: { Ask: waitForToken('ask', END) } }, { StartAt: 'Break', States: { Break: invoke('break', {}, END) } }], Catch: [{ ErrorEquals: ['CulturePositive'], Output: '{% $states.errorOutput %}', Next: 'Caught' }], ...END },
      Caught: { Type: 'Succeed' },
    });
    let fail = (): void => undefined;
    const engine = startEngine(temporaryFolder(), definition, {
      ask: () => null, break: async () => {
        await new Promise<void>((resolve) => { fail = resolve; });
        fails('CulturePositive', 'bottle 2');
      },
    });
    engine.begin();
    const waiting = await eventually('the token of the first branch', () => engine.store.running().find(({ called }) => called));
    fail();
    expect(await engine.ended()).toMatchObject({ status: 'SUCCEEDED', output: { Error: 'CulturePositive', Cause: 'bottle 2' } });
    expect(engine.store.byToken(waiting.token!)).toBeUndefined();
    engine.stop();
  });

  it('runs all branches anew on a retry', async () => {
    let tries = 0;
    const definition = machineOf('Both', { Both: { Type: 'Parallel', Branches: [{ StartAt: 'A', States: { A: invoke('steady', {}, END) } }, { StartAt: 'B', States: { B: invoke('shaky', {}, END) } }], Retry: [{ ErrorEquals: ['Shaken'], IntervalSeconds: 0 }], ...END } });
    const { output, calls } = await run(definition, {}, { steady: () => 'a', shaky: () => ((tries += 1) < 3 ? fails('Shaken') : 'b') });
    expect(output).toEqual(['a', 'b']);
    expect(calls.filter(({ name }) => name === 'steady')).toHaveLength(3);
  });
});

describe('Map', () => {
  const each = (more: States, processor: States, name = 'I'): string => machineOf('Each', { Each: { Type: 'Map', ItemProcessor: { ProcessorConfig: { Mode: 'INLINE' }, StartAt: name, States: { [name]: processor } }, ...END, ...more } });

  it('runs its processor for each item, and keeps their order', async () => {
    await fc.assert(fc.asyncProperty(fc.array(fc.integer(), { maxLength: 12 }), fc.integer({ min: 0, max: 5 }), async (items, MaxConcurrency) => {
      const { output } = await run(each({ Items: '{% [$states.input.items] %}', MaxConcurrency }, { Type: 'Pass', Output: '{% $states.input * 2 %}', ...END }), { items });
      expect(output).toEqual(items.map((item) => item * 2));
    }), { numRuns: 15 });
  });

  it('gives index and value to ItemSelector and inside the processor', async () => {
    const definition = each({ Items: ['x', 'y'], ItemSelector: { at: '{% $states.context.Map.Item.Index %}', of: '{% $states.input.batch %}' } }, { Type: 'Pass', Output: { input: '{% $states.input %}', value: '{% $states.context.Map.Item.Value %}' }, ...END });
    expect(await run(definition, { batch: 'B' })).toMatchObject({ output: [{ input: { at: 0, of: 'B' }, value: 'x' }, { input: { at: 1, of: 'B' }, value: 'y' }] });
  });

  it('never runs more at once than MaxConcurrency says', async () => {
    let most = 0;
    const inside: (() => void)[] = [];
    const work = async (): Promise<null> => {
      await new Promise<void>((resolve) => {
        inside.push(resolve);
        most = Math.max(most, inside.length);
      });
      return null;
    };
    const ended = run(each({ Items: [1, 2, 3, 4, 5, 6, 7], MaxConcurrency: '{% 1 + 2 %}' }, invoke('work', {}, END)), {}, { work });
    for (const [done, atOnce] of [3, 3, 3, 3, 3, 2, 1].entries()) {
      await eventually(`${atOnce} at once after ${done} are done`, () => inside.length >= atOnce);
      inside.shift()?.();
    }
    await ended;
    expect(most).toBe(3);
  });

  it('fails with the error of the item, and begins no further ones', async () => {
    const definition = each({ Items: [1, 2, 3], MaxConcurrency: 1 }, invoke('check', '{% $states.input %}', END));
    const { status, error, calls } = await run(definition, {}, { check: (n: number) => (n === 2 ? fails('OutOfRange') : n) });
    expect({ status, error, checked: calls.length }).toEqual({ status: 'FAILED', error: 'OutOfRange', checked: 2 });
  });

  it('refuses items that are no array', async () => {
    expect(await run(each({ Items: '{% $states.input %}' }, { Type: 'Succeed' }), { a: 1 })).toMatchObject({ status: 'FAILED', error: 'States.QueryEvaluationError' });
  });

  it('waits inside items, retries inside items, and nests', async () => {
    const inner = { Type: 'Map', Items: '{% $states.input.bags %}', ItemProcessor: { StartAt: 'Thaw', States: { Thaw: { Type: 'Wait', Seconds: 60, Next: 'Count' }, Count: invoke('count', '{% $states.input %}', { Retry: [{ ErrorEquals: ['Busy'], IntervalSeconds: 60 }], ...END }) } }, ...END };
    const seen = new Set<string>();
    const engine = startEngine(temporaryFolder(), each({ Items: '{% $states.input %}' }, inner, 'Bags'), { count: (bag: string) => { if (!seen.has(bag)) { seen.add(bag); fails('Busy'); } return `${bag} counted`; } });
    engine.begin([{ bags: ['a', 'b'] }, { bags: ['c'] }]);
    await eventually('all bags thawing', () => engine.store.running().filter(({ wakeEpochMs }) => wakeEpochMs !== undefined).length === 3);
    engine.clock.advance(61_000);
    await eventually('all bags tried', () => seen.size === 3 && engine.store.running().filter(({ attempts }) => attempts['0'] === 1).length === 3);
    engine.clock.advance(61_000);
    expect(await engine.ended()).toMatchObject({ output: [['a counted', 'b counted'], ['c counted']] });
    engine.stop();
  });
});

describe('a process that is killed', () => {
  const definition = machineOf('Both', {
    Both: {
      Type: 'Parallel', End: true, Branches: [
        { StartAt: 'Ask', States: { Ask: waitForToken('ask', { Output: '{% $states.result %}', ...END }) } },
        { StartAt: 'Each', States: { Each: { Type: 'Map', MaxConcurrency: 1, ItemProcessor: { StartAt: 'Mix', States: { Mix: invoke('mix', '{% $states.input %}', END) } }, ...END } } },
      ],
    },
  });

  it('leaves executions that another one goes on with: finished items stay done, the interrupted one is done again, the token is still good', async () => {
    const folder = temporaryFolder();
    const killed = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', new URL('./support/engine-process.ts', import.meta.url).pathname, folder, definition], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(killed.stdout, 'data');
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    const engine = startEngine(folder, definition, { ask: () => null, mix: (n: number) => n * 10 });
    engine.resume();
    const { token } = engine.store.running().find(({ called }) => called)!;
    engine.answer(token!, { output: 'release' });
    expect(await engine.ended()).toMatchObject({ status: 'SUCCEEDED', output: ['release', [10, 20, 30, 40]] });
    expect(engine.calls).toEqual([{ name: 'mix', payload: 3 }, { name: 'mix', payload: 4 }]);
    engine.stop();
  });
});
