import { describe, expect, it } from 'vitest';
import { signInAs } from '../../../scripts/example/seed-network.ts';
import { whole } from '../../support/local/answers.ts';
import { type RunningNetwork } from '../running-network.ts';

/** After the example and before its log is verified: every proof must hold all the same. */
export const erasure = (network: RunningNetwork): void => {
  describe('the erasure of personal data', () => {
    const batchId = (): string => network.exampleOf('batchId');
    const erase = (...options: readonly string[]) => network.script('erase', '--node', 'north', '--coi', network.exampleOf('chainOfIdentityId'), '--state', network.state, ...options);
    it('lists first, then takes everything of the patient with two signatures, and keeps the record', async () => {
      const operator = await signInAs(network.north, 'operator.one');
      const read = () => operator.request('GET', `/v1/batches/${batchId()}/personal-data`);
      const dry = await erase('--dry-run');
      expect([dry.code, dry.text]).toEqual([0, expect.stringMatching(/erasure none[^]*held: .*patientReference/)]);
      expect((await read()).status).toBe(200);
      const { code, text } = await erase('--reason', 'asked for by the patient');
      expect(code, text).toBe(0);
      expect(text).toContain('erasure complete');
      expect(await read()).toMatchObject({ status: 410, body: { type: '/problems/personal-data-erased' } });
      const { items } = await whole(await signInAs(network.north, 'regulator'), `/v1/batches/${batchId()}/audit-trail`) as { items: { type: string }[] };
      expect(items.map(({ type }) => type)).toEqual(expect.arrayContaining(['personal-data-recorded', 'personal-data-erased']));
    });
  });
};
