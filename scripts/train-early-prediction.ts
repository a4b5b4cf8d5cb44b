import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { boost } from '../models/forest/boost.ts';
import { predict } from '../models/forest/evaluate.ts';
import { writeXgboostJson } from '../models/forest/xgboost-json.ts';
import { FEATURE_NAMES } from '../models/early-prediction/features.ts';
import { simulatedRow } from '../models/early-prediction/simulated-row.ts';

const HELP = `Train the synthetic early-prediction model.

  npm run model:train -- [--batches n] [--seed n] [--out folder]

Cultures are simulated (models/expansion); the same seed gives the same file, byte for byte. The model is synthetic and not for use on patients.
`;
const NOTICE = 'Synthetic. Trained on simulated cultures only. Not for use on patients.';
const HELD_OUT_SHARE = 0.3;

const auc = (scores: readonly number[], labels: readonly number[]): number => {
  const positives = scores.filter((_, i) => labels[i] === 1);
  const negatives = scores.filter((_, i) => labels[i] === 0);
  const wins = positives.reduce((sum, p) => sum + negatives.reduce((won, n) => won + (p > n ? 1 : p === n ? 0.5 : 0), 0), 0);
  return wins / (positives.length * negatives.length);
};

const { values } = parseArgs({ options: { batches: { type: 'string', default: '1200' }, seed: { type: 'string', default: '1' }, out: { type: 'string', default: join(import.meta.dirname, '..', 'models', 'early-prediction') }, help: { type: 'boolean', default: false } } });
if (values.help) {
  process.stdout.write(HELP);
  process.exit(0);
}
const count = Number(values.batches);
const seed = Number(values.seed);
if (!Number.isInteger(count) || count < 50) throw new Error(`--batches: got ${values.batches}, want an integer of at least 50`);

const rows = Array.from({ length: count }, (_, i) => {
  if (process.stdout.isTTY && i % 20 === 0) process.stdout.write(`\rsimulating ${i} of ${count} cultures`);
  return simulatedRow((seed * 1_000_003 + i) % 2 ** 32);
});
const heldOut = Math.floor(count * HELD_OUT_SHARE);
const [test, train] = [rows.slice(0, heldOut), rows.slice(heldOut)];
const forest = boost(train.map(({ features }) => features), train.map(({ label }) => label), FEATURE_NAMES, { treeCount: 30, depth: 3, learningRate: 0.15, minimumCover: 2, regularisation: 1 });
const scores = test.map(({ features }) => predict(forest, features));
const labels = test.map(({ label }) => label);
const report = { batches: count, seed, trainedOn: train.length, heldOut: test.length, failuresHeldOut: labels.filter((label) => label === 1).length, aucHeldOut: Number(auc(scores, labels).toFixed(4)) };
const out = resolve(values.out);
mkdirSync(out, { recursive: true });
writeFileSync(join(out, 'model.json'), writeXgboostJson(forest, { notice: NOTICE, report: JSON.stringify(report) }));
writeFileSync(join(out, 'model-card.md'), `# Early prediction: model card

**${NOTICE}**

Question: will a culture end without meeting its release criteria, judged at 72 hours? Output: a probability, for awareness; it starts no action.

| | |
|---|---|
| trained on | ${report.trainedOn} simulated cultures, seed ${seed} |
| held out | ${report.heldOut} simulated cultures, ${report.failuresHeldOut} of them failures |
| area under the ROC curve, held out | ${report.aucHeldOut} |
| inputs | ${FEATURE_NAMES.join(', ')} |
| form | 30 boosted trees of depth 3, logistic, XGBoost JSON |

The figures say how well the model has learnt the simulator, and nothing about patients.
`);
process.stdout.write(`${process.stdout.isTTY ? '\r\u001b[K' : ''}wrote ${join(out, 'model.json')}\n${JSON.stringify(report, null, 2)}\n`);
