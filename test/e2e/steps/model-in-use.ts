import { EARLY_FAILURE } from '../../../scripts/learning/early-failure.ts';
import { describe, expect, it } from 'vitest';
import { signInAs } from '../../../scripts/example/seed-network.ts';
import { CASES } from '../../../scripts/learning/learn-first.ts';
import type { RunningNetwork } from '../running-network.ts';

const MODEL = '/v1/models/cd19-early-failure';
type Calibrated = Readonly<{ calibration: Readonly<{ positives: readonly number[]; negatives: readonly number[] }>; calibrationManifestSha256: string }>;
type Reported = Readonly<{ sites: readonly Readonly<{ nodeId: string; statementSha256: string }>[]; distributions: readonly Readonly<{ name: string; counts: readonly number[] }>[] }>;
type Version = Readonly<{ state: string; training: Readonly<{ artefactSha256: string }> }>;

/** After the training: what people sign before a model may speak about a patient's culture. */
export const modelInUse = (network: RunningNetwork): void => {
  describe('a model of the network', () => {
    const held = async () => (await signInAs(network.endpoints.network, 'regulator')).request('GET', MODEL);
    it('is planned, tested on cases of every hospital, accepted and activated, each move signed by another person than who trains it', async () => {
      await network.until('the model to be active', async () => ((await held()).body['versions'] as readonly Version[] | undefined)?.[0]?.state === 'active');
      const { body } = await held();
      const history = body['history'] as readonly Readonly<{ type: string; who: string }>[];
      expect(history.map(({ type }) => type)).toEqual(expect.arrayContaining(['model-version-drafted', 'model-plan-approved', 'model-candidate-submitted', 'model-test-recorded', 'model-accepted', 'model-activated']));
      const moves = history.filter(({ type }) => ['model-plan-approved', 'model-test-recorded', 'model-accepted', 'model-activated'].includes(type));
      expect(moves.map(({ who }) => who)).toEqual(['Dr Mei Tanaka', 'Dr Mei Tanaka', 'Dr Mei Tanaka', 'Żaneta Wójcik']);
      expect(history.find(({ type }) => type === 'model-candidate-submitted')!.who).toBe('Leo Brandt');
    });
    it('has on record what its answers are judged by: a signed threshold, calibration of every hospital, and the inputs and score of its test, which hospitals signed for', async () => {
      const { body } = await held();
      const [version] = body['versions'] as readonly Readonly<{ plan: Readonly<{ threshold: number }>; training: Calibrated; report: Reported }>[];
      expect(version!.plan.threshold).toBe(EARLY_FAILURE.planBy([]).threshold);
      const { calibration: { positives, negatives }, calibrationManifestSha256 } = version!.training;
      expect([...positives, ...negatives].reduce((sum, count) => sum + count, 0)).toBe(3 * CASES.calibration);
      expect(calibrationManifestSha256).toMatch(/^[0-9a-f]{64}$/);
      const { sites, distributions } = version!.report;
      expect(sites.map(({ nodeId }) => nodeId).toSorted()).toEqual(['harbour', 'hill', 'north']);
      for (const { statementSha256 } of sites) expect(statementSha256).toMatch(/^[0-9a-f]{64}$/);
      expect([distributions.length, distributions.at(-1)!.name, distributions.at(-1)!.counts.reduce((sum, count) => sum + count, 0)]).toEqual([19, '(score)', 3 * CASES.test]);
    });
    it('is on the record of every hospital, by its hash, and a regulator reads it there', async () => {
      const [version] = (await held()).body['versions'] as readonly Version[];
      for (const nodeId of ['north', 'harbour', 'hill']) {
        const regulator = await signInAs(network.endpoints.nodes[nodeId]!, 'regulator');
        await network.until(`the model on the record of ${nodeId}`, async () => JSON.stringify((await regulator.get('/v1/audit/models')).items).includes(version!.training.artefactSha256));
      }
    });
  });
};
