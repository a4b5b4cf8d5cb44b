import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { signIn } from '../../../scripts/client/api-client.ts';
import { LocalClock } from '../../../scripts/client/local-clock.ts';
import { signInAs } from '../../../scripts/example/seed-network.ts';
import { answersOf } from '../../support/local/answers.ts';
import { copyLog, loseTables } from '../copied-log.ts';
import { type RunningNetwork } from '../running-network.ts';

/** With a released batch, and before anyone alters its log. */
export const lostTables = (network: RunningNetwork): void => {
  describe('a hospital whose tables are lost', () => {
    const answers = async () => answersOf(await signInAs(network.north, 'operator.one'), await signInAs(network.north, 'regulator'));
    const restore = (from: string, ...more: readonly string[]) => network.script('restore', '--from', from, '--state', network.state, ...more);
    const rootOf = (text: string): string | undefined => /^root +(\S+)$/m.exec(text)?.[1];
    it('is restored from a copy of its log: the same root, and the same answer to every question', async () => {
      // A dry run refuses tables with events that the log does not hold: it passes when the log has taken everything in.
      let looked = { code: -1, text: '' };
      await network.until('the log to hold every event', async () => (looked = await restore(network.north.outputs['LogBucketName']!, '--dry-run')).code === 0);
      const before = await answers();
      const [copy, backup] = [join(network.state, 'copy-of-log'), join(network.state, 'personal.json')];
      await copyLog(network.north, copy);
      expect(await network.script('backup-personal', '--node', 'north', '--to', backup, '--state', network.state)).toMatchObject({ code: 0 });
      await network.cloud.end('SIGTERM');
      await loseTables(network.state, network.north, 9_000 + Math.floor(Math.random() * 900));
      await network.cloud.start('--standby');
      const { code, text } = await restore(copy, '--personal', backup, '--node', 'north');
      expect(code, text).toBe(0);
      expect(text).toMatch(/^identical +yes$/m);
      expect([rootOf(text), text.includes('copy it there')]).toEqual([rootOf(looked.text), false]);
      await network.cloud.end('SIGTERM');
      await network.start();
      expect(await answers()).toEqual(before);
    });
    it('goes on: a new event enters the same log, which verifies', async () => {
      const size = async (): Promise<number> => Number((await (await fetch(`${network.north.apiUrl}/v1/log/checkpoint`, { headers: { authorization: `Bearer ${await signIn(network.north, network.north.logins.find(({ username }) => username === 'regulator')!)}` } })).text()).split('\n')[1]);
      const before = await size();
      await (await signInAs(network.north, 'steward')).post('/v1/materials', { lotId: 'E2E-AFTER', materialId: 'culture-medium', supplier: 'Supplier', quantity: 5, unit: 'mL', expiresAt: '2099-01-01T00:00:00Z' });
      await network.until('a checkpoint that covers it', async () => {
        await new LocalClock(network.endpoints).advance(60_000);
        return await size() > before;
      });
      const { text } = await restore(network.north.outputs['LogBucketName']!, '--dry-run');
      expect(text).toMatch(/^restoring north from .*, which says it is the log of bedside\.network\/north$/m);
      expect(text).toMatch(/^identical +nothing was written$/m);
      expect(await restore(network.north.outputs['LogBucketName']!, '--dry-run', '--node', 'hill')).toMatchObject({ code: 2, text: expect.stringContaining('want one of bedside.network/hill') as unknown });
    });
  });
};
