import type { FeatureWindow } from '../../early-prediction/features.ts';

/** A name for a column: lower case, words joined by hyphens. */
export const slug = (name: string): string => name.toLowerCase().replaceAll('µ', 'u').replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^-|-$/g, '');

/** Sensors of the chamber and around it that a data set looks at, beside those of the deployed prediction. */
const WATCHED = [
  'Bioreactor/Viable Cell Density', 'Bioreactor/Capacitance', 'Bioreactor/Turbidity', 'Bioreactor/Oxygen Uptake Rate', 'Bioreactor/Glucose', 'Bioreactor/Glucose Raman', 'Bioreactor/Lactate', 'Bioreactor/Lactate Raman',
  'Bioreactor/Glutamine', 'Bioreactor/Ammonia', 'Bioreactor/pH', 'Bioreactor/pH Optical Patch', 'Bioreactor/CO2 Partial Pressure', 'Bioreactor/Dissolved Oxygen', 'Bioreactor/Temperature', 'Bioreactor/Wall Temperature',
  'Bioreactor/Volume', 'Bioreactor/Conductivity', 'Bioreactor/CO2 Flow', 'Bioreactor/O2 Flow', 'Bioreactor/Heater Output', 'Incubator/Temperature', 'Incubator/CO2', 'Room/Temperature 1', 'Room/Particles 0.5 µm 1', 'Cabinet/Particles',
] as const;
const STATISTICS = [['mean', 24, 48], ['mean', 48, 72], ['slope', 24, 72]] as const;

/** A feature of each watched sensor: statistics over windows of the first 72 hours, by name. Named without the catalogue, which a deployed function does not carry. */
export const SENSOR_WINDOWS: readonly Readonly<{ name: string; window: FeatureWindow }>[] = WATCHED.flatMap((metric) => STATISTICS.map(([statistic, fromHour, toHour]) =>
  ({ name: `${slug(metric)}-${statistic}-${fromHour}-${toHour}`, window: { metric, statistic, fromHour, toHour } })));
