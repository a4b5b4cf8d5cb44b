import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Context } from 'aws-lambda';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bundleFunctions } from '../../infra/bundle.ts';
import type { LookedAhead, Question } from '../../functions/look-ahead/handler.ts';
import { knownFromRecord, observedReadings } from '../../models/twin/advice/observed.ts';
import { fingerprintOf } from '../../models/twin/worlds/fingerprint.ts';
import { worldOf } from '../../models/twin/worlds/load.ts';
import stress from '../../models/twin/worlds/stress.json' with { type: 'json' };
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

it('the bundle that plays ways to go on names itself and the twin as its sources do', async () => {
  const path = Object.keys(outputs).find((each) => each.endsWith('look-ahead/index.mjs'))!;
  const { handler } = await import(pathToFileURL(path).href) as Readonly<{ handler: (question: Question, context: Context) => Promise<LookedAhead> }>;
  const observed = JSON.parse(JSON.stringify({ known: knownFromRecord(() => undefined), readings: observedReadings(0, 72, () => undefined, []), done: [] })) as Question['observed'];
  const { proposals, twin } = await handler({ observed, seed: 1 }, { awsRequestId: 'r-1' } as Context);
  expect(twin).toEqual({ world: 'stress', twinSha256: fingerprintOf(worldOf(stress, 'stress')), codeSha256: createHash('sha256').update(readFileSync(path)).digest('hex') });
  expect(proposals[0]).toMatchObject({ id: 'carry-on' });
});

it('the verifier lies beside the function that gives it to inspectors, the same bytes each time, and beside no other', async () => {
  const carriers = Object.keys(outputs).filter((path) => path.endsWith('index.mjs') && existsSync(join(dirname(path), 'verify.mjs')));
  expect(carriers.map((path) => basename(dirname(path)))).toEqual(['inspection-pack']);
  expect(readFileSync(join(dirname(carriers[0]!), 'verify.mjs')).equals(await bundleVerifier())).toBe(true);
});
