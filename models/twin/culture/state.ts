/**
 * What the culture is, in the order of the state vector. Cells in 10^6 per mL of medium, dissolved things in mmol/L, where nothing else is said.
 *
 * Dissolved oxygen, pH and temperature settle in minutes and follow from these (environment.ts).
 */
export const STATE = {
  /** Viable T cells not yet activated. */
  restingCells: 0,
  /** Viable activated T cells, CAR+ and CAR-. */
  cyclingCells: 1,
  deadCells: 2,
  /** Viable cells without CD3: monocytes, B and NK cells, blasts that came through selection. */
  otherCells: 3,
  /** Activating reagent that still acts, share of the dose given. */
  stimulus: 4,
  /** IU/mL. */
  interleukin2: 5,
  glucose: 6,
  glutamine: 7,
  lactate: 8,
  ammonia: 9,
  /** Infectious lentiviral vector, 10^6 transducing units per mL. */
  vector: 10,
  /** Mean integrated copies per cycling cell. */
  copies: 11,
  /** Mean population doublings of the cycling cells since activation. */
  doublings: 12,
  /** Share of cycling cells with a memory phenotype (CD45RA+CCR7+ or CD45RO+CCR7+), 0 to 1. */
  memory: 13,
  /** mL. */
  volume: 14,
  /** Doublings of a contaminant since it came in; 0 also when there is none (environment.ts tells the load). */
  contaminant: 15,
} as const;

export type StateName = keyof typeof STATE;
export const STATE_NAMES = Object.keys(STATE) as readonly StateName[];
export const STATE_SIZE = STATE_NAMES.length;

/** One component by name. */
export const valueOf = (state: Float64Array, name: StateName): number => state[STATE[name]] ?? Number.NaN;
