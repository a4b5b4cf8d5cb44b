import { describe, expect, it } from 'vitest';
import { fingerprintOf } from '../../../models/twin/worlds/fingerprint.ts';
import { signInAs } from '../../../scripts/example/seed-network.ts';
import { readWorld } from '../../../scripts/simulate/worlds.ts';
import { whole } from '../../support/local/answers.ts';
import type { RunningNetwork } from '../running-network.ts';

type Recommendation = Readonly<{ recommendationId: string; output: string; state: string; probability: number; modelHash: string; undecided: boolean; explanation: readonly Readonly<{ feature: string; contribution: number }>[]; alternatives: readonly unknown[]; twin?: Readonly<{ world: string; twinSha256: string; codeSha256: string }> }>;
type Intervention = Readonly<{ interventionId: string; state: string; value: number; acknowledged?: object; effects: readonly unknown[] }>;
type Ledger = Readonly<{ recommendations: readonly Recommendation[]; interventions: readonly Intervention[] }>;

/** A running batch, asked about by the model that three hospitals trained. */
export const governedBatch = (network: RunningNetwork): void => {
  describe('a batch under governance', () => {
    const path = (): string => `/v1/batches/${network.exampleOf('batchId')}`;
    const ledger = async (): Promise<Ledger> => (await (await signInAs(network.north, 'scientist')).get(`${path()}/interventions`)) as unknown as Ledger;
    const predicted = async (): Promise<readonly Recommendation[]> => (await ledger()).recommendations.filter(({ output }) => output === 'early-failure');
    it('gets its prediction with exact contributions and simulated ways to go on', async () => {
      await network.until('the example batch', () => network.cloud.output.includes('expansion, day 4'));
      await network.until('a recommendation', async () => (await predicted()).length > 0);
      const [made] = await predicted();
      expect(made).toMatchObject({ undecided: false });
      expect(made!.probability).toBeGreaterThanOrEqual(0);
      expect(made!.alternatives.length).toBeGreaterThan(1);
      expect(made!.twin).toEqual({ world: 'stress', twinSha256: fingerprintOf(readWorld('stress')), codeSha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string });
      const sum = made!.explanation.reduce((total, { contribution }) => total + contribution, 0);
      expect(Math.abs(sum - made!.probability)).toBeLessThan(1e-5);
    });
    it('has its set-point written to the equipment once the scientist has signed, and the device obeys', async () => {
      await network.until('a confirmed intervention', async () => (await ledger()).interventions.some(({ state }) => state === 'confirmed'));
      const { interventions } = await ledger();
      expect([(await predicted())[0]!.state, interventions.map(({ state }) => state)]).toEqual(['accepted', interventions.map(() => 'confirmed')]);
      for (const { value, acknowledged } of interventions) expect(acknowledged).toMatchObject({ observedValue: value, matches: true });
    });
    it('is released with its ledger whole, in the trail that a regulator reads', async () => {
      await network.until('the release', () => network.cloud.output.includes('is released'));
      expect((await ledger()).interventions.every(({ effects }) => effects.length > 0)).toBe(true);
      const { items } = await whole(await signInAs(network.north, 'regulator'), `${path()}/audit-trail`) as { items: readonly Readonly<{ type: string; who: string }>[] };
      const types = items.map(({ type }) => type);
      const steps = ['recommendation-made', 'recommendation-decided', 'intervention-sent', 'intervention-acknowledged', 'intervention-effect-observed'];
      expect(types).toEqual(expect.arrayContaining(steps));
      expect(items.find(({ type }) => type === 'recommendation-decided')!.who).toContain('Mei Tanaka');
    });
  });
};
