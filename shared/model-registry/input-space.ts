import type { ModelInput } from './model-plan.ts';

/**
 * Inputs outside the space the model was tested in. A model was not tested there, so whoever asks it treats its answer as undecided.
 *
 * @param values by input name; NaN, null or absent is missing
 * @returns one fault an input, in the order of the inputs, and names that are none; empty when all lie within
 * @see EU GMP Annex 22 (draft), 3.1, 10.4
 */
export const outsideInputSpace = ({ inputs }: Readonly<{ inputs: readonly Omit<ModelInput, 'title'>[] }>, values: Readonly<Record<string, number | null>>): readonly string[] => {
  const known = new Set(inputs.map(({ name }) => name));
  return [
    ...inputs.flatMap(({ name, unit, low, high, mayBeMissing }) => {
      const value = Object.hasOwn(values, name) ? values[name] ?? Number.NaN : Number.NaN;
      if (Number.isNaN(value)) return mayBeMissing ? [] : [`${name}: is missing, want a value`];
      return value >= low && value <= high ? [] : [`${name}: got ${`${value} ${unit}`.trim()}, want ${`${low} to ${high} ${unit}`.trim()}`];
    }),
    ...Object.keys(values).filter((name) => !known.has(name)).map((name) => `${name}: is no input of the model`),
  ];
};
