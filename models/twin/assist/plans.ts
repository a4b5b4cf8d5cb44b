import { MOST_CULTURE_HOURS, type Action } from '../recipe/action.ts';

/** A way to go on from here. `harvest`: when the culture may end; `planned` at the recipe's hour, `free` at any checkpoint up to it, `extended` up to four days after it. */
export type Plan = Readonly<{ name: string; actions: readonly Action[]; harvest: 'planned' | 'free' | 'extended' }>;

/** How much of each; within what is credible for a validated process (control/set-points.ts) and what an action may be (recipe/action.ts). */
const AMOUNT = { exchangeShare: 0.95, feedLowFactor: 0.5, feedHighFactor: 2.2, interleukin2IuPerMl: 1000, oxygenPercentAir: 100, gasPercentAir: 200 } as const;

/**
 * The catalogue of corrective actions, as plans from an hour on: single actions, and the combinations a process scientist would use together. One plan a day, so that a course can hold several in a row.
 *
 * `stop-and-recollect` is not simulated: it is chosen when no plan has a chance (look-ahead).
 */
export const correctivePlans = (hour: number): readonly Plan[] => {
  const exchange: Action = { type: 'exchange-medium', hour, share: AMOUNT.exchangeShare };
  const less: Action = { type: 'set-feed-rate', hour, factor: AMOUNT.feedLowFactor };
  const asWritten: Action = { type: 'set-feed-rate', hour, factor: 1 };
  const more: Action = { type: 'set-feed-rate', hour, factor: AMOUNT.feedHighFactor };
  const interleukin2: Action = { type: 'add-interleukin-2', hour, iuPerMl: AMOUNT.interleukin2IuPerMl };
  const oxygen: Action = { type: 'set-oxygen', hour, setPointPercentAir: AMOUNT.oxygenPercentAir, highestPercentAir: AMOUNT.gasPercentAir };
  const extended = (name: string, ...actions: readonly Action[]): Plan => ({ name, actions, harvest: 'extended' });
  return [
    { name: 'carry on', actions: [], harvest: 'planned' },
    { name: 'harvest early', actions: [], harvest: 'free' },
    extended('extend culture'),
    extended('exchange medium', exchange),
    extended('raise feed', more),
    extended('lower feed', less),
    extended('add interleukin-2', interleukin2),
    extended('raise oxygen', oxygen),
    extended('feed as written, add interleukin-2, raise oxygen', asWritten, interleukin2, oxygen),
    extended('raise feed, add interleukin-2, raise oxygen', more, interleukin2, oxygen),
    extended('lower feed, add interleukin-2, raise oxygen', less, interleukin2, oxygen),
    extended('exchange medium, add interleukin-2, raise oxygen', exchange, interleukin2, oxygen),
    extended('exchange medium, raise feed, add interleukin-2, raise oxygen', exchange, more, interleukin2, oxygen),
    extended('exchange medium, lower feed, add interleukin-2, raise oxygen', exchange, less, interleukin2, oxygen),
  ];
};

/** Longest a standing order can last, days: no culture is longer. */
const MOST_DAYS = MOST_CULTURE_HOURS / 24;

/**
 * The same plans as courses: interleukin-2 is a standing order, given again every day until the harvest, on one signature. Cells use it up within the day, and looking ahead at one dose undervalues what a week of them does.
 *
 * An action after the harvest is none.
 */
export const correctiveCourses = (hour: number): readonly Plan[] => correctivePlans(hour).map((plan) => {
  const dose = plan.actions.find(({ type }) => type === 'add-interleukin-2');
  if (dose === undefined) return plan;
  const again = Array.from({ length: MOST_DAYS }, (_, day): Action => ({ ...dose, hour: hour + 24 * (day + 1) })).filter((action) => action.hour < MOST_CULTURE_HOURS);
  return { ...plan, name: `${plan.name}, interleukin-2 daily`, actions: [...plan.actions, ...again] };
});
