import type { Batch, ValueHeld } from '../../shared/batch/state.ts';

/** Values of a batch by their id in the master batch record. */
export const recordedValues = ({ phases }: Batch): readonly (readonly [string, ValueHeld])[] => Object.values(phases).flatMap(({ values }) => Object.entries(values));

/** A number of the record by its value id. */
export const numberRecorded = (batch: Batch, valueId: string): number | undefined => {
  const value = recordedValues(batch).find(([id]) => id === valueId)?.[1].value;
  return typeof value === 'number' ? value : undefined;
};
