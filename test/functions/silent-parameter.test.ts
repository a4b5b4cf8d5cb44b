import type { Context } from 'aws-lambda';
import { beforeEach, describe, expect, it } from 'vitest';
import { createGatewayReader } from '../../functions/_platform/gateways.ts';
import { createGovernedBatches } from '../../functions/_platform/governed-batches.ts';
import { createHandler } from '../../functions/batch-monitoring/handler.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { act, advance, BATCH_ROUTE, createEquippedJourney, type Journey } from '../support/journey.ts';
import type { TestNode } from '../support/node.ts';
import { PEOPLE } from '../support/people.ts';

const MINUTE_MS = 60_000;
const SUBJECT = 'bioreactor-1/Temperature';

let node: TestNode;
let journey: Journey;
let counted: number;
let reads: number;
/** Minutes since the bioreactor was taken, at which there is a sample, and what it says. */
let samples: ReadonlyMap<number, number>;
let start: number;

const ports = () => ({
  batches: createGovernedBatches(node.store), gateways: createGatewayReader(node.operations, node.now), tables: node.records.governanceTables, operations: node.operations, now: node.now,
  models: { records: () => Promise.resolve([]), monitoring: () => Promise.reject(new Error('no model')) }, count: (name: string, value: number) => { counted += name === 'CriticalParametersSilent' ? value : 0; },
  reader: {
    series: ([device]: readonly Readonly<{ fromEpochMs: number; toEpochMs: number }>[], metrics: readonly string[]) => {
      reads += 1;
      const within = [...samples].map(([minute, value]) => [start + minute * MINUTE_MS, value] as const).filter(([time]) => device !== undefined && time >= device.fromEpochMs && time < device.toEpochMs);
      return Promise.resolve(metrics.map(() => ({ times: within.map(([time]) => time), values: within.map(([, value]) => value) })));
    },
  },
});
const at = async (...minutes: readonly number[]): Promise<void> => {
  for (const minute of minutes) {
    node.time.epochMs = start + minute * MINUTE_MS;
    await createHandler(ports())({}, { awsRequestId: 'r-1' } as Context);
  }
};
const told = async (): Promise<readonly string[]> => (await Promise.all(['operator', 'site-engineer', 'process-scientist'].map(async (role) =>
  (await node.operations.list<Readonly<{ subject: string }>>(keyOf.work(role, '-').pk, { limit: 50 })).items.map(({ subject }) => `${role} ${subject}`)))).flat();
const ofAll = (subject: string): readonly string[] => ['operator', 'site-engineer', 'process-scientist'].map((role) => `${role} ${subject}`);
const each = (from: number, to: number, value = 37) => Array.from({ length: to - from }, (_, i) => [from + i, value] as const);

beforeEach(async () => {
  ({ node, journey } = await createEquippedJourney());
  await advance(journey, 'culturing');
  [counted, reads, start, samples] = [0, 0, node.time.epochMs, new Map()];
});

describe('a critical parameter of a batch that is made', () => {
  it('is nobody\'s work while it is measured, and costs one short read', async () => {
    samples = new Map(each(0, 60));
    await at(5, 14, 16, 30, 45, 60);
    expect([await told(), counted, reads]).toEqual([[], 0, 4]);
  });
  it('is told of once when it is silent for longer than its master batch record allows, and no more when it is back', async () => {
    samples = new Map([...each(0, 20), ...each(50, 60)]);
    await at(34);
    expect(await told()).toEqual([]);
    await at(36, 37, 38, 45);
    expect([await told(), counted]).toEqual([ofAll(`silence/${journey.batchId}/${SUBJECT}`), 1]);
    await at(51);
    expect([await told(), counted]).toEqual([[], 1]);
    await at(80, 81);
    expect([await told(), counted]).toEqual([ofAll(`silence/${journey.batchId}/${SUBJECT}`), 2]);
  });
  it('is silent where its sensor says nothing good', async () => {
    samples = new Map(each(0, 60, Number.NaN));
    await at(16, 17);
    expect(counted).toBe(1);
  });
  it('is silent where it never spoke, but not before the batch had its device for so long', async () => {
    await at(10, 14, 15);
    expect(counted).toBe(0);
    await at(16, 17);
    expect(counted).toBe(1);
  });
  it('is not told of for what was only late when one looked', async () => {
    samples = new Map(each(0, 20));
    await at(36);
    samples = new Map(each(0, 37));
    await at(37, 38);
    expect([await told(), counted]).toEqual([[], 0]);
  });
  it('is not told of where two looks in a row found its last samples under way', async () => {
    samples = new Map(each(0, 10));
    await at(30);
    samples = new Map(each(0, 30));
    await at(60);
    samples = new Map(each(0, 60));
    await at(90);
    expect([await told(), counted]).toEqual([[], 0]);
    await at(91);
    expect(counted).toBe(1);
  });
  it('is on nobody\'s list once the batch has ended', async () => {
    await at(16, 17);
    await node.ok(PEOPLE.operator, `POST ${BATCH_ROUTE}/abort`, { path: { batchId: journey.batchId }, body: { reason: 'contaminated', signature: node.sign(PEOPLE.operator, 'responsibility', (await node.batch(journey.batchId)).version) } });
    await at(18);
    expect([await told(), (await node.operations.list(keyOf.silentParameters('-').pk, { limit: 5 })).items]).toEqual([[], []]);
  });
  it('is watched on a batch that is held', async () => {
    await act(journey, PEOPLE.operator, `${BATCH_ROUTE}/hold`, { reason: 'power failure' });
    await at(16, 17);
    expect(counted).toBe(1);
  });
});
