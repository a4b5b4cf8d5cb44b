import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bundleFunctions } from '../../infra/bundle.ts';
import { bundleVerifier } from '../../scripts/verify-bundle.ts';

const folder = mkdtempSync(join(tmpdir(), 'bundles-'));
let outputs: Readonly<Record<string, { bytes: number }>>;
beforeAll(async () => { outputs = (await bundleFunctions({ outdir: join(folder, 'functions') })).metafile.outputs; });
afterAll(() => { rmSync(folder, { recursive: true, force: true }); });

it('bundles stay small, and none carries the SDK\'s login chain', () => {
  const bundles = Object.entries(outputs).filter(([path]) => path.endsWith('index.mjs'));
  expect(bundles.length).toBeGreaterThan(15);
  for (const [path] of bundles) expect(readFileSync(path, 'utf8')).not.toContain('sso-oidc');
  expect(bundles.filter(([, { bytes }]) => bytes > 500_000).map(([path]) => path)).toEqual([]);
});

it('the verifier lies beside the function that gives it to inspectors, the same bytes each time, and beside no other', async () => {
  const carriers = Object.keys(outputs).filter((path) => path.endsWith('index.mjs') && existsSync(join(dirname(path), 'verify.mjs')));
  expect(carriers.map((path) => basename(dirname(path)))).toEqual(['inspection-pack']);
  expect(readFileSync(join(dirname(carriers[0]!), 'verify.mjs')).equals(await bundleVerifier())).toBe(true);
});
