import type { Person } from '../client/api-client.ts';

type Recommendation = Readonly<{ recommendationId: string; output: string; state: string; actions: readonly unknown[]; alternatives: readonly Readonly<{ id: string; actions?: readonly unknown[] }>[] }>;
type Intervention = Readonly<{ interventionId: string; state: string; effects: readonly unknown[] }>;
type View = Readonly<{ version: number; recommendations: readonly Recommendation[]; interventions: readonly Intervention[] }>;

/** Speaks at any hour; nobody waits for it. */
const MONITORING = 'process-monitoring-alarm';
const ACCEPTED = 'Example on a simulated culture: set-points the digital twin can play';
const REFUSED = 'Nothing the equipment could do is expected to help';
const viewOf = async (person: Person, path: string): Promise<View> => (await person.get(`${path}/interventions`)) as unknown as View;

/** What the person accepts: what is recommended, else the first alternative that can be written to equipment; undefined for nothing. */
const choiceOf = ({ actions, alternatives }: Recommendation): Readonly<{ alternativeId?: string }> | undefined => {
  if (actions.length > 0) return {};
  const other = alternatives.find((each) => (each.actions ?? []).length > 0);
  return other === undefined ? undefined : { alternativeId: other.id };
};

/** Whether there is a recommendation of what was asked at its hour, and whether the equipment has still to answer. */
export type Decided = Readonly<{ isRecommended: boolean; isUnanswered: boolean }>;

/** The scientist decides on what waits for them. */
export const decideOnRecommendations = async (scientist: Person, path: string): Promise<Decided> => {
  const { recommendations } = await viewOf(scientist, path);
  for (const recommendation of recommendations.filter(({ state }) => state === 'open')) {
    const choice = choiceOf(recommendation);
    const { version } = await viewOf(scientist, path);
    await scientist.sign(`${path}/recommendations/${recommendation.recommendationId}/decision`, 'approval', version, choice === undefined ? { decision: 'refuse', reason: REFUSED } : { decision: 'accept', reason: ACCEPTED, ...choice });
  }
  const { interventions } = await viewOf(scientist, path);
  return { isRecommended: recommendations.some(({ output }) => output !== MONITORING), isUnanswered: interventions.some(({ state }) => state === 'sent') };
};

export type Effect = Readonly<{ metric: string; unit: string; before: number; after: number }>;

/** What came of each confirmed intervention, put on record once. */
export const recordEffects = async (scientist: Person, path: string, effect: Effect): Promise<void> => {
  const { interventions } = await viewOf(scientist, path);
  for (const { interventionId } of interventions.filter(({ state, effects }) => state === 'confirmed' && effects.length === 0)) {
    await scientist.post(`${path}/interventions/${interventionId}/effect`, { ...effect, note: 'Before, and at the end of the culture, by the sensor' });
  }
};
