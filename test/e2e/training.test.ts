import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cohort } from '../../models/federated/cohort.ts';
import { federate, plainSumming } from '../../models/federated/federation.ts';
import { modelFileOf } from '../../models/federated/model-text.ts';
import type { Plan } from '../../models/federated/plan.ts';
import { decodeRows } from '../../models/federated/workflow/stored.ts';
import type { Endpoints, Site } from '../../scripts/client/endpoints.ts';
import { LocalClock } from '../../scripts/client/local-clock.ts';
import { signInAs } from '../../scripts/example/seed-network.ts';
import { readTable } from '../../scripts/federated/table.ts';
import { CloudProcess } from '../support/local/cloud-process.ts';

const state = mkdtempSync(join(tmpdir(), 'bedside-training-'));
const cloud = new CloudProcess(state, 10_000 + Math.floor(Math.random() * 20_000));
let endpoints: Endpoints;
beforeAll(async () => { endpoints = await cloud.start(); });
afterAll(async () => {
  await cloud.end('SIGTERM');
  rmSync(state, { recursive: true, force: true });
});

/** Which hospital of the heart data's study plays which of ours. */
const STUDY = { north: 'cleveland', harbour: 'hungarian', hill: 'va' } as const;
const HOSPITALS = ['harbour', 'hill', 'north'] as const;
const { columns, rows } = readTable('test/fixtures/heart/train.csv');
const features = columns.filter((name) => name !== 'site' && name !== 'label');
const plan: Plan = { method: 'forest', features, label: 'heart-disease', seed: 7, treeCount: 20, depth: 3, binLimit: 32, featuresPerNode: 3, minimumLeaf: 1, learningRate: 0.3, regularisation: 1, rowLimit: 256 };
const numberOf = (text: string): number | null => (text === '' ? null : Number(text));
const rowsOf = (study: string) => rows.flatMap((row, i) => (row[columns.indexOf('site')] === study
  ? [{ recordId: `HEART-${i}`, label: Number(row[columns.indexOf('label')]) as 0 | 1, values: features.map((name) => numberOf(row[columns.indexOf(name)] ?? '')) }] : []));

/** Objects of a site, as its administrator sees them. */
const objectsOf = ({ environment }: Site, bucket: string) => {
  const client = new S3Client({
    endpoint: environment['AWS_ENDPOINT_URL'] ?? '', region: environment['AWS_REGION'] ?? '', forcePathStyle: true,
    credentials: { accessKeyId: environment['AWS_ACCESS_KEY_ID'] ?? '', secretAccessKey: environment['AWS_SECRET_ACCESS_KEY'] ?? '', sessionToken: environment['AWS_SESSION_TOKEN'] ?? '' },
  });
  return {
    keys: async (prefix: string) => (await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix }))).Contents?.map(({ Key }) => Key ?? '') ?? [],
    get: async (key: string) => Buffer.from(await (await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }))).Body!.transformToByteArray()),
  };
};

describe('a training of three hospitals in the local cloud', () => {
  it('runs through the mailbox from start to model, byte for byte that of the pooled rows, with every message on record at both ends', async () => {
    for (const [nodeId, study] of Object.entries(STUDY)) {
      const scientist = await signInAs(endpoints.nodes[nodeId]!, 'scientist');
      await scientist.sign('/v1/training-data', 'responsibility', 0, { datasetId: 'HEART', title: 'Heart data', source: 'UCI heart disease', role: 'training', label: plan.label, features, rows: rowsOf(study) });
    }
    const coordinator = await signInAs(endpoints.network, 'coordinator');
    await coordinator.post('/v1/trainings', { runId: 'TRN-HEART', title: 'Heart disease', purpose: 'Shown in a test', invited: HOSPITALS, plan: { ...plan }, joinWithinMinutes: 60, answerWithinMinutes: 600 });
    const clock = new LocalClock(endpoints);
    let training = await coordinator.get('/v1/trainings/TRN-HEART');
    await cloud.until('the training to end', async () => {
      await clock.advance(60_000);
      // A minute of theirs takes the functions about a second of ours.
      await pause(1000);
      training = await coordinator.get('/v1/trainings/TRN-HEART');
      return training['status'] === 'finished' || training['status'] === 'aborted';
    }, 400);
    expect([training['status'], training['reason'], training['left']]).toEqual(['finished', undefined, {}]);

    const cohorts = await Promise.all(HOSPITALS.map(async (nodeId) => {
      const site = endpoints.nodes[nodeId]!;
      const objects = objectsOf(site, site.outputs['TrainingBucketName'] ?? '');
      return decodeRows(await objects.get((await objects.keys('runs/TRN-HEART/rows/'))[0] ?? ''));
    }));
    const pooled = modelFileOf(federate(plan, 3, plainSumming(plan, cohorts.map((each) => new Cohort(plan, each)))));
    const model = await objectsOf(endpoints.network, endpoints.network.outputs['NetworkModelsBucketName'] ?? '').get(`models/${String(training['modelSha256'])}.json`);
    expect(createHash('sha256').update(model).digest('hex')).toBe(training['modelSha256']);
    expect(model.toString('utf8')).toBe(pooled);

    const taken = (training['history'] as readonly Readonly<Record<string, unknown>>[]).filter(({ type }) => type === 'training-message-taken').length;
    expect(taken).toBe(3 + 3 * 3 * Number(training['round']));
    for (const nodeId of HOSPITALS) {
      const here = await (await signInAs(endpoints.nodes[nodeId]!, 'reviewer')).get('/v1/trainings');
      await cloud.until(`${nodeId} to hear of the end`, async () => {
        await clock.advance(60_000);
        const { items } = await (await signInAs(endpoints.nodes[nodeId]!, 'reviewer')).get('/v1/trainings') as { items: readonly Readonly<{ status: string; modelSha256?: string }>[] };
        return items[0]?.status === 'finished' && items[0].modelSha256 === training['modelSha256'];
      });
      expect(here['items']).toHaveLength(1);
    }
  });
});
