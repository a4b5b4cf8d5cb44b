import { runScript } from './run-script.ts';
import { readDatasetOptions, writeDataset } from './simulate/dataset.ts';
import { readOptions, type Options } from './simulate/options.ts';
import { ownFolder } from './simulate/own-folder.ts';
import { createProgress } from './simulate/progress.ts';
import { readPublishOptions } from './simulate/publish/options.ts';
import { publish } from './simulate/publish/publish.ts';
import { summaryOf } from './simulate/summary.ts';
import { TRIAL_MANIFEST, trialFiles } from './simulate/trial-files.ts';
import { runTrial } from './simulate/trial.ts';
import { readWorld } from './simulate/worlds.ts';

const HELP = `Try ways of running a process on simulated patients.

  npm run simulate -- [--world stress] [--batches 500] [--seed 1] [--arms baseline,assisted] [--out folder]

  --world     stress or published (models/twin/worlds)
  --batches   how many patients; every arm meets the same ones
  --seed      another seed is another set of patients; below 2147483648, above are those the platform itself has learnt from
  --arms      baseline   the recipe as written, records read whole
              assisted   prediction at 72 h, look-ahead in the twin, signed advice, review by exception
              oracle     the ceiling: knows the true cells and every fault, acts at once
              threshold  assisted, but alerted by few cells at 72 h
              always     assisted, but every batch is looked at
              pid, adaptive   the recipe with feed by a PID controller, or by model-predictive advice
  --policy    what the assisted and oracle arms are after besides passing: balanced, fast (release soon) or consistent (potency alike)
  --out       folder for report.json, report.md, batches.csv and plots: a new or empty one, or one of an earlier run, whose files go
  --series    also read every sensor of every culture each minute, and count
  --workers   threads; as many as cores by default
  --help      this text

Or write a training set of its batches, by site:

  npm run simulate -- --dataset folder [--world stress] [--batches 300] [--sites 3] [--seed 1] [--held-out 30]

  --dataset   folder for a CSV a site, pooled.csv, causes.csv and SOURCE.json; what was known at hour 72, and how the batch ended. A new or empty one, or one
              of an earlier run, whose files go
  --sites     hospitals, each with sensors, lots, patients and operators of its own; batches are dealt out evenly
  --held-out  per cent of each site's batches that go to test.csv instead
  --trajectory  hours of a window: instead, whole cultures as process monitoring sees them, each sensor window after window, with
              their ranges in ranges.csv; 300 variables at most
  --hours     of culture that are covered then; to the harvest by default

  Then: npm run train -- --data folder/pooled.csv --label failed --site site --id batch --test folder/test.csv --out model.json
  Of trajectories:  npm run train -- --method monitoring --data folder/pooled.csv --ranges folder/ranges.csv --label failed --site site --id batch --components 4 --out model.json

Or play batches into a node, as a bioreactor that reports over Sparkplug B and obeys:

  npm run simulate -- --publish --node north [--gateway simulator-1] [--device bioreactor-1] [--scale 60] [--batches 1] [--metrics n]

  --node         hospital node; the running local cloud, or see --endpoint
  --gateway      name of the gateway: MQTT client id, Sparkplug edge node id; its credentials are looked for in devices/<node>/<gateway>,
                 as npm run node:device writes them. The local cloud makes them the first time
  --device       name of the bioreactor behind it
  --scale        minutes of culture in a minute: 1 is real time, 0 as fast as the node takes it
  --batches      played one after the other
  --metrics      how many of the twin's sensors report, beside the set-points; all by default
  --from         time of hour 0 in the messages; by default so long ago that the end is dated at its real time
  --credentials  folder with device.key, device.crt, ca.crt and connection.json
  --endpoint     host:port, with --ca, --cert and --key or --credentials: a deployed node
  --state        state folder of the local cloud; .bedside by default

  It takes commands (DCMD) to Bioreactor/Feed Rate Factor (0 to 4), Bioreactor/Dissolved Oxygen Set-Point (%) and Bioreactor/Harvest (1);
  they act on the culture from the next minute on, and the set-point is reported back.

The same options give the same report, byte for byte, whatever the number of workers. Everything is simulated: docs/twin.md says from what, and what was fitted.
`;

const simulate = async ({ world: name, batches, seed, arms, out, workers, series, policy }: Options): Promise<void> => {
  const world = readWorld(name);
  const folder = out === undefined ? undefined : ownFolder('out', out, TRIAL_MANIFEST);
  const tell = { step: (text: string): void => { process.stderr.write(`${text}\n`); }, played: createProgress('batches played', batches) };
  const { report, results } = await runTrial({ world, seed, batches, arms, workers, series, policy }, tell);
  process.stdout.write(summaryOf(report));
  if (folder === undefined) return;
  folder.write(trialFiles(world, report, results));
  process.stdout.write(`\nwrote ${folder.path}: report.json, report.md, batches.csv and plots\n`);
};

const main = async (args: readonly string[]): Promise<void> => {
  const asksFor = (option: string): boolean => args.some((arg) => arg === option || arg.startsWith(`${option}=`));
  if (asksFor('--dataset')) writeDataset(readDatasetOptions(args));
  else if (asksFor('--publish')) await publish(readPublishOptions(args));
  else await simulate(readOptions(args));
};

await runScript(HELP, () => main(process.argv.slice(2)));
