import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { signIn } from '../../../scripts/client/api-client.ts';
import { readEndpoints, type NodeSite } from '../../../scripts/client/endpoints.ts';
import { signInAs } from '../../../scripts/example/seed-network.ts';
import { type Directory, type RunningNetwork } from '../running-network.ts';

export const fourthHospital = (network: RunningNetwork): void => {
  describe('a fourth hospital', () => {
    const file = join(network.nodesFolder, 'e2e-fourth.json');
    const add = (...options: readonly string[]) => network.script('node-add', ...options, '--state', network.state, '--nodes', network.nodesFolder);
    afterAll(() => { rmSync(file, { force: true }); });
    it('is refused when its data is wrong, and nothing is written', async () => {
      const { code, text } = await add('--id', 'e2e-fourth', '--name', 'Fourth', '--account', '12', '--region', 'eu-west-3');
      expect([code, existsSync(file)]).toEqual([2, false]);
      expect(text).toContain('want the 12 digits');
      expect((await add('--id', 'north', '--name', 'North', '--account', '555555555555', '--region', 'eu-west-3')).text).toContain('exists already');
    });
    it('comes up in the running cloud without a restart', async () => {
      const { code, text } = await add('--id', 'e2e-fourth', '--name', 'Fourth Hospital', '--account', '555555555555', '--region', 'eu-west-3', '--country', 'FR');
      expect(text).toContain('npx cdk deploy Bedside-Network Bedside-Node-e2e-fourth');
      expect(code, text).toBe(0);
      const fourth = readEndpoints(network.state).nodes['e2e-fourth']!;
      expect(await (await signInAs(fourth, 'regulator')).get('/v1/batches')).toEqual({ items: [] });
      const { items } = await (await signInAs(network.endpoints.network, 'coordinator')).get('/v1/nodes') as { items: { nodeId: string }[] };
      expect(items.map(({ nodeId }) => nodeId)).toContain('e2e-fourth');
    });
    it('is a witness of the others at once, and they of it, without a restart', async () => {
      const { sites } = await (await signInAs(network.endpoints.network, 'coordinator')).get('/v1/directory') as Directory;
      expect(sites.find(({ siteId }) => siteId === 'north')).toMatchObject({ witnesses: 4, quorum: 3 });
      const checkpointOf = async (node: NodeSite): Promise<string> => (await fetch(`${node.apiUrl}/v1/log/checkpoint`, { headers: { authorization: `Bearer ${await signIn(node, node.logins.find(({ username }) => username === 'regulator')!)}` } })).text();
      await network.until('the fourth hospital\'s cosignature on north\'s checkpoint', async () => (await checkpointOf(network.north)).includes('\n— bedside.network/witness/e2e-fourth '));
      const fourth = readEndpoints(network.state).nodes['e2e-fourth']!;
      await network.until('a checkpoint of the fourth hospital', async () => (await checkpointOf(fourth)).includes('\n— bedside.network/witness/north '));
    });
  });
};
