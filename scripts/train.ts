import { writeFileSync } from 'node:fs';
import { noiseParts, type Plan, type PrivateTerms } from '../models/federated/plan.ts';
import { privacyOf } from '../models/federated/private/promise.ts';
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
  --method <name>            forest (default) and boosting: splits are chosen before anything is counted but sums over all rows in which each row is hidden, so that of a tree nothing is summed but what the model holds;
                             monitoring: principal components, with limits, of the complete batches whose label is 0; private: see --private
  --private --epsilon <x>    a forest that tells little of any row: each changes the chance of any file by a factor of at most e^x
  --curious <n>              private: sites that may join with the coordinator, and the promise still holds for the others' rows; 1
                             each run spends its ε anew, on the same rows too: this command keeps no budget. The losses of all files add up; hospitals keep a budget over the network
  --ranges <file>            CSV of name, low, high of every feature, from the specification and never from the rows: for monitoring and private; for forest and boosting too, which else take ranges from all rows, as nobody in a network could
  --components <n>           monitoring: 2
  --masks on|off             whether sites hide their sums from the coordinator, which takes three; on unless there is one site only
  --seed <n> --trees <n> --depth <n> --bins <n> --features-per-node <n> --minimum-leaf <n> --learning-rate <x>
                             1, 100 (private 20), 6 (boosting, private 3), 32, an eighth of their number, 1, 0.1 (boosting)
  --help                     this text

The same rows and options give the same file, byte for byte, however the rows are spread over sites; a private one has noise that is never the same.
`;

const writeModel = (file: string, text: string): void => {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new UsageError(`--out: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
};

const sketchOf = ({ method, treeCount, depth, monitoring }: Plan): string => (monitoring === undefined ? `${method === 'private' ? 'private forest' : method} of ${treeCount} trees of depth ${depth}` : `monitoring by ${monitoring.components} components`);

/** What a private run promises, and who adds the noise. */
const promiseOf = (plan: Plan, terms: PrivateTerms, sites: number, isMasked: boolean): string => {
  const { epsilon, delta, curious, rowChanges } = privacyOf(terms);
  const parts = isMasked ? noiseParts(plan, sites) : 1;
  return `ε ${epsilon}, δ ${delta} for each row, which changes ${rowChanges}; discrete Laplace noise, ${parts === 1 ? 'whole at each site' : `in shares of 1/${parts} at each site, so that ${parts} of ${sites} suffice`}, with up to ${isMasked ? curious : 'all'} others curious\n`;
};

const kilobytes = (bytes: number): string => `${(bytes / 1000).toFixed(1)} kB`;

await runScript(HELP, () => {
  const options = readTrainOptions(process.argv.slice(2));
  const table = readTable(options.data);
  const features = featuresIn(table, options);
  const sites = sitesOf(table, options, features);
  const tests = options.test === undefined ? undefined : sitesOf(readTable(options.test), { ...options, partition: options.site === undefined ? 'pooled' : 'natural' }, features);
  const plan = planFrom(options, features, sites);
  process.stdout.write(`${sites.map(({ name, rows }) => `${name}: ${rows.keys.length} rows`).join(', ')}\n${features.length} features, ${sketchOf(plan)}, masks ${options.isMasked ? 'on' : 'off'}\n`);
  if (plan.private !== undefined) process.stdout.write(promiseOf(plan, plan.private, sites.length, options.isMasked));
  const began = performance.now();
  const { run, text, bytesUp } = train(plan, sites, options.isMasked, ({ round, type, openNodes, bytes }) => {
    if (plan.method === 'forest' || round < 3 || round % 50 === 0) process.stdout.write(`round ${round}: ${type === 'level' ? `${openNodes} open nodes` : `${type} counts`}, ${kilobytes(bytes)} from each site\n`);
  });
  writeModel(options.out, text);
  if (run.constant.length > 0) process.stdout.write(`left out, for they are constant over all sites or part no rows: ${run.constant.join(', ')}\n`);
  process.stdout.write(`${run.round} rounds, ${kilobytes(bytesUp)} up from each site, ${((performance.now() - began) / 1000).toFixed(2)} s; wrote ${options.out}\n`);
  if (tests !== undefined) process.stdout.write(`\n${tableOfResults(resultsOf(readModelFile(text), tests))}\n`);
  return Promise.resolve();
});
