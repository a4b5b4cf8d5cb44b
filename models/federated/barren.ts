import type { Growing } from './growing.ts';
import type { Plan } from './plan.ts';

/** Splits of a feature that tell, when none of them parted any rows, that it does not vary. */
const SPLITS_THAT_TELL = 3;

/** Splits by feature that were counted, and of these such that have rows on both sides. */
const countedIn = ({ method }: Plan, { slots, feature, first, second }: Growing): ReadonlyMap<number, Readonly<{ splits: number; parting: number }>> => {
  const weight = method === 'forest' ? first : second;
  const found = new Map<number, { splits: number; parting: number }>();
  feature.forEach((own, slot) => {
    const left = slot + (slot % slots);
    const [lower, upper] = [weight[left] ?? 0, weight[left + 1] ?? 0];
    if (own < 0 || lower + upper === 0) return;
    const counts = found.get(own) ?? { splits: 0, parting: 0 };
    found.set(own, { splits: counts.splits + 1, parting: counts.parting + (lower > 0 && upper > 0 ? 1 : 0) });
  });
  return found;
};

/** Features of foreseen trees that part no rows: nothing said before that they are everywhere the same. Read off what the model holds. */
export const barrenIn = (plan: Plan, growing: Growing): ReadonlySet<number> => new Set([...countedIn(plan, growing)].flatMap(([feature, { splits, parting }]) => (splits >= SPLITS_THAT_TELL && parting === 0 ? [feature] : [])));

/** Whether some split parts rows. */
export const partsRows = (plan: Plan, growing: Growing): boolean => [...countedIn(plan, growing).values()].some(({ parting }) => parting > 0);
