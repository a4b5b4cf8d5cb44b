import { parseArgs } from 'node:util';
import { LIMITS, METHODS, type Method } from '../../models/federated/plan.ts';
import { PRIVATE_LIMITS } from '../../models/federated/private/forest.ts';
import { UsageError } from '../run-script.ts';

export type Partition = 'natural' | 'pooled' | number;
export type TrainOptions = Readonly<{
  data: string; label: string; site: string | undefined; out: string; test: string | undefined; id: string | undefined; features: readonly string[] | undefined; threshold: number | undefined;
  seed: number; trees: number; depth: number; bins: number; featuresPerNode: number | undefined; minimumLeaf: number; learningRate: number; partition: Partition; method: Method; isMasked: boolean; ranges: string | undefined; components: number;
  /** Millionths of ε; for the method `private` alone. */
  microEpsilon: number | undefined; curious: number;
}>;

const SITE_LIMIT = 100;

const required = (name: string, value: string | undefined): string => {
  if (value === undefined || value === '') throw new UsageError(`--${name}: got nothing, want a value`);
  return value;
};

const numberFrom = (name: string, text: string, isRight: (value: number) => boolean, want: string): number => {
  const value = Number(text);
  if (text.trim() === '' || !isRight(value)) throw new UsageError(`--${name}: got ${text}, want ${want}`);
  return value;
};
const wholeFrom = (name: string, text: string, low: number, high: number): number => numberFrom(name, text, (value) => Number.isInteger(value) && value >= low && value <= high, `a whole number from ${low} to ${high}`);

const oneOf = <T extends string>(name: string, text: string, choices: readonly T[]): T => {
  const found = choices.find((choice) => choice === text);
  if (found === undefined) throw new UsageError(`--${name}: got ${text}, want ${choices.join(' or ')}`);
  return found;
};

const partitionFrom = (text: string): Partition => (text === 'natural' || text === 'pooled' ? text : numberFrom('partition', text, (value) => Number.isInteger(value) && value >= 1 && value <= SITE_LIMIT, `natural, pooled or a number of sites from 1 to ${SITE_LIMIT}`));

const OPTIONS = {
  data: { type: 'string' }, label: { type: 'string' }, site: { type: 'string' }, out: { type: 'string' }, test: { type: 'string' }, id: { type: 'string' }, features: { type: 'string' }, threshold: { type: 'string' },
  seed: { type: 'string', default: '1' }, trees: { type: 'string' }, depth: { type: 'string' }, bins: { type: 'string', default: '32' }, 'features-per-node': { type: 'string' },
  'minimum-leaf': { type: 'string', default: '1' }, 'learning-rate': { type: 'string', default: '0.1' }, partition: { type: 'string', default: 'natural' }, method: { type: 'string' }, masks: { type: 'string' }, ranges: { type: 'string' }, components: { type: 'string', default: '2' },
  private: { type: 'boolean' }, epsilon: { type: 'string' }, curious: { type: 'string', default: '1' }, help: { type: 'boolean' },
} as const;

type Trained = Exclude<Method, 'drift'>;
/** Drift is counted of a model that is in use, and gives none. */
const TRAINED = METHODS.filter((method): method is Trained => method !== 'drift');

/** Trees of a private forest are few and low: each row counts in one leaf of one tree, and each leaf has noise. */
const DEFAULTS: Readonly<Record<Trained, Readonly<{ trees: string; depth: string }>>> = { forest: { trees: '100', depth: '6' }, boosting: { trees: '100', depth: '3' }, monitoring: { trees: '100', depth: '6' }, private: { trees: '20', depth: '3' } };
const WITH_RANGES: readonly Method[] = ['monitoring', 'private'];

/** Ranges are what monitoring and private trees are made of; other trees can take them from all rows. */
const requireRanges = (file: string | undefined, method: Method): void => {
  if (file === undefined && WITH_RANGES.includes(method)) throw new UsageError('--ranges: got nothing, want a file for monitoring and for --private');
};

const methodFrom = (name: string | undefined, isPrivate: boolean | undefined): Trained => {
  if (isPrivate === true && name !== undefined && name !== 'private') throw new UsageError(`--private: got it with --method ${name}, want --method private or none`);
  return isPrivate === true ? 'private' : oneOf('method', name ?? 'forest', TRAINED);
};

const microEpsilonFrom = (method: Method, text: string | undefined): number | undefined => {
  if ((text !== undefined) !== (method === 'private')) throw new UsageError(`--epsilon: got ${text ?? 'nothing'}, want a number with --private and with nothing else`);
  const { leastMicroEpsilon, mostMicroEpsilon } = PRIVATE_LIMITS;
  const isRight = (value: number): boolean => value * 1e6 >= leastMicroEpsilon && value * 1e6 <= mostMicroEpsilon;
  return text === undefined ? undefined : Math.round(1e6 * numberFrom('epsilon', text, isRight, `a number from ${leastMicroEpsilon / 1e6} to ${mostMicroEpsilon / 1e6}`));
};

/** @throws UsageError naming the option and what was wanted */
export const readTrainOptions = (args: readonly string[]): TrainOptions => {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  const partition = partitionFrom(values.partition);
  const method = methodFrom(values.method, values.private);
  requireRanges(values.ranges, method);
  if (method === 'monitoring' && values.test !== undefined) throw new UsageError('--test: got a file, want none: monitoring predicts no label');
  const isAlone = partition === 'pooled' || partition === 1;
  return {
    data: required('data', values.data), label: required('label', values.label), out: required('out', values.out), test: values.test, id: values.id,
    site: partition === 'natural' ? required('site', values.site) : values.site, features: values.features?.split(',').map((name) => name.trim()),
    threshold: values.threshold === undefined ? undefined : numberFrom('threshold', values.threshold, Number.isFinite, 'a number'),
    seed: wholeFrom('seed', values.seed, 0, 2 ** 32 - 1), trees: wholeFrom('trees', values.trees ?? DEFAULTS[method].trees, 1, LIMITS.trees), depth: wholeFrom('depth', values.depth ?? DEFAULTS[method].depth, 1, LIMITS.depth),
    bins: wholeFrom('bins', values.bins, 2, LIMITS.bins), featuresPerNode: values['features-per-node'] === undefined ? undefined : wholeFrom('features-per-node', values['features-per-node'], 1, LIMITS.features),
    minimumLeaf: numberFrom('minimum-leaf', values['minimum-leaf'], (value) => value > 0, 'a number above 0'), learningRate: numberFrom('learning-rate', values['learning-rate'], (value) => value > 0 && value <= 1, 'a number above 0, at most 1'),
    ranges: values.ranges, components: wholeFrom('components', values.components, 1, LIMITS.variables),
    microEpsilon: microEpsilonFrom(method, values.epsilon), curious: wholeFrom('curious', values.curious, 1, LIMITS.curious),
    partition, method, isMasked: oneOf('masks', values.masks ?? (isAlone ? 'off' : 'on'), ['on', 'off']) === 'on',
  };
};
