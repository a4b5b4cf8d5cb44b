import { describe, expect, it } from 'vitest';
import { signInAs } from '../../../scripts/example/seed-network.ts';
import type { RunningNetwork } from '../running-network.ts';

const MODEL = '/v1/models/cd19-early-failure';
type Version = Readonly<{ state: string; training: Readonly<{ artefactSha256: string }> }>;

/** After the training: what people sign before a model may speak about a patient's culture. */
export const modelInUse = (network: RunningNetwork): void => {
  describe('a model of the network', () => {
    const held = async () => (await signInAs(network.endpoints.network, 'regulator')).request('GET', MODEL);
    it('is planned, tested on cases of every hospital, accepted and activated, each move signed by another person than who trains it', async () => {
      await network.until('the model to be active', async () => ((await held()).body['versions'] as readonly Version[] | undefined)?.[0]?.state === 'active', 180);
      const { body } = await held();
      const history = body['history'] as readonly Readonly<{ type: string; who: string }>[];
      expect(history.map(({ type }) => type)).toEqual(expect.arrayContaining(['model-version-drafted', 'model-plan-approved', 'model-candidate-submitted', 'model-test-recorded', 'model-accepted', 'model-activated']));
      const moves = history.filter(({ type }) => ['model-plan-approved', 'model-test-recorded', 'model-accepted', 'model-activated'].includes(type));
      expect(moves.map(({ who }) => who)).toEqual(['Dr Mei Tanaka', 'Dr Mei Tanaka', 'Dr Mei Tanaka', 'Żaneta Wójcik']);
      expect(history.find(({ type }) => type === 'model-candidate-submitted')!.who).toBe('Leo Brandt');
    });
    it('is on the record of every hospital, by its hash, and a regulator reads it there', async () => {
      const [version] = (await held()).body['versions'] as readonly Version[];
      for (const nodeId of ['north', 'harbour', 'hill']) {
        const regulator = await signInAs(network.endpoints.nodes[nodeId]!, 'regulator');
        await network.until(`the model on the record of ${nodeId}`, async () => JSON.stringify((await regulator.get('/v1/audit/models')).items).includes(version!.training.artefactSha256), 90);
      }
    });
  });
};
