import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { DomainError } from '../shared/errors.ts';
import { predict } from '../models/forest/evaluate.ts';
import { readModelFile } from '../models/forest/model-file.ts';
import { TreeShap } from '../models/forest/shap.ts';
import type { Forest } from '../models/forest/tree.ts';
import { numbersOf, readTable } from './federated/table.ts';
import { runScript, UsageError } from './run-script.ts';

const HELP = `Score rows with a model that npm run train wrote.

  npm run score -- --model <model.json> --data <file.csv> [--shap] > scores.csv

  --model <file>   refused when a byte of it was changed
  --data <file>    CSV with a column for each feature of the model; others are ignored; empty, NA, NaN and ? are missing values
  --shap           adds what each feature contributes (exact TreeSHAP); expected and contributions add up to the score
                   (to its log odds for a boosting)
  --help           this text

Prints CSV: row (from 1), score, and with --shap expected and one column a feature.
`;

const modelFrom = (file: string): Forest => {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`--model: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  try {
    return readModelFile(text);
  } catch (error) {
    if (error instanceof DomainError) throw new UsageError(`--model ${file}: ${error.message}`, { cause: error });
    throw error;
  }
};

/** RFC 4180. */
const quoted = (name: string): string => (/[",\r\n]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name);

// The reader may stop early, as `head` does.
process.stdout.on('error', (error: NodeJS.ErrnoException) => { if (error.code !== 'EPIPE') throw error; });

await runScript(HELP, () => {
  const { values } = parseArgs({ options: { model: { type: 'string' }, data: { type: 'string' }, shap: { type: 'boolean', default: false }, help: { type: 'boolean' } } });
  if (values.model === undefined || values.data === undefined) throw new UsageError(`--${values.model === undefined ? 'model' : 'data'}: got nothing, want a file`);
  const forest = modelFrom(values.model);
  const table = readTable(values.data);
  const columns = forest.featureNames.map((name) => numbersOf(table, 'a feature of the model', name));
  const shap = values.shap ? new TreeShap(forest) : undefined;
  const lines = [['row', 'score', ...(shap === undefined ? [] : ['expected', ...forest.featureNames.map(quoted)])].join(',')];
  for (let row = 0; row < table.rows.length; row += 1) {
    const features = columns.map((column) => column[row] ?? Number.NaN);
    const explanation = shap?.explain(features);
    lines.push([row + 1, predict(forest, features), ...(explanation === undefined ? [] : [explanation.expected, ...explanation.contributions])].join(','));
  }
  process.stdout.write(`${lines.join('\n')}\n`);
  return Promise.resolve();
});
