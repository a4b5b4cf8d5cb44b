import { writeFileSync } from 'node:fs';
import { readModelFile } from '../models/forest/model-file.ts';
import { readTrainOptions } from './federated/options.ts';
import { featuresIn, sitesOf } from './federated/partition.ts';
import { readTable } from './federated/table.ts';
import { resultsOf, tableOfResults } from './federated/test-report.ts';
import { planFrom, train } from './federated/train.ts';
import { runScript, UsageError } from './run-script.ts';

const HELP = `Train a model over several sites that share no row: a whole federation in one process.

  npm run train -- --data <file.csv> --label <column> --site <column> --out <model.json> [options]

  --data <file>              CSV with a header; empty, NA, NaN and ? are missing values
  --label <column>           0 or 1 in every row
  --threshold <number>       makes the label: 1 where the label column lies above
  --site <column>            which site holds the row; needed for --partition natural
  --out <file>               where the model goes: XGBoost JSON with its own hash
  --test <file>              CSV with the same columns; prints accuracy, precision, recall and AUC by site, with 95 % intervals
  --partition <how>          natural: by --site (default); pooled: one site; a number: as many stretches of the file
  --id <column>              names a row wherever it lives; the row's number by default
  --features <a,b,...>       input columns; all but label, site and id by default
  --method <name>            forest (default), boosting, or monitoring: principal components, with limits, of the complete batches whose label is 0
  --ranges <file>            monitoring: CSV of name, low, high of every feature, from the specification
  --components <n>           monitoring: 2
  --masks on|off             whether sites hide their sums from the coordinator; on unless there is one site only
  --seed <n> --trees <n> --depth <n> --bins <n> --features-per-node <n> --minimum-leaf <n> --learning-rate <x>
                             1, 100, 6 (boosting 3), 32, root of their number, 1, 0.1 (boosting)
  --help                     this text

The same rows and options give the same file, byte for byte, however the rows are spread over sites.
`;

const writeModel = (file: string, text: string): void => {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new UsageError(`--out: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
};

const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(1)} kB`;

await runScript(HELP, () => {
  const options = readTrainOptions(process.argv.slice(2));
  const table = readTable(options.data);
  const features = featuresIn(table, options);
  const sites = sitesOf(table, options, features);
  const tests = options.test === undefined ? undefined : sitesOf(readTable(options.test), { ...options, partition: options.site === undefined ? 'pooled' : 'natural' }, features);
  const plan = planFrom(options, features, sites);
  process.stdout.write(`${sites.map(({ name, rows }) => `${name}: ${rows.keys.length} rows`).join(', ')}\n${features.length} features, ${plan.monitoring === undefined ? `${plan.method} of ${plan.treeCount} trees of depth ${plan.depth}` : `monitoring by ${plan.monitoring.components} components`}, masks ${options.isMasked ? 'on' : 'off'}\n`);
  const began = performance.now();
  const { run, text, bytesUp } = train(plan, sites, options.isMasked, ({ round, type, openNodes, bytes }) => {
    if (plan.method === 'forest' || round < 3 || round % 50 === 0) process.stdout.write(`round ${round}: ${type === 'level' ? `${openNodes} open nodes` : `${type} counts`}, ${kilobytes(bytes)} from each site\n`);
  });
  writeModel(options.out, text);
  if (run.constant.length > 0) process.stdout.write(`constant over all sites, left out: ${run.constant.join(', ')}\n`);
  process.stdout.write(`${run.round} rounds, ${kilobytes(bytesUp)} up from each site, ${((performance.now() - began) / 1000).toFixed(2)} s; wrote ${options.out}\n`);
  if (tests !== undefined) process.stdout.write(`\n${tableOfResults(resultsOf(readModelFile(text), tests))}\n`);
  return Promise.resolve();
});
