import type { MinuteSeries, Parameter } from '../parameter.ts';
import { COLLECTION_ATTRIBUTES } from './collection.ts';
import { ENVIRONMENT_SERIES } from './environment.ts';
import { EQUIPMENT_SERIES } from './equipment.ts';
import { MATERIAL_ATTRIBUTES } from './materials.ts';
import { PROCESS_SERIES } from './process.ts';
import { RELEASE_TESTS } from './release.ts';
import { DAILY_SAMPLES } from './samples.ts';

/** Every sensor of a batch, once a minute. */
export const MINUTE_SERIES: readonly MinuteSeries[] = [...PROCESS_SERIES, ...EQUIPMENT_SERIES, ...ENVIRONMENT_SERIES];
export const ATTRIBUTES = [...MATERIAL_ATTRIBUTES, ...COLLECTION_ATTRIBUTES] as const;
/** Everything that is known of a batch and its surroundings. */
export const CATALOGUE: readonly Parameter[] = [...MINUTE_SERIES, ...DAILY_SAMPLES, ...ATTRIBUTES, ...RELEASE_TESTS];

const SERIES_BY_NAME: ReadonlyMap<string, MinuteSeries> = new Map(MINUTE_SERIES.map((parameter) => [parameter.name, parameter]));

/** @throws RangeError when no minute series has the name */
export const minuteSeriesNamed = (name: string): MinuteSeries => {
  const found = SERIES_BY_NAME.get(name);
  if (found === undefined) throw new RangeError(`parameter: got ${name}, want a minute series of the catalogue`);
  return found;
};
