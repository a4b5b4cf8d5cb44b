import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runScript, UsageError } from '../../scripts/run-script.ts';
import { CloudProcess } from '../support/local/cloud-process.ts';
import { measureAppend } from './append.ts';
import { measureAuditLog } from './audit-log.ts';
import { measureBundles } from './bundles.ts';
import { measureCodec } from './codec.ts';
import { measureExample } from './example.ts';
import { measureFederated } from './federated.ts';
import { measureMonitoring } from './monitoring.ts';
import { measureIngest } from './ingest.ts';
import { measureMerge } from './merge.ts';
import { measurePrivate } from './private.ts';
import { measureRecord } from './record.ts';
import { tableOf, type Row } from './row.ts';
import { measureSynth } from './synth.ts';
import { measureTraining } from './training.ts';
import { measureTwinSensors } from './twin-sensors.ts';
import { measureTwinTrial } from './twin-trial.ts';
import { measureTwin } from './twin.ts';
import { measureVerify } from './verify.ts';

const HELP = `Measure speed and size. Every figure stands beside a reference of the same run; about fourteen minutes on two cores.

  npm run bench -- [options]

  --json              one JSON object a row: name, value, unit, reference, ratio, against
  --only <names>      comma-separated: codec, sensors, trial, record, log, verify, bundles, synth, twin, federated, monitoring, private, append, merge, training, ingest, example; all by default
  --seconds <number>  how long telemetry is sent; 60 by default
  --help              this text
`;

const PORT = 19_400;
/** The example batch lasts nearly nine days and begins after the telemetry of the load was sealed. */
const DAYS_BEHIND = '10';
const IN_CLOUD = ['append', 'merge', 'training', 'ingest', 'example'];

const say = (name: string) => (text: string): void => { process.stderr.write(`${name.padEnd(9)} ${text}\n`); };

/** What needs no cloud, in this order. */
const ALONE: readonly (readonly [string, () => readonly Row[] | Promise<readonly Row[]>])[] = [
  ['codec', measureCodec], ['sensors', measureTwinSensors], ['trial', measureTwinTrial], ['record', measureRecord], ['log', measureAuditLog], ['verify', measureVerify], ['bundles', measureBundles],
  ['synth', () => measureSynth(say('synth'))], ['twin', () => measureTwin(say('twin'))], ['federated', () => measureFederated(say('federated'))], ['monitoring', measureMonitoring], ['private', measurePrivate],
];
const NAMES = [...ALONE.map(([name]) => name), ...IN_CLOUD];

const withCloud = async (run: (cloud: CloudProcess, endpoints: Awaited<ReturnType<CloudProcess['start']>>) => Promise<readonly Row[]>): Promise<readonly Row[]> => {
  const state = mkdtempSync(join(tmpdir(), 'bedside-bench-'));
  const cloud = new CloudProcess(state, PORT);
  try {
    return await run(cloud, await cloud.start('--empty', '--days-behind', DAYS_BEHIND));
  } finally {
    await cloud.end('SIGTERM');
    rmSync(state, { recursive: true, force: true });
  }
};

await runScript(HELP, async () => {
  const { values } = parseArgs({ options: { json: { type: 'boolean', default: false }, only: { type: 'string', default: NAMES.join(',') }, seconds: { type: 'string', default: '60' }, help: { type: 'boolean' } } });
  const chosen = values.only.split(',');
  for (const name of chosen) if (!NAMES.includes(name)) throw new UsageError(`--only: got ${name}, want some of ${NAMES.join(', ')}`);
  const seconds = Number(values.seconds);
  if (!(seconds >= 1)) throw new UsageError(`--seconds: got ${values.seconds}, want a number of at least 1`);
  const rows: Row[] = [];
  for (const [name, measure] of ALONE) if (chosen.includes(name)) rows.push(...await measure());
  if (chosen.some((name) => IN_CLOUD.includes(name))) {
    say('cloud')('starting');
    rows.push(...await withCloud(async (cloud, endpoints) => [
      ...(chosen.includes('append') ? await measureAppend(cloud, endpoints, say('append')) : []),
      ...(chosen.includes('merge') ? await measureMerge(endpoints, say('merge')) : []),
      ...(chosen.includes('training') ? await measureTraining(endpoints, say('training')) : []),
      ...(chosen.includes('ingest') ? await measureIngest(cloud, endpoints, seconds, say('ingest')) : []),
      ...(chosen.includes('example') ? await measureExample(cloud, endpoints, say('example')) : []),
    ]));
  }
  process.stdout.write(values.json ? rows.map((each) => `${JSON.stringify(each)}\n`).join('') : `${tableOf(rows)}\n`);
});
