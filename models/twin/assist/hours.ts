/** Hours at which the library and the assistant read. */
export const FIRST_HOURS = [24, 36, 48, 60, 72] as const;

/** How often a culture is read after that, and an hour of harvest considered. */
export const CHECKPOINT_HOURS = 12;
