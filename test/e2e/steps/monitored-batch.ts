import { describe, expect, it } from 'vitest';
import { signInAs } from '../../../scripts/example/seed-network.ts';
import { whole } from '../../support/local/answers.ts';
import type { RunningNetwork } from '../running-network.ts';

const MODEL_ID = 'cd19-expansion-monitoring';
const WINDOW_HOURS = 12;
const SENSORS = ['glucose', 'lactate', 'log-density', 'oxygen', 'ph'];

type Distances = Readonly<{ t2: number; q: number }>;
type Point = Distances & Readonly<{ hour: number; limits: readonly (Distances & Readonly<{ level: number }>)[]; confidence: number; isBeyond: boolean; missing: readonly string[] }>;
type Monitoring = Readonly<{
  model?: Readonly<{ modelId: string; version: number; sha256: string }>; points: readonly Point[];
  contributions?: Readonly<{ hour: number; variables: readonly (Distances & Readonly<{ sensor: string; toHour: number; value: number | null }>)[]; sensors: readonly (Distances & Readonly<{ sensor: string }>)[] }>;
}>;
type Version = Readonly<{ state: string; training: Readonly<{ artefactSha256: string }> }>;

const read = async (network: RunningNetwork, query = ''): Promise<Monitoring> => (await (await signInAs(network.north, 'regulator')).get(`/v1/batches/${network.exampleOf('batchId')}/monitoring${query}`)) as unknown as Monitoring;
const versionOf = async (network: RunningNetwork): Promise<Version | undefined> => ((await (await signInAs(network.endpoints.network, 'regulator')).request('GET', `/v1/models/${MODEL_ID}`)).body['versions'] as readonly Version[] | undefined)?.[0];

/** A running batch, held at each window against what three hospitals' batches did. */
export const monitoredBatch = (network: RunningNetwork): void => {
  describe('process monitoring of a running batch', () => {
    it('is by a model that three hospitals trained in one round, tested on whole cultures and put to use like any other', async () => {
      await network.until('the monitoring model to be active', async () => (await versionOf(network))?.state === 'active');
      const training = await (await signInAs(network.endpoints.network, 'coordinator')).get(`/v1/trainings/${MODEL_ID}-1`);
      expect(training).toMatchObject({ status: 'finished', round: 1, left: {}, modelSha256: (await versionOf(network))!.training.artefactSha256 });
    });
    it('shows the regulator T² and Q of an hour with their limits, and what each sensor contributed', async () => {
      await network.until('the culture', () => network.cloud.output.includes('expansion, day'));
      await network.until('two judged hours', async () => (await read(network)).points.length > 1);
      const { points: [first], model, contributions } = await read(network, `?hour=${WINDOW_HOURS}`);
      expect(model).toEqual({ modelId: MODEL_ID, version: 1, sha256: (await versionOf(network))!.training.artefactSha256 });
      expect(first).toMatchObject({ hour: WINDOW_HOURS, isBeyond: false });
      expect(first!.limits.map(({ level }) => level)).toEqual([0.95, 0.99]);
      for (const { t2, q } of first!.limits) expect([first!.t2 < t2, first!.q < q]).toEqual([true, true]);
      expect([contributions!.hour, contributions!.sensors.map(({ sensor }) => sensor).toSorted()]).toEqual([WINDOW_HOURS, SENSORS]);
      expect(contributions!.sensors.reduce((sum, { t2 }) => sum + t2, 0)).toBeCloseTo(first!.t2, 9);
      expect(contributions!.variables.every(({ value, toHour }) => value !== null && toHour === WINDOW_HOURS)).toBe(true);
    });
  });
};

/** The same batch after its scientist's set-points were written: it goes as no batch went that the model knows. */
export const monitoredToItsEnd = (network: RunningNetwork): void => {
  describe('process monitoring at the end of the batch', () => {
    it('has judged every window, none of the first three days beyond the limits', async () => {
      const { points } = await read(network);
      expect(points.map(({ hour }) => hour)).toEqual(Array.from({ length: points.length }, (_, i) => (i + 1) * WINDOW_HOURS));
      expect(points.length).toBeGreaterThanOrEqual(15);
      expect(points.filter(({ hour, isBeyond }) => isBeyond && hour <= 72)).toEqual([]);
    });
    it('has said once what the model makes of the whole culture, and what course it took, before the review looked at the record', async () => {
      const { items } = await whole(await signInAs(network.north, 'regulator'), `/v1/batches/${network.exampleOf('batchId')}/audit-trail`) as { items: readonly Readonly<{ type: string }>[] };
      const types = items.map(({ type }) => type);
      for (const said of ['monitoring-concluded', 'trajectory-recorded']) {
        expect(types.filter((type) => type === said)).toHaveLength(1);
        expect(types.indexOf(said)).toBeLessThan(types.indexOf('review-performed'));
      }
    });
    it('has each departure that the signed set-points made on record, once, for awareness, in the trail that a regulator reads', async () => {
      const scientist = await signInAs(network.north, 'scientist');
      const path = `/v1/batches/${network.exampleOf('batchId')}`;
      const { recommendations } = await scientist.get(`${path}/interventions`) as unknown as Readonly<{ recommendations: readonly Readonly<{ output: string; state: string; askedOf: readonly string[]; monitoring?: Readonly<{ fromHour: number }>; explanation: readonly Readonly<{ feature: string }>[] }>[] }>;
      const alarms = recommendations.filter(({ output }) => output === 'process-monitoring-alarm');
      const { points } = await read(network);
      const isBeyond = (i: number): boolean => points[i]?.isBeyond === true;
      const departures = points.flatMap(({ hour }, i) => (isBeyond(i) && !isBeyond(i - 1) && isBeyond(i + 1) ? [['for-awareness', hour]] : []));
      expect(departures[0]?.[1]).toBeGreaterThan(72);
      expect(alarms.map(({ state, monitoring }) => [state, monitoring!.fromHour])).toEqual(departures);
      expect(alarms[0]!.explanation.map(({ feature }) => feature)).toContainEqual(expect.stringMatching(/^oxygen-mean-/));
      const { items } = await whole(await signInAs(network.north, 'regulator'), `${path}/audit-trail`) as { items: readonly Readonly<{ type: string; who: string }>[] };
      expect(items.filter(({ type, who }) => type === 'recommendation-made' && who.includes('batch-monitoring'))).toHaveLength(alarms.length);
    });
  });
};
