import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { BUNDLE_FOLDER, bundleFunctions } from '../../infra/bundle.ts';
import { percentile, row, type Row } from './row.ts';

const RUNS = 5;
const SIZE_TARGET_KB = 500;
const run = promisify(execFile);
/** Whatever a function's settings are called, they are there; nothing is called at import. */
const SETTINGS = `process.env = new Proxy({ ...process.env, AWS_REGION: 'eu-west-1', NODES: '[]' }, { get: (held, name) => held[name] ?? (typeof name === 'string' && /^[A-Z][A-Z_0-9]+$/.test(name) && !/^(NODE|AWS|POWERTOOLS|LOG)_/.test(name) ? 'none' : undefined) });`;

/** Milliseconds to import a module in a fresh process, median. */
const importMs = async (path: string): Promise<number> => {
  const times: number[] = [];
  for (let i = 0; i < RUNS; i += 1) {
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', `${SETTINGS} const began = performance.now(); await import(${JSON.stringify(path)}); process.stdout.write('\\n' + (performance.now() - began));process.exit(0)`]);
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
    rows.push(row(`bundle ${name}: size`, bytesOf(name) / 1000, 'kB', SIZE_TARGET_KB, 'target, at most'));
    rows.push(row(`bundle ${name}: cold import`, await importMs(join(BUNDLE_FOLDER, name, 'index.mjs')), 'ms', reference, 'the unbundled DynamoDB client'));
    if (readFileSync(join(BUNDLE_FOLDER, name, 'index.mjs')).includes('sso-oidc')) throw new Error(`${name} carries the login chain of the SDK`);
  }
  return rows;
};
