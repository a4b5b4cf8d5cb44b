import { describe, expect, it } from 'vitest';
import { signInAs } from '../../../scripts/example/seed-network.ts';
import type { RunningNetwork } from '../running-network.ts';

const MODEL = '/v1/models/cd19-early-failure';
type Version = Readonly<{ state: string; artefactSha256: string; planHash: string }>;

/** After the training: what people sign before a model may speak about a patient's culture. */
export const modelInUse = (network: RunningNetwork): void => {
  describe('a model of the network', () => {
    const held = async () => (await signInAs(network.endpoints.network, 'regulator')).request('GET', MODEL);
    it('is planned, tested on cases of every hospital, accepted and activated, each move signed by another person than who trains it', async () => {
      await network.until('the model to be active', async () => ((await held()).body['versions'] as readonly Version[] | undefined)?.[0]?.state === 'active', 180);
      const { body } = await held();
      const history = body['history'] as readonly Readonly<{ type: string; who: string }>[];
      expect(history.map(({ type }) => type)).toEqual(expect.arrayContaining(['model-version-drafted', 'model-plan-approved', 'model-candidate-submitted', 'model-test-recorded', 'model-accepted', 'model-activated']));
      const developer = (await signInAs(network.endpoints.network, 'developer')).id;
      const who = (type: string): string | undefined => history.find((each) => each.type === type)?.who;
      expect([who('model-plan-approved'), who('model-test-recorded'), who('model-accepted'), who('model-activated')].filter((id) => id?.includes(developer))).toEqual([]);
    });
    it('is on the record of every hospital, by its hash, and a regulator reads it there', async () => {
      const [version] = (await held()).body['versions'] as readonly Version[];
      for (const nodeId of ['north', 'harbour', 'hill']) {
        const regulator = await signInAs(network.endpoints.nodes[nodeId]!, 'regulator');
        await network.until(`the model on the record of ${nodeId}`, async () => JSON.stringify((await regulator.get('/v1/audit/models')).items).includes(version?.artefactSha256 ?? 'none'), 90);
      }
    });
  });
};
