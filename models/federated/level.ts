import { binCountOf, type Bins } from './bins.ts';
import { FeatureDraw } from './draws.ts';
import { GRADIENT_SCALE } from './gradients.ts';
import type { Growing, Stand } from './growing.ts';
import type { Plan } from './plan.ts';

/** An open node and the features drawn for it; none where only its rows are counted, two integers, for its split was foreseen. `start` is where its sums begin; `slot` its index in `Growing`. */
export type OpenNode = Readonly<{ tree: number; slot: number; place: number; features: Int32Array; start: number }>;
/** What one round of a stand sums: for each open node, each drawn feature, each bin, two integers. */
export type Level = Readonly<{ nodes: readonly OpenNode[]; width: number }>;

/** Features that take more than one bin over the network. A constant one is never drawn. */
export const varying = (bins: readonly Bins[]): readonly number[] => bins.flatMap((each, feature) => (binCountOf(each) > 1 ? [feature] : []));

const NONE = new Int32Array();

/** Draws the features of nodes of a plan. @param barren features that are not drawn, though they might vary */
export const featureDrawOf = ({ seed, featuresPerNode }: Plan, bins: readonly Bins[], barren: ReadonlySet<number> = new Set()): FeatureDraw => new FeatureDraw(seed, varying(bins).filter((feature) => !barren.has(feature)), featuresPerNode);

const layOut = (plan: Plan, bins: readonly Bins[], growing: Growing, { tree, count }: Stand): Level => {
  const draw = featureDrawOf(plan, bins);
  const cells = Int32Array.from(bins, binCountOf);
  const nodes: OpenNode[] = [];
  let start = 0;
  for (let slot = tree * growing.slots; slot < (tree + count) * growing.slots; slot += 1) {
    if (growing.open[slot] !== 1) continue;
    const place = slot % growing.slots;
    const owner = Math.floor(slot / growing.slots);
    const features = plan.splits === 'foreseen' ? NONE : draw.of(owner, place);
    nodes.push({ tree: owner, slot, place, features, start });
    start += features === NONE ? 2 : features.reduce((sum, feature) => sum + 2 * (cells[feature] ?? 0), 0);
  }
  return { nodes, width: start };
};

/** Weight of each label at a node, at least, before its rows are counted further: one row of a label alone would show all its bins at once. As many as a site takes part with at all. */
export const LEAST_OF_LABEL = 5;
/** p(1 − p) of a row is a quarter at most, so that this much hessian is of as many rows. */
const LEAST_HESSIAN = LEAST_OF_LABEL / 4;

/** Whether a node below the root is asked about: heavy enough for two children, with enough rows that none is shown alone. The root is: it is all rows. */
export const mayBeAsked = ({ method, minimumLeaf }: Plan, first: number, second: number): boolean => (method === 'forest'
  ? Math.min(second, first - second) >= LEAST_OF_LABEL && first >= 2 * minimumLeaf
  : second >= Math.max(2 * minimumLeaf, LEAST_HESSIAN) * GRADIENT_SCALE);

type Asked = Readonly<{ plan: Plan; bins: readonly Bins[]; stand: Stand; level: Level }>;
/** Trees are never changed once they are asked about, so one question is laid out once. */
const known = new WeakMap<Growing, Asked>();

/** The open nodes in order and the layout of their sums: the same at every site and the coordinator, from plan, bins and trees alone. */
export const levelOf = (plan: Plan, bins: readonly Bins[], growing: Growing, stand: Stand): Level => {
  const before = known.get(growing);
  if (before?.plan === plan && before.bins === bins && before.stand === stand) return before.level;
  const level = layOut(plan, bins, growing, stand);
  known.set(growing, { plan, bins, stand, level });
  return level;
};
