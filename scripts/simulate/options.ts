import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { POLICIES, type PolicyName } from '../../models/twin/assist/policy.ts';
import { ARMS, type Arm } from '../../models/twin/trial/result.ts';
import { SEED_LIMIT } from '../../models/twin/seeds.ts';
import { UsageError, wholeNumber } from '../run-script.ts';

export type Options = Readonly<{ world: string; batches: number; seed: number; arms: readonly Arm[]; out: string | undefined; workers: number; series: boolean; policy: PolicyName }>;

/** A seed of batches that anybody may look at: nothing shipped was learnt from one. */
export const trialSeed = (text: string): number => wholeNumber('seed', text, 0, SEED_LIMIT - 1);

const armsIn = (text: string): readonly Arm[] => {
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !(ARMS as readonly string[]).includes(name));
  if (unknown !== undefined) throw new UsageError(`--arms: got ${JSON.stringify(unknown)}, want some of ${ARMS.join(', ')}`);
  return [...new Set(names)] as Arm[];
};

const policyIn = (text: string): PolicyName => {
  if (!Object.hasOwn(POLICIES, text)) throw new UsageError(`--policy: got ${text}, want one of ${Object.keys(POLICIES).join(', ')}`);
  return text as PolicyName;
};

const MOST_BATCHES = 100_000;

/** @throws UsageError naming the option and what was wanted */
export const readOptions = (args: readonly string[]): Options => {
  const { values } = parseArgs({ args: [...args], options: {
    world: { type: 'string', default: 'stress' }, batches: { type: 'string', default: '500' }, seed: { type: 'string', default: '1' }, arms: { type: 'string', default: 'baseline,assisted' }, out: { type: 'string' },
    workers: { type: 'string', default: String(Math.min(8, availableParallelism())) }, series: { type: 'boolean', default: false }, policy: { type: 'string', default: 'balanced' }, help: { type: 'boolean' },
  } });
  return {
    world: values.world, batches: wholeNumber('batches', values.batches, 1, MOST_BATCHES), seed: trialSeed(values.seed), arms: armsIn(values.arms), out: values.out,
    workers: wholeNumber('workers', values.workers, 1, 64), series: values.series, policy: policyIn(values.policy),
  };
};
