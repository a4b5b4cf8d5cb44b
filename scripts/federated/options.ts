import { parseArgs } from 'node:util';
import { LIMITS, METHODS, type Method } from '../../models/federated/plan.ts';
import { UsageError } from '../run-script.ts';

export type Partition = 'natural' | 'pooled' | number;
export type TrainOptions = Readonly<{
  data: string; label: string; site: string | undefined; out: string; test: string | undefined; id: string | undefined; features: readonly string[] | undefined; threshold: number | undefined;
  seed: number; trees: number; depth: number; bins: number; featuresPerNode: number | undefined; minimumLeaf: number; learningRate: number; partition: Partition; method: Method; isMasked: boolean; ranges: string | undefined; components: number;
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
  seed: { type: 'string', default: '1' }, trees: { type: 'string', default: '100' }, depth: { type: 'string' }, bins: { type: 'string', default: '32' }, 'features-per-node': { type: 'string' },
  'minimum-leaf': { type: 'string', default: '1' }, 'learning-rate': { type: 'string', default: '0.1' }, partition: { type: 'string', default: 'natural' }, method: { type: 'string', default: 'forest' }, masks: { type: 'string' }, ranges: { type: 'string' }, components: { type: 'string', default: '2' }, help: { type: 'boolean' },
} as const;

/** @throws UsageError naming the option and what was wanted */
export const readTrainOptions = (args: readonly string[]): TrainOptions => {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  const partition = partitionFrom(values.partition);
  const method = oneOf('method', values.method, METHODS);
  if ((values.ranges !== undefined) !== (method === 'monitoring')) throw new UsageError(`--ranges: got ${values.ranges ?? 'nothing'}, want a file for monitoring and for nothing else`);
  if (method === 'monitoring' && values.test !== undefined) throw new UsageError('--test: got a file, want none: monitoring predicts no label');
  const isAlone = partition === 'pooled' || partition === 1;
  return {
    data: required('data', values.data), label: required('label', values.label), out: required('out', values.out), test: values.test, id: values.id,
    site: partition === 'natural' ? required('site', values.site) : values.site, features: values.features?.split(',').map((name) => name.trim()),
    threshold: values.threshold === undefined ? undefined : numberFrom('threshold', values.threshold, Number.isFinite, 'a number'),
    seed: wholeFrom('seed', values.seed, 0, 2 ** 32 - 1), trees: wholeFrom('trees', values.trees, 1, LIMITS.trees), depth: wholeFrom('depth', values.depth ?? (method === 'boosting' ? '3' : '6'), 1, LIMITS.depth),
    bins: wholeFrom('bins', values.bins, 2, LIMITS.bins), featuresPerNode: values['features-per-node'] === undefined ? undefined : wholeFrom('features-per-node', values['features-per-node'], 1, LIMITS.features),
    minimumLeaf: numberFrom('minimum-leaf', values['minimum-leaf'], (value) => value > 0, 'a number above 0'), learningRate: numberFrom('learning-rate', values['learning-rate'], (value) => value > 0 && value <= 1, 'a number above 0, at most 1'),
    ranges: values.ranges, components: wholeFrom('components', values.components, 1, LIMITS.variables),
    partition, method, isMasked: oneOf('masks', values.masks ?? (isAlone ? 'off' : 'on'), ['on', 'off']) === 'on',
  };
};
