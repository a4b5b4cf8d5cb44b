import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { FEATURE_NAMES } from '../models/early-prediction/features.ts';
import { boost } from '../models/forest/boost.ts';
import { predict } from '../models/forest/evaluate.ts';
import { writeXgboostJson } from '../models/forest/xgboost-json.ts';
import { streamOf } from '../models/random/streams.ts';
import { HIGHEST_SEED, OWN_SEEDS, SEED_LIMIT } from '../models/twin/seeds.ts';
import type { DatasetRow } from '../models/twin/site/row.ts';
import { runScript, wholeNumber } from './run-script.ts';
import { simulateSites } from './simulate/dataset.ts';
import { fingerprintOf } from '../models/twin/worlds/fingerprint.ts';
import { createProgress } from './simulate/progress.ts';
import { readWorld } from './simulate/worlds.ts';

const HELP = `Train the synthetic early-prediction model.

  npm run model:train -- [--world stress] [--batches 3000] [--sites 6] [--seed 2952790017] [--out folder]

  --seed   from 2147483648 on: those below are for trials, data sets and play, from which the shipped model must not have learnt

Batches come from the digital twin (models/twin), from sites that differ as hospitals do; the same options give the same file, byte for byte. The model is synthetic and not for use on patients.
`;
const NOTICE = 'Synthetic. Trained on simulated cultures only. Not for use on patients.';
const HELD_OUT_SHARE = 0.3;
const [LEAST_BATCHES, MOST_BATCHES, MOST_SITES] = [50, 100_000, 1000] as const;
const OUT = join(import.meta.dirname, '..', 'models', 'early-prediction');
const TREES = { treeCount: 30, depth: 3, learningRate: 0.15, minimumCover: 2, regularisation: 1 } as const;

type Report = Readonly<{ world: string; sites: number; batches: number; seed: number; trainedOn: number; heldOut: number; failuresHeldOut: number; aucHeldOut: number; twinSha256: string }>;

const auc = (scores: readonly number[], labels: readonly number[]): number => {
  const positives = scores.filter((_, i) => labels[i] === 1);
  const negatives = scores.filter((_, i) => labels[i] === 0);
  const wins = positives.reduce((sum, p) => sum + negatives.reduce((won, n) => won + (p > n ? 1 : p === n ? 0.5 : 0), 0), 0);
  return wins / (positives.length * negatives.length);
};

const cardOf = ({ world, sites, seed, trainedOn, heldOut, failuresHeldOut, aucHeldOut }: Report): string => `# Early prediction: model card

**${NOTICE}**

Question: will a culture end without meeting its release criteria, judged at 72 hours? Output: a probability, for awareness; it starts no action.

| | |
|---|---|
| trained on | ${trainedOn} batches of the digital twin, world "${world}", ${sites} sites, seed ${seed} |
| held out | ${heldOut} batches of the same sites, ${failuresHeldOut} of them failures |
| area under the ROC curve, held out | ${aucHeldOut} |
| inputs | ${FEATURE_NAMES.join(', ')} |
| form | ${TREES.treeCount} boosted trees of depth ${TREES.depth}, logistic, XGBoost JSON |

The figures say how well the model has learnt the twin, and nothing about patients. Failures whose cause lies after hour 72 (a pump that breaks on day 7) can not be seen at 72 hours.
`;

/** Batches in an order of chance, so that every site is in both parts. */
const shuffled = (rows: readonly DatasetRow[], seed: number): readonly DatasetRow[] => {
  const random = streamOf(seed, 0, 'held out');
  return rows.map((row) => ({ row, key: random.uniform() })).sort((a, b) => a.key - b.key).map(({ row }) => row);
};

const deployedFeatures = ({ features }: DatasetRow): readonly number[] => features.slice(0, FEATURE_NAMES.length);

const train = (): void => {
  const { values } = parseArgs({ options: { world: { type: 'string', default: 'stress' }, batches: { type: 'string', default: '3000' }, sites: { type: 'string', default: '6' }, seed: { type: 'string', default: String(OWN_SEEDS.deployed) }, out: { type: 'string', default: OUT }, help: { type: 'boolean', default: false } } });
  const batches = wholeNumber('batches', values.batches, LEAST_BATCHES, MOST_BATCHES);
  const [sites, seed] = [wholeNumber('sites', values.sites, 1, Math.min(batches, MOST_SITES)), wholeNumber('seed', values.seed, SEED_LIMIT, HIGHEST_SEED)];
  const world = readWorld(values.world);
  const rows = shuffled(simulateSites(world, { batches, sites, seed }, createProgress('batches simulated', batches)).flatMap((site) => site.rows), seed);
  const heldOut = Math.floor(batches * HELD_OUT_SHARE);
  const [test, learn] = [rows.slice(0, heldOut), rows.slice(heldOut)];
  const forest = boost(learn.map(deployedFeatures), learn.map(({ failed }) => failed), FEATURE_NAMES, TREES);
  const labels = test.map(({ failed }) => failed);
  const aucHeldOut = Number(auc(test.map((row) => predict(forest, deployedFeatures(row))), labels).toFixed(4));
  const report: Report = { world: values.world, sites, batches, seed, trainedOn: learn.length, heldOut: test.length, failuresHeldOut: labels.filter((label) => label === 1).length, aucHeldOut, twinSha256: fingerprintOf(world) };
  const out = resolve(values.out);
  mkdirSync(out, { recursive: true });
  writeFileSync(join(out, 'model.json'), writeXgboostJson(forest, { notice: NOTICE, report: JSON.stringify(report) }));
  writeFileSync(join(out, 'model-card.md'), cardOf(report));
  process.stdout.write(`wrote ${join(out, 'model.json')}\n${JSON.stringify(report, null, 2)}\n`);
};

await runScript(HELP, () => Promise.resolve().then(train));
