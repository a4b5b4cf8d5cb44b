/**
 * What the culture is, in the order of the state vector; what is counted or dissolved, in a mL or L of medium.
 *
 * Dissolved oxygen, pH and temperature settle in minutes and follow from these (environment.ts).
 */
export const STATE = {
  /** Viable T cells not yet activated. */
  restingCellsMillionPerMl: 0,
  /** Viable activated T cells, CAR+ and CAR-. */
  cyclingCellsMillionPerMl: 1,
  deadCellsMillionPerMl: 2,
  /** Viable cells without CD3: monocytes, B and NK cells, blasts that came through selection. */
  otherCellsMillionPerMl: 3,
  /** Activating reagent that still acts, of the dose given. */
  stimulusShare: 4,
  interleukin2IuPerMl: 5,
  glucoseMmolPerL: 6,
  glutamineMmolPerL: 7,
  lactateMmolPerL: 8,
  ammoniaMmolPerL: 9,
  /** Infectious lentiviral vector; TU: transducing units. */
  vectorMillionTuPerMl: 10,
  /** Mean integrated copies per cycling cell. */
  copies: 11,
  /** Mean population doublings of the cycling cells since activation. */
  doublings: 12,
  /** Cycling cells with a memory phenotype (CD45RA+CCR7+ or CD45RO+CCR7+), 0 to 1. */
  memoryShare: 13,
  volumeMl: 14,
  /** Doublings of a contaminant since it came in; 0 also when there is none (environment.ts tells the load). */
  contaminantDoublings: 15,
} as const;

export type StateName = keyof typeof STATE;
export const STATE_NAMES = Object.keys(STATE) as readonly StateName[];
export const STATE_SIZE = STATE_NAMES.length;

/** One component by name. */
export const valueOf = (state: Float64Array, name: StateName): number => state[STATE[name]] ?? Number.NaN;
