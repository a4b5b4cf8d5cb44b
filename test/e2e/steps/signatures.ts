import { describe, expect, it } from 'vitest';
import { signIn } from '../../../scripts/client/api-client.ts';
import { signInAs } from '../../../scripts/example/seed-network.ts';
import { type RunningNetwork } from '../running-network.ts';

/** After the example, when the clock is real time again and no jump makes a sign-in old. */
export const signatures = (network: RunningNetwork): void => {
  describe('signatures', () => {
    it('want a fresh sign-in of the same person to sign, once', async () => {
      const [steward, reviewer] = [await signInAs(network.north, 'steward'), await signInAs(network.north, 'reviewer')];
      await steward.post('/v1/materials', { lotId: 'E2E-1', materialId: 'culture-medium', supplier: 'Supplier', quantity: 5, unit: 'mL', expiresAt: '2099-01-01T00:00:00Z' });
      const sign = (token: string, version = 1) => reviewer.request('POST', '/v1/materials/E2E-1/status', { status: 'released', reason: 'conforms', signature: { meaning: 'approval', version, reauthenticationToken: token } });
      expect((await sign(await signIn(network.north, network.north.logins.find(({ username }) => username === 'steward')!))).body['type']).toBe('/problems/reauthentication-failed');
      const session = await signIn(network.north, network.north.logins.find(({ username }) => username === 'reviewer')!);
      const itself = await fetch(`${network.north.apiUrl}/v1/materials/E2E-1/status`, {
        method: 'POST', headers: { authorization: `Bearer ${session}`, 'content-type': 'application/json' }, body: JSON.stringify({ status: 'released', reason: 'conforms', signature: { meaning: 'approval', version: 1, reauthenticationToken: session } }),
      });
      expect(await itself.json()).toMatchObject({ type: '/problems/reauthentication-failed', detail: expect.stringContaining('sign in again') as unknown });
      const login = network.north.logins.find(({ username }) => username === 'reviewer')!;
      const token = await signIn(network.north, login);
      expect((await sign(token, 9)).body['type']).toBe('/problems/version-conflict');
      expect((await sign(token)).status).toBe(200);
      expect((await reviewer.request('POST', '/v1/materials/E2E-1/status', { status: 'rejected', reason: 'recall', signature: { meaning: 'approval', version: 2, reauthenticationToken: token } })).body['type']).toBe('/problems/reauthentication-used');
    });
  });
};
