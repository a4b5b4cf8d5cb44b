import type { Action } from '../recipe/action.ts';

/** A way to go on from here. `harvest`: when the culture may end; `planned` at the recipe's hour, `free` at any checkpoint up to it, `extended` up to four days after it. */
export type Plan = Readonly<{ name: string; actions: readonly Action[]; harvest: 'planned' | 'free' | 'extended' }>;

/** Days a culture may be extended beyond the recipe. */
export const EXTENSION_HOURS = 96;

/**
 * The catalogue of corrective actions, as plans from an hour on: single actions, and the pairs a process scientist would use together.
 *
 * `stop-and-recollect` is not simulated: it is chosen when no plan has a chance (look-ahead).
 */
export const correctivePlans = (hour: number): readonly Plan[] => {
  const exchange: Action = { type: 'exchange-medium', hour, share: 0.7 };
  const feed: Action = { type: 'set-feed-rate', hour, factor: 1.6 };
  const strongFeed: Action = { type: 'set-feed-rate', hour, factor: 2.2 };
  const interleukin2: Action = { type: 'add-interleukin-2', hour, unitsPerMl: 200 };
  const oxygen: Action = { type: 'set-oxygen', hour, setPoint: 80, highest: 200 };
  return [
    { name: 'carry on', actions: [], harvest: 'planned' },
    { name: 'harvest early', actions: [], harvest: 'free' },
    { name: 'extend culture', actions: [], harvest: 'extended' },
    { name: 'exchange medium', actions: [exchange], harvest: 'extended' },
    { name: 'raise feed', actions: [feed], harvest: 'extended' },
    { name: 'raise feed much', actions: [strongFeed], harvest: 'extended' },
    { name: 'add interleukin-2', actions: [interleukin2], harvest: 'extended' },
    { name: 'raise oxygen', actions: [oxygen], harvest: 'extended' },
    { name: 'raise feed and oxygen', actions: [strongFeed, oxygen], harvest: 'extended' },
    { name: 'exchange medium, raise feed and interleukin-2', actions: [exchange, strongFeed, interleukin2], harvest: 'extended' },
  ];
};
