import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { Cohort } from '../../../models/federated/cohort.ts';
import { federate, plainSumming } from '../../../models/federated/federation.ts';
import { modelFileOf } from '../../../models/federated/model-text.ts';
import type { Plan } from '../../../models/federated/plan.ts';
import { decodeRows } from '../../../models/federated/workflow/stored.ts';
import { signInAs } from '../../../scripts/example/seed-network.ts';
import { objectsOf } from '../../support/local/site-objects.ts';
import type { RunningNetwork } from '../running-network.ts';

const RUN = 'cd19-early-failure-1';
const HOSPITALS = ['harbour', 'hill', 'north'] as const;
type Training = Readonly<{ status: string; reason?: string; left: object; round: number; rows: number; modelSha256: string; plan: Plan; history: readonly Readonly<Record<string, unknown>>[] }>;

/** Three hospitals and a mailbox: no row leaves a hospital, and the model is that of all rows together. */
export const federatedTraining = (network: RunningNetwork): void => {
  describe('a federated training', () => {
    it('ends with the model file of the pooled rows, byte for byte, and every message on record at both ends', async () => {
      const coordinator = await signInAs(network.endpoints.network, 'coordinator');
      await network.until('the training to end', async () => ['finished', 'aborted'].includes(String((await coordinator.request('GET', `/v1/trainings/${RUN}`)).body['status'])));
      const training = await coordinator.get(`/v1/trainings/${RUN}`) as unknown as Training;
      expect([training.status, training.reason, training.left]).toEqual(['finished', undefined, {}]);
      const cohorts = await Promise.all(HOSPITALS.map(async (nodeId) => {
        const site = network.endpoints.nodes[nodeId]!;
        const objects = objectsOf(site, site.outputs['TrainingBucketName'] ?? '');
        return new Cohort(training.plan, decodeRows(await objects.get((await objects.keys(`runs/${RUN}/rows/`))[0] ?? '')));
      }));
      expect(cohorts.reduce((sum, { size }) => sum + size, 0)).toBe(training.rows);
      const model = await objectsOf(network.endpoints.network, network.endpoints.network.outputs['NetworkModelsBucketName'] ?? '').get(`models/${training.modelSha256}.json`);
      expect(createHash('sha256').update(model).digest('hex')).toBe(training.modelSha256);
      expect(model.toString('utf8')).toBe(modelFileOf(federate(training.plan, HOSPITALS.length, plainSumming(training.plan, cohorts))));
      expect(training.history.filter(({ type }) => type === 'training-message-taken')).toHaveLength(HOSPITALS.length + 3 * HOSPITALS.length * training.round);
      for (const nodeId of HOSPITALS) {
        const reviewer = await signInAs(network.endpoints.nodes[nodeId]!, 'reviewer');
        const { items: partners } = await reviewer.get('/v1/training-partners') as { items: readonly Readonly<{ siteId: string; isConfirmed: boolean }>[] };
        expect(partners.map(({ siteId, isConfirmed }) => [siteId, isConfirmed])).toEqual(HOSPITALS.filter((siteId) => siteId !== nodeId).map((siteId) => [siteId, true]));
        await network.until(`${nodeId} to hear of the end`, async () => {
          const { items } = await reviewer.get('/v1/trainings') as { items: readonly Readonly<{ runId: string; status: string; modelSha256?: string }>[] };
          return items.some(({ runId, status, modelSha256 }) => runId === RUN && status === 'finished' && modelSha256 === training.modelSha256);
        });
      }
    });
  });
};
