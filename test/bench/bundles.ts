import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { VariableName } from '../../functions/_platform/environment.ts';
import { BUNDLE_FOLDER, bundleFunctions } from '../../infra/bundle.ts';
import { percentile, row, type Row } from './row.ts';

const RUNS = 5;
const SIZE_TARGET_KB = 500;
const run = promisify(execFile);
/** A value of the right form for every variable a function may ask for when it starts. */
const ARN = 'arn:aws:service:eu-west-1:111111111111:resource';
const VARIABLES: Readonly<Record<VariableName | 'AWS_REGION', string>> = {
  AWS_REGION: 'eu-west-1', NODE_ID: 'north', NODE_ACCOUNT: '111111111111', ISSUER_URL: 'https://issuer.invalid/pool', API_URL: 'https://api.invalid', NETWORK_API_URL: 'https://network.invalid', USER_POOL_CLIENT_ID: 'client',
  RECORD_TABLE: 'record', OPERATIONS_TABLE: 'operations', PERSONAL_DATA_TABLE: 'personal', WITNESS_TABLE: 'witness', NETWORK_EVENT_BUS: 'bus', PREDICTION_ENDPOINT: 'endpoint', EXAMPLE_MODEL: 'silent', MODEL_SHA256: '0'.repeat(64),
  TELEMETRY_BUCKET: 'telemetry', DOCUMENT_BUCKET: 'documents', LIBRARY_BUCKET: 'library', MODEL_BUCKET: 'models', NETWORK_MODEL_BUCKET: 'models', TRAINING_BUCKET: 'training', MAILBOX_BUCKET: 'mailbox', LOG_BUCKET: 'log', PACK_BUCKET: 'packs',
  LOG_STAGING_BUCKET: 'staging', LOG_ORIGIN: 'bedside.invalid/north', WITNESS_NAME: 'bedside.invalid/witness/north', WITNESS_QUORUM: '2', DRIFT_EVERY_DAYS: '7', LEAST_COHORT: '5', THINKING_MINUTES: '60', DEVICE_CLOCK_MINUTES: '5', TRAINING_CONSENT: 'after-thinking-time', WITNESS_KEY_ARN: ARN, TRAINING_KEY_ARN: ARN, LOG_KEY_ARN: ARN,
  RELEASE_STATE_MACHINE_ARN: ARN, TRAINING_STATE_MACHINE_ARN: ARN, LOOK_AHEAD_FUNCTION: ARN, COMMANDER_FUNCTION: ARN, MODEL_PUBLISH_FUNCTION: ARN, CERTIFICATE_FUNCTION: ARN, RENDER_FUNCTION: ARN,
};
const SHOWN_CHARACTERS = 300;

/** Milliseconds to import a module in a fresh process, median. */
const importMs = async (path: string): Promise<number> => {
  const times: number[] = [];
  for (let i = 0; i < RUNS; i += 1) {
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', `const began = performance.now(); await import(${JSON.stringify(path)}); process.stdout.write('\\n' + (performance.now() - began));process.exit(0)`], { env: { ...process.env, ...VARIABLES } }).catch((error: unknown) => {
      throw new Error(`${path} does not start: ${(error as Readonly<{ stderr?: string }>).stderr?.split('\n').find((line) => line.startsWith('Error:'))?.slice(0, SHOWN_CHARACTERS) ?? ''}`);
    });
    times.push(Number(stdout.split('\n').at(-1)));
  }
  return percentile(times, 0.5);
};

/** Size of each bundle, and how long its cold import takes beside that of the DynamoDB client alone. */
export const measureBundles = async (): Promise<readonly Row[]> => {
  const { names, metafile } = await bundleFunctions();
  const bytesOf = (name: string): number => Object.entries(metafile.outputs).find(([path]) => path.endsWith(`/${name}/index.mjs`))?.[1].bytes ?? Number.NaN;
  const reference = await importMs('@aws-sdk/client-dynamodb');
  const rows: Row[] = [];
  for (const name of names) {
    // A deployed function of the control site has the register beside it.
    writeFileSync(join(BUNDLE_FOLDER, name, 'nodes.json'), '[]');
    rows.push(row(`bundle ${name}: size`, bytesOf(name) / 1000, 'kB', SIZE_TARGET_KB, 'target, at most'));
    rows.push(row(`bundle ${name}: cold import`, await importMs(join(BUNDLE_FOLDER, name, 'index.mjs')), 'ms', reference, 'the unbundled DynamoDB client'));
    if (readFileSync(join(BUNDLE_FOLDER, name, 'index.mjs')).includes('sso-oidc')) throw new Error(`${name} carries the login chain of the SDK`);
  }
  return rows;
};
