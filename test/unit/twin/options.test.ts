import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { OWN_SEEDS, SEED_LIMIT } from '../../../models/twin/seeds.ts';
import { readDatasetOptions } from '../../../scripts/simulate/dataset.ts';
import { readOptions } from '../../../scripts/simulate/options.ts';
import { readPublishOptions } from '../../../scripts/simulate/publish/options.ts';

describe('one rule for seeds', () => {
  const read = { trial: (seed: string) => readOptions(['--seed', seed]).seed, dataset: (seed: string) => readDatasetOptions(['--dataset', 'x', '--seed', seed]).seed, publish: (seed: string) => readPublishOptions(['--publish', '--node', 'north', '--seed', seed]).seed } as const;
  it.each(Object.entries(read))('holds for a %s: below 2^31', (_, seedOf) => {
    expect([seedOf('0'), seedOf('2147483647')]).toEqual([0, SEED_LIMIT - 1]);
    for (const own of Object.values(OWN_SEEDS)) expect(() => seedOf(String(own))).toThrow(`--seed: got ${own}, want a whole number from 0 to 2147483647`);
  });
  it('keeps what is shipped away from them: the prediction was learnt from none of their batches', () => {
    const { learner } = JSON.parse(readFileSync('models/early-prediction/model.json', 'utf8')) as { learner: { attributes: { report: string } } };
    expect((JSON.parse(learner.attributes.report) as { seed: number }).seed).toBe(OWN_SEEDS.deployed);
    expect(readFileSync('models/early-prediction/model-card.md', 'utf8')).toContain(`seed ${OWN_SEEDS.deployed} |`);
    for (const own of Object.values(OWN_SEEDS)) expect(own).toBeGreaterThanOrEqual(SEED_LIMIT);
    expect(new Set(Object.values(OWN_SEEDS)).size).toBe(Object.keys(OWN_SEEDS).length);
  });
});

describe('options of a trial', () => {
  it.each(['toString', 'constructor', '__proto__', 'quick'])('refuse a policy that is none: %s', (policy) => { expect(() => readOptions(['--policy', policy])).toThrow(`--policy: got ${policy}, want one of balanced, fast, consistent`); });
  it('take each policy there is', () => { for (const policy of ['balanced', 'fast', 'consistent']) expect(readOptions(['--policy', policy]).policy).toBe(policy); });
});
