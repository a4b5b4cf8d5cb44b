import { build } from 'esbuild';
import { join } from 'node:path';

const ENTRY = join(import.meta.dirname, 'verify.ts');

/**
 * The verifier as one file that needs Node 20 or later and nothing else: what an inspection pack carries as `verify.mjs`. Readable on purpose:
 * an inspector may want to know what it does. The same sources give the same bytes.
 */
export const bundleVerifier = async (): Promise<Uint8Array> => {
  const { outputFiles: [file] } = await build({
    entryPoints: [ENTRY], absWorkingDir: join(import.meta.dirname, '..'), bundle: true, write: false, platform: 'node', format: 'esm', target: 'node20', charset: 'utf8', legalComments: 'none', logLevel: 'error',
  });
  if (file === undefined) throw new Error('esbuild wrote no file for the verifier; run npm ci and try again');
  return file.contents;
};
