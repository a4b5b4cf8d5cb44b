import * as z from 'zod';
import { DomainError } from '../../../shared/errors.ts';
import type { Bins } from '../bins.ts';
import { aboveOf, type Growing } from '../growing.ts';
import { LEAST_OF_LABEL, mayBeAsked } from '../level.ts';
import { isAskedBy, LIMITS, type Plan } from '../plan.ts';
import type { Question } from '../run.ts';
import type { PackedArray } from './pack.ts';

type Parts = Readonly<{ head: unknown; arrays: Readonly<Record<string, PackedArray>> }>;

const Whole = z.int().min(0);
const Head = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('moments') }),
  z.strictObject({ type: z.literal('leaves') }),
  z.strictObject({ type: z.literal('drift') }),
  z.strictObject({ type: z.literal('scale') }),
  z.strictObject({ type: z.literal('classes'), frames: z.array(z.strictObject({ centre: z.number(), unit: z.number().min(0) })), rows: z.tuple([Whole, Whole]) }),
  z.strictObject({ type: z.literal('level'), edgeCounts: z.array(Whole.max(LIMITS.bins)), isMissing: z.array(z.boolean()), slots: Whole, stand: z.strictObject({ tree: Whole, count: Whole.min(1) }) }),
]);
type LevelHead = Extract<z.output<typeof Head>, { type: 'level' }>;

/** A question as JSON and arrays; edges and trees as arrays, so that they come back to the bit. */
export const questionParts = (question: Question): Parts => {
  if (question.type !== 'level') return { head: question, arrays: {} };
  const { bins, growing: { slots, ...arrays }, stand } = question;
  return {
    head: { type: 'level', edgeCounts: bins.map(({ edges }) => edges.length), isMissing: bins.map(({ isMissing }) => isMissing), slots, stand } satisfies LevelHead,
    arrays: { ...arrays, edges: Float64Array.from(bins.flatMap(({ edges }) => edges)) },
  };
};

const malformed = (message: string): DomainError => new DomainError('training-round-malformed', `question: ${message}`);

type Constructors = Readonly<{ [Name in Exclude<keyof Growing, 'slots'>]: Int32ArrayConstructor | Uint8ArrayConstructor | Float32ArrayConstructor | Float64ArrayConstructor }>;
const TYPES = { feature: Int32Array, splitBin: Uint8Array, defaultLeft: Uint8Array, open: Uint8Array, gain: Float32Array, first: Float64Array, second: Float64Array } as const satisfies Constructors;

const taken = <Name extends keyof typeof TYPES>(arrays: Parts['arrays'], name: Name, size: number): InstanceType<(typeof TYPES)[Name]> => {
  const array = arrays[name];
  if (!(array instanceof TYPES[name]) || array.length !== size) throw malformed(`${name}: got ${array?.length ?? 'no'} numbers, want ${size}`);
  return array as InstanceType<(typeof TYPES)[Name]>;
};

/** Whether a place may be asked about, but for how many rows it has: below a split or a root, and not split itself; in a forest never without the other side of the split. */
const canBeOpen = ({ method }: Plan, { slots, feature, open }: Growing, slot: number): boolean => {
  const place = slot % slots;
  if (place === 0 || (feature[slot] ?? -1) >= 0) return false;
  if (place === 1) return true;
  return (feature[aboveOf(slots, slot)] ?? -1) >= 0 && (method !== 'forest' || open[place % 2 === 0 ? slot + 1 : slot - 1] === 1);
};

/** @throws DomainError `training-round-malformed`, `training-cohort-too-small` */
const requireOpen = (plan: Plan, growing: Growing): void => {
  const { slots, open, first, second } = growing;
  if (open.some((each, slot) => each > 1 || (each === 1 && !canBeOpen(plan, growing, slot)))) throw malformed('open: got a place of which nothing can be asked, want 0 there');
  if (plan.method !== 'forest') return;
  const small = open.findIndex((each, slot) => each === 1 && slot % slots !== 1 && !mayBeAsked(plan, first[aboveOf(slots, slot)] ?? 0, second[aboveOf(slots, slot)] ?? 0));
  if (small >= 0) throw new DomainError('training-cohort-too-small', `open: got tree ${Math.floor(small / slots)}, place ${small % slots}, with too few rows of a label, want none asked about further below ${LEAST_OF_LABEL}`, { least: LEAST_OF_LABEL });
};

const growingFrom = (plan: Plan, arrays: Parts['arrays'], slots: number): Growing => {
  const want = 2 ** (plan.depth + 1);
  if (slots !== want) throw malformed(`slots: got ${slots}, want ${want} for trees of depth ${plan.depth}`);
  const size = plan.treeCount * slots;
  const growing = {
    slots, feature: taken(arrays, 'feature', size), splitBin: taken(arrays, 'splitBin', size), defaultLeft: taken(arrays, 'defaultLeft', size), open: taken(arrays, 'open', size),
    gain: taken(arrays, 'gain', size), first: taken(arrays, 'first', size), second: taken(arrays, 'second', size),
  };
  const wrong = growing.feature.findIndex((feature, slot) => feature < -1 || feature >= plan.features.length || (feature >= 0 && (slot % slots === 0 || slot % slots >= slots / 2)));
  if (wrong >= 0) throw malformed(`feature: got ${growing.feature[wrong] ?? 'none'} at place ${wrong % slots}, want a feature of the plan where a tree may split`);
  requireOpen(plan, growing);
  return growing;
};

const binsFrom = (plan: Plan, { edgeCounts, isMissing }: LevelHead, edges: PackedArray | undefined): readonly Bins[] => {
  const total = edgeCounts.reduce((sum, count) => sum + count, 0);
  if (edgeCounts.length !== plan.features.length || isMissing.length !== plan.features.length) throw malformed(`bins: got those of ${edgeCounts.length} features, want ${plan.features.length}`);
  if (!(edges instanceof Float64Array) || edges.length !== total) throw malformed(`edges: got ${edges?.length ?? 'no'} numbers, want ${total}`);
  const fine = edgeCounts.findIndex((count) => count >= plan.binLimit);
  if (fine >= 0) throw malformed(`edges of ${plan.features[fine] ?? ''}: got ${edgeCounts[fine] ?? 0}, which make more bins than the ${plan.binLimit} of the plan`);
  let at = 0;
  return edgeCounts.map((count, feature) => {
    const own = [...edges.subarray(at, at + count)];
    at += count;
    if (own.some((edge, i) => !Number.isFinite(edge) || (i > 0 && edge <= (own[i - 1] ?? 0)))) throw malformed(`edges of ${plan.features[feature] ?? ''}: got some that do not rise`);
    return { edges: own, isMissing: isMissing[feature] === true };
  });
};

/** A split at a threshold there is: any other would part rows otherwise than the model's file says. */
const requireThresholds = ({ features }: Plan, { slots, feature, splitBin, defaultLeft }: Growing, bins: readonly Bins[]): void => {
  const countOf = (slot: number): number => bins[feature[slot] ?? -1]?.edges.length ?? 0;
  const wrong = feature.findIndex((own, slot) => own >= 0 && ((splitBin[slot] ?? 0) < 1 || (splitBin[slot] ?? 0) > countOf(slot)));
  if (wrong >= 0) throw malformed(`splitBin: got ${splitBin[wrong] ?? 'none'} at place ${wrong % slots}, want one of the ${countOf(wrong)} thresholds of ${features[feature[wrong] ?? 0] ?? ''}, from 1 on`);
  if (defaultLeft.some((each) => each > 1)) throw malformed('defaultLeft: got something else, want 0 or 1');
};

/** @throws DomainError `training-round-malformed`, `training-cohort-too-small` */
const requireClasses = ({ features, label }: Plan, question: Extract<Question, { type: 'classes' }>): Question => {
  if (question.frames.length !== features.length) throw malformed(`frames: got those of ${question.frames.length} features, want ${features.length}`);
  if (Math.min(...question.rows) < LEAST_OF_LABEL) throw new DomainError('training-cohort-too-small', `label ${label}: got a question about ${question.rows.join(' and ')} rows of each, want none below ${LEAST_OF_LABEL}`, { least: LEAST_OF_LABEL });
  return question;
};

/**
 * A question as it came over the network, held against the plan: a site counts nothing from arrays of a wrong length or trees that can not be.
 *
 * @throws DomainError `training-round-malformed`, `training-cohort-too-small` for a node that shows too few rows
 */
export const questionFrom = (plan: Plan, { head, arrays }: Parts): Question => {
  const parsed = Head.safeParse(head);
  if (!parsed.success) throw malformed(`got ${parsed.error.issues.map(({ path, message }) => `${path.map(String).join('.')}: ${message}`).join('; ')}`);
  const question = parsed.data;
  if (!isAskedBy(plan, question.type)) throw malformed(`got ${question.type}, want one of method ${plan.method}`);
  if (question.type === 'classes') return requireClasses(plan, question);
  if (question.type !== 'level') return question;
  const { stand, slots } = question;
  if (stand.tree + stand.count > plan.treeCount) throw malformed(`stand: got trees up to ${stand.tree + stand.count}, want at most ${plan.treeCount}`);
  const bins = binsFrom(plan, question, arrays['edges']);
  const growing = growingFrom(plan, arrays, slots);
  requireThresholds(plan, growing, bins);
  return { type: 'level', bins, growing, stand };
};
