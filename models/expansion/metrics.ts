/** Sensors of the example gateway: unit, smallest step shown, and noise (standard deviation) in that unit. Typical instrument figures, assumed. */
type Sensor = Readonly<{ unit: string; resolution: number; noise: number }>;

export const METRICS = {
  'Bioreactor/Temperature': { unit: '°C', resolution: 0.01, noise: 0.02 },
  'Bioreactor/pH': { unit: '', resolution: 0.01, noise: 0.01 },
  'Bioreactor/Dissolved Oxygen': { unit: '%', resolution: 0.1, noise: 0.4 },
  'Bioreactor/Agitation': { unit: 'rpm', resolution: 1, noise: 0.3 },
  'Bioreactor/Glucose': { unit: 'mmol/L', resolution: 0.05, noise: 0.06 },
  'Bioreactor/Lactate': { unit: 'mmol/L', resolution: 0.05, noise: 0.06 },
  'Bioreactor/Viable Cell Density': { unit: '10^6 cells/mL', resolution: 0.01, noise: 0.02 },
  'Bioreactor/Volume': { unit: 'mL', resolution: 0.1, noise: 0.05 },
  'Bioreactor/Perfusion Rate': { unit: 'mL/h', resolution: 0.01, noise: 0 },
  'Bioreactor/CO2 Flow': { unit: 'mL/min', resolution: 0.1, noise: 0.05 },
  'Bioreactor/O2 Flow': { unit: 'mL/min', resolution: 0.1, noise: 0.05 },
  'Bioreactor/Air Flow': { unit: 'mL/min', resolution: 0.1, noise: 0.1 },
  'Bioreactor/Pressure': { unit: 'kPa', resolution: 0.1, noise: 0.05 },
  'Bioreactor/Conductivity': { unit: 'mS/cm', resolution: 0.01, noise: 0.01 },
  'Incubator/Temperature': { unit: '°C', resolution: 0.1, noise: 0.05 },
  'Incubator/CO2': { unit: '%', resolution: 0.1, noise: 0.03 },
  'Pump/1/Speed': { unit: 'rpm', resolution: 0.1, noise: 0 },
  'Pump/2/Speed': { unit: 'rpm', resolution: 0.1, noise: 0 },
  'Pump/3/Speed': { unit: 'rpm', resolution: 0.1, noise: 0 },
  'Bag/Feed Weight': { unit: 'g', resolution: 1, noise: 0.3 },
  'Bag/Waste Weight': { unit: 'g', resolution: 1, noise: 0.3 },
  'Cabinet/Temperature': { unit: '°C', resolution: 0.1, noise: 0.05 },
  'Cabinet/Humidity': { unit: '%', resolution: 0.5, noise: 0.3 },
  'Cabinet/Particles': { unit: '1/m^3', resolution: 1, noise: 1 },
} as const satisfies Record<string, Sensor>;

export type MetricName = keyof typeof METRICS;
