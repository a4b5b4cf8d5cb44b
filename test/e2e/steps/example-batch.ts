import { describe, expect, it } from 'vitest';
import { LocalClock } from '../../../scripts/client/local-clock.ts';
import { SAMPLE_SECONDS } from '../../../scripts/example/example-culture.ts';
import { EXAMPLE_PATIENT } from '../../../scripts/example/example-values.ts';
import { CULTURE_HOURS } from '../../../scripts/example/play-batch.ts';
import { signInAs } from '../../../scripts/example/seed-network.ts';
import { whole } from '../../support/local/answers.ts';
import { type RunningNetwork } from '../running-network.ts';

const HOUR_MS = 3_600_000;

export const exampleBatch = (network: RunningNetwork): void => {
  describe('the example batch', () => {
    const batchId = (): string => network.exampleOf('batchId');
    const record = async (): Promise<{ version: number; hash: string }[]> => {
      const regulator = await signInAs(network.north, 'regulator');
      const events: { version: number; hash: string }[] = [];
      let cursor = '';
      do {
        const page = await regulator.get(`/v1/batches/${batchId()}/record?limit=200${cursor === '' ? '' : `&cursor=${cursor}`}`) as { items: { version: number; hash: string }[]; nextCursor?: string };
        events.push(...page.items);
        cursor = page.nextCursor ?? '';
      } while (cursor !== '');
      return events;
    };
    it('loses nothing acknowledged when everything is killed in the middle of it', async () => {
      await network.until('the expansion', () => network.cloud.output.includes('expansion, day'));
      const before = await record();
      const clock = await new LocalClock(network.endpoints).read();
      expect(clock.offsetMs).toBeGreaterThan(0);
      await network.cloud.end('SIGKILL');
      await network.start();
      const after = await record();
      expect(after.slice(0, before.length)).toEqual(before);
    });
    it('goes on to its certificate', async () => {
      await network.until('the release', () => network.cloud.output.includes('is released'));
      const [operator, regulator] = [await signInAs(network.north, 'operator.one'), await signInAs(network.north, 'regulator')];
      const view = await operator.get(`/v1/batches/${batchId()}`);
      expect(view).toMatchObject({ state: 'complete', disposition: 'release', staged: true, predictions: [{ modelName: 'early-prediction' }] });
      const certificate = await regulator.get(`/v1/batches/${batchId()}/certificate`);
      expect(certificate).toMatchObject({ batchId: batchId(), signatures: [{ meaning: 'approval', printedName: 'Dr Luca Bianchi' }] });
      expect(await operator.get(`/v1/batches/${batchId()}/personal-data`)).toMatchObject({ fields: EXAMPLE_PATIENT, withheld: [] });
      expect((await regulator.request('GET', `/v1/batches/${batchId()}/personal-data`)).status).toBe(403);
      const events = await record() as readonly unknown[];
      expect(JSON.stringify(events)).toContain('"type":"personal-data-recorded"');
      expect(JSON.stringify(events)).not.toContain(EXAMPLE_PATIENT.patientReference);
      // Each sample of the culture: what was acknowledged before the kill, and what the gateway kept and sent after it.
      const { startedAt = '' } = (view['phases'] as readonly { phaseId: string; startedAt?: string }[]).find(({ phaseId }) => phaseId === 'expansion-culture') ?? {};
      const to = new Date(Date.parse(startedAt) + CULTURE_HOURS * HOUR_MS).toISOString();
      const series = await operator.get(`/v1/batches/${batchId()}/telemetry?metric=Bioreactor/Temperature&points=50&from=${startedAt}&to=${to}`) as { sampleCount: number; points: [number, number][] };
      expect(series.sampleCount).toBeGreaterThanOrEqual(CULTURE_HOURS * HOUR_MS / (SAMPLE_SECONDS * 1000));
      const { items } = await whole(regulator, `/v1/batches/${batchId()}/audit-trail`) as { items: { who: string; what: string }[] };
      expect(items.some(({ what }) => what.startsWith('Batch certified for release'))).toBe(true);
      const status = await (await signInAs(network.endpoints.network, 'coordinator')).get('/v1/batches?nodeId=north');
      expect(JSON.stringify(status)).toContain(batchId());
      expect(JSON.stringify(status)).not.toContain(String(view['chainOfIdentityId']));
    });
  });
};
