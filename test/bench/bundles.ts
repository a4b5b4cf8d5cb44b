import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { BUNDLE_FOLDER, bundleFunctions } from '../../infra/bundle.ts';
import { percentile, row, type Row } from './row.ts';

const RUNS = 5;
const SIZE_TARGET_KB = 500;
const run = promisify(execFile);
/** A value of the right form for every variable a function may ask for when it starts. */
const VARIABLES = {
  NODE_ID: 'north', NODE_ACCOUNT: '111111111111', RECORD_TABLE: 'record', OPERATIONS_TABLE: 'operations', NETWORK_TABLE: 'network', TELEMETRY_BUCKET: 'telemetry', DOCUMENT_BUCKET: 'documents', LIBRARY_BUCKET: 'library', ISSUER_URL: 'https://issuer.invalid/pool',
  USER_POOL_CLIENT_ID: 'client', RELEASE_STATE_MACHINE_ARN: 'arn:aws:states:eu-west-1:111111111111:stateMachine:release', PREDICTION_ENDPOINT: 'endpoint', NETWORK_EVENT_BUS: 'bus', MODEL_SHA256: '0'.repeat(64), AWS_REGION: 'eu-west-1',
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
