import { parseArgs } from 'node:util';
import { GAINS } from '../models/twin/control/pid.ts';
import { tunePid } from '../models/twin/trial/tune-pid.ts';
import { runScript, UsageError } from './run-script.ts';
import { readWorld } from './simulate/worlds.ts';

const HELP = `Find the gains of the PID arm on training batches, which no trial may take.

  npm run twin:tune -- [--world stress] [--batches 100]

Tries every combination of the grid in models/twin/trial/tune-pid.ts and prints the one with the least mean cost (models/twin/control/cost.ts). Writes nothing: gains are set by hand in models/twin/control/pid.ts.
`;
const MOST_BATCHES = 2000;

await runScript(HELP, () => {
  const { values } = parseArgs({ options: { world: { type: 'string', default: 'stress' }, batches: { type: 'string', default: '100' }, help: { type: 'boolean' } } });
  const batches = Number(values.batches);
  if (!(Number.isInteger(batches) && batches >= 1 && batches <= MOST_BATCHES)) throw new UsageError(`--batches: got ${values.batches}, want a whole number from 1 to ${MOST_BATCHES}`);
  const world = readWorld(values.world);
  const [best, shipped] = [tunePid(world, batches), tunePid(world, batches, [GAINS])];
  process.stdout.write(`best     ${best.cost.toFixed(4)}  ${JSON.stringify(best.gains)}\nshipped  ${shipped.cost.toFixed(4)}  ${JSON.stringify(shipped.gains)}\n`);
  return Promise.resolve();
});
