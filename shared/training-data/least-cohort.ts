/** Rows that a hospital sums or counts over, at least. Its own rule may ask for more (`leastCohort` of its file), never for less. */
export const LEAST_COHORT = 5;
