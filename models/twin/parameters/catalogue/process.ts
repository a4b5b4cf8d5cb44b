import { piecewise } from '../run.ts';
import * as culture from '../truth/culture.ts';
import * as skid from '../truth/equipment.ts';
import { roomTemperature } from '../truth/room.ts';
import { INSTRUMENTS as I, minuteRows } from './instruments.ts';

const row = minuteRows('process');
const temperatureSetPoint = piecewise('recipe', (_, { world }) => world.recipe.temperatureCelsius);
const phSetPoint = piecewise('recipe', ({ conditions }) => conditions.phSetPoint);
const oxygenSetPoint = piecewise('recipe and corrections', ({ control }) => control.oxygenSetPointPercentAir);

/** The culture and the flows into and out of it, as probes and controllers of the skid see them. */
export const PROCESS_SERIES = [
  row('Bioreactor/Temperature', '°C', culture.temperature, I.resistanceThermometer),
  row('Bioreactor/Temperature Second Probe', '°C', culture.temperature, I.resistanceThermometer),
  row('Bioreactor/Wall Temperature', '°C', culture.temperature, I.resistanceThermometer, { offset: 0.15 }),
  row('Bioreactor/Heater Plate Temperature', '°C', skid.heater, I.resistanceThermometer, { gain: 0.05, offset: 37 }),
  row('Bioreactor/Lid Temperature', '°C', culture.temperature, I.resistanceThermometer, { offset: 0.5 }),
  row('Bioreactor/Gas Inlet Temperature', '°C', roomTemperature, I.roomThermometer, { gain: 0.5, offset: 20 }),
  row('Bioreactor/pH', '', culture.phOfController, I.phProbe),
  row('Bioreactor/pH Optical Patch', '', culture.ph, I.phPatch),
  row('Bioreactor/Dissolved Oxygen', '%', culture.oxygen, I.oxygenProbe),
  row('Bioreactor/Dissolved Oxygen Optical Patch', '%', culture.oxygen, I.oxygenPatch),
  row('Bioreactor/CO2 Partial Pressure', 'mmHg', culture.carbonDioxide, I.carbonDioxideProbe),
  row('Bioreactor/Glucose', 'mmol/L', culture.glucose, I.enzymeSensor),
  row('Bioreactor/Glucose Raman', 'mmol/L', culture.glucose, I.raman),
  row('Bioreactor/Lactate', 'mmol/L', culture.lactate, I.enzymeSensor),
  row('Bioreactor/Lactate Raman', 'mmol/L', culture.lactate, I.raman),
  row('Bioreactor/Glutamine', 'mmol/L', culture.glutamine, I.raman),
  row('Bioreactor/Ammonia', 'mmol/L', culture.ammonia, I.raman),
  row('Bioreactor/Capacitance', 'pF/cm', culture.capacitance, I.capacitanceProbe),
  row('Bioreactor/Capacitance Second Frequency', 'pF/cm', culture.capacitance, I.capacitanceProbe, { gain: 0.42, offset: 0.3 }),
  row('Bioreactor/Viable Cell Density', '10^6 cells/mL', culture.viable, I.capacitanceProbe),
  row('Bioreactor/Turbidity', 'AU', culture.turbidity, I.turbidityProbe),
  row('Bioreactor/Turbidity Back Scatter', 'AU', culture.turbidity, I.turbidityProbe, { gain: 0.7, offset: 0.05 }),
  row('Bioreactor/Oxygen Uptake Rate', 'mmol/L/h', culture.oxygenUptake, I.calculated),
  row('Bioreactor/Volume', 'mL', culture.volume, I.levelSensor),
  row('Bioreactor/Conductivity', 'mS/cm', culture.lactate, I.conductivityProbe, { gain: 0.02, offset: 14.2 }),
  row('Bioreactor/Agitation', 'rpm', skid.agitation, I.tachometer),
  row('Bioreactor/Pressure', 'kPa', skid.headspace, I.pressureGauge),
  row('Bioreactor/Temperature Set-Point', '°C', temperatureSetPoint, I.setting),
  row('Bioreactor/pH Set-Point', '', phSetPoint, I.setting),
  row('Bioreactor/Dissolved Oxygen Set-Point', '%', oxygenSetPoint, I.setting),
  row('Bioreactor/Heater Output', '%', skid.heater, I.controllerOutput),
  row('Bioreactor/CO2 Flow', 'mL/min', skid.carbonDioxideFlow, I.gasFlowMeter),
  row('Bioreactor/O2 Flow', 'mL/min', skid.oxygenFlow, I.gasFlowMeter),
  row('Bioreactor/Air Flow', 'mL/min', skid.airFlow, I.airFlowMeter),
  row('Bioreactor/Gas Flow', 'mL/min', skid.totalGas, I.gasFlowMeter),
  row('Bioreactor/CO2 Valve', '%', skid.carbonDioxideValve, I.controllerOutput),
  row('Bioreactor/O2 Valve', '%', skid.oxygenValve, I.controllerOutput),
  row('Bioreactor/Exhaust CO2', '%', culture.carbonDioxide, I.gasAnalyser, { gain: 0.131 }),
  row('Bioreactor/Exhaust O2', '%', culture.oxygen, I.gasAnalyser, { gain: 0.196 }),
  row('Bioreactor/Perfusion Rate', 'mL/h', skid.feedAsked, I.setting),
  row('Feed/Flow', 'mL/h', skid.feedFlow, I.liquidFlowMeter),
  row('Feed/Pressure', 'kPa', skid.feedFlow, I.pressureGauge, { gain: 0.6, offset: 4 }),
  row('Feed/Total', 'mL', skid.fed, I.totaliser),
  row('Waste/Flow', 'mL/h', skid.wasteFlow, I.liquidFlowMeter),
  row('Waste/Pressure', 'kPa', skid.wasteFlow, I.pressureGauge, { gain: 0.4, offset: 3 }),
  row('Waste/Filter Pressure', 'kPa', skid.filterPressure, I.pressureGauge),
  row('Bag/Feed Weight', 'g', skid.feedBag, I.balance),
  row('Bag/Waste Weight', 'g', skid.wasteBag, I.balance),
  row('Pump/1/Speed', 'rpm', skid.feedAsked, I.pumpTachometer, { gain: 1.5 }),
  row('Pump/2/Speed', 'rpm', skid.wasteFlow, I.pumpTachometer, { gain: 1.5 }),
  row('Pump/3/Speed', 'rpm', skid.handlingPump, I.pumpTachometer),
] as const;
