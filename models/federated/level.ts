import { binCountOf, type Bins } from './bins.ts';
import { FeatureDraw } from './draws.ts';
import type { Growing, Stand } from './growing.ts';
import type { Plan } from './plan.ts';

/** An open node, of which two integers are summed from `start` on. `slot` is its index in `Growing`. */
export type OpenNode = Readonly<{ tree: number; slot: number; place: number; start: number }>;
/** What one round of a stand sums: of each open node, two integers. */
export type Level = Readonly<{ nodes: readonly OpenNode[]; width: number }>;

/** Features that take more than one bin over the network. A constant one is never drawn. */
export const varying = (bins: readonly Bins[]): readonly number[] => bins.flatMap((each, feature) => (binCountOf(each) > 1 ? [feature] : []));

/** Draws the features of nodes of a plan. @param barren features that are not drawn, though they might vary */
export const featureDrawOf = ({ seed, featuresPerNode }: Plan, bins: readonly Bins[], barren: ReadonlySet<number> = new Set()): FeatureDraw => new FeatureDraw(seed, varying(bins).filter((feature) => !barren.has(feature)), featuresPerNode);

const layOut = ({ open, slots }: Growing, { tree, count }: Stand): Level => {
  const nodes: OpenNode[] = [];
  for (let slot = tree * slots; slot < (tree + count) * slots; slot += 1) if (open[slot] === 1) nodes.push({ tree: Math.floor(slot / slots), slot, place: slot % slots, start: 2 * nodes.length });
  return { nodes, width: 2 * nodes.length };
};

/** Weight of each label at a node, at least, before its rows are counted further: one row of a label alone would show all its bins at once. As many as a site takes part with at all. */
export const LEAST_OF_LABEL = 5;
/** Whether the two sides of a node of a forest are asked about: heavy enough for two children, with enough rows that none is shown alone. */
export const mayBeAsked = ({ minimumLeaf }: Plan, rows: number, ones: number): boolean => Math.min(ones, rows - ones) >= LEAST_OF_LABEL && rows >= 2 * minimumLeaf;

/** Trees are never changed once they are asked about, so one question is laid out once. */
const known = new WeakMap<Growing, Readonly<{ stand: Stand; level: Level }>>();

/** The open nodes in order and the layout of their sums: the same at every site and the coordinator, from the trees alone. */
export const levelOf = (growing: Growing, stand: Stand): Level => {
  const before = known.get(growing);
  if (before?.stand === stand) return before.level;
  const level = layOut(growing, stand);
  known.set(growing, { stand, level });
  return level;
};
