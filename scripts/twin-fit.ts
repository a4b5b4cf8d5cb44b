import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { baselineOf } from '../models/twin/fit/baseline.ts';
import { fitBaseline } from '../models/twin/fit/fit.ts';
import { fitRelease } from '../models/twin/fit/release.ts';
import { TARGETS } from '../models/twin/fit/targets.ts';
import { OWN_SEEDS } from '../models/twin/seeds.ts';
import { runScript, UsageError } from './run-script.ts';
import { readWorld, WORLD_FOLDER } from './simulate/worlds.ts';

const HELP = `Fit the baseline of a simulated world, and nothing else: no arm that intervenes is run.

  npm run twin:fit -- --world <stress|published> [--batches 8000] [--sweeps 5] [--window 1]

--window below 1 starts from the figures in the file and looks that share of each range around them.
Each fitted figure has one statistic of the untouched process that it must bring to its target (models/twin/fit/targets.ts). Writes the figures into models/twin/worlds/<world>.json and
what was reached, on the fitting seed and on another, into <world>.fit.json, with the seeds, the window and the figures it began from. The same command from the same figures gives the same files.
`;
const { fit: FIT_SEED, fitCheck: CHECK_SEED } = OWN_SEEDS;

/** Put a figure in its place in the file and leave the rest as people wrote it. */
const withFigure = (text: string, path: string, value: number): string => {
  const [outer, inner, key] = path.split('.') as [string, string, string];
  const place = new RegExp(`("${outer}": \\{[\\s\\S]*?"${inner}": \\{[^}]*"${key}": )-?[0-9.]+`);
  if (!place.test(text)) throw new UsageError(`${path}: not found in the world's file`);
  return text.replace(place, `$1${value}`);
};

await runScript(HELP, () => {
  const { values } = parseArgs({ options: { world: { type: 'string', default: 'stress' }, batches: { type: 'string', default: '8000' }, window: { type: 'string', default: '1' }, sweeps: { type: 'string', default: '5' }, help: { type: 'boolean' } } });
  const name = values.world;
  if (name !== 'stress' && name !== 'published') throw new UsageError(`--world: got ${name}, want stress or published`);
  const [batches, sweeps, window] = [Number(values.batches), Number(values.sweeps), Number(values.window)];
  if (!(window > 0 && window <= 1)) throw new UsageError(`--window: got ${values.window}, want a share of each range, above 0, at most 1`);
  if (!(Number.isInteger(batches) && batches >= 100 && Number.isInteger(sweeps) && sweeps >= 1)) throw new UsageError(`--batches, --sweeps: got ${values.batches}, ${values.sweeps}, want whole numbers, at least 100 and 1`);
  const grown = fitBaseline(readWorld(name), TARGETS[name], { seed: FIT_SEED, batches, sweeps, window }, (sweep, path, value) => { process.stdout.write(`sweep ${sweep + 1} of ${sweeps}  ${path.padEnd(32)} ${value.toPrecision(4)}\n`); });
  const { baseline } = grown;
  const read = name === 'stress' ? fitRelease(grown.world, { seed: FIT_SEED, batches, failureRate: baseline.failureRate }) : undefined;
  const world = read?.world ?? grown.world;
  const fitted = [...grown.fitted, ...(read === undefined ? [] : [read.fitted])];
  const file = join(WORLD_FOLDER, `${name}.json`);
  writeFileSync(file, fitted.reduce((text, { path, value }) => withFigure(text, path, value), readFileSync(file, 'utf8')));
  const report = { world: name, method: 'each figure bisected on its own statistic, in sweeps, on the same batches; baseline only', batches, sweeps, window, seeds: { fit: FIT_SEED, check: CHECK_SEED }, fitted, baseline, onOtherSeed: baselineOf(world, CHECK_SEED, batches) };
  writeFileSync(join(WORLD_FOLDER, `${name}.fit.json`), `${JSON.stringify(report, null, 2)}\n`);
  for (const { path, value, statistic, target, reached } of fitted) process.stdout.write(`${path.padEnd(32)} ${String(value).padEnd(10)} ${statistic}: want ${target.toPrecision(4)}, got ${reached.toPrecision(4)}\n`);
  return Promise.resolve();
});
