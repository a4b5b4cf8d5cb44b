import { piecewise } from '../run.ts';
import * as culture from '../truth/culture.ts';
import * as skid from '../truth/equipment.ts';
import { roomTemperatureCelsius } from '../truth/room.ts';
import { INSTRUMENTS as I, minuteRows } from './instruments.ts';

const row = minuteRows('process');
const temperatureSetPointCelsius = piecewise('recipe', (_, { world }) => world.recipe.temperatureCelsius);
const phSetPoint = piecewise('recipe', ({ conditions }) => conditions.phSetPoint);
const oxygenSetPointPercentAir = piecewise('recipe and corrections', ({ control }) => control.oxygenSetPointPercentAir);

/** The culture and the flows into and out of it, as probes and controllers of the skid see them. */
export const PROCESS_SERIES = [
  row('Bioreactor/Temperature', '°C', culture.temperatureCelsius, I.resistanceThermometer),
  row('Bioreactor/Temperature Second Probe', '°C', culture.temperatureCelsius, I.resistanceThermometer),
  row('Bioreactor/Wall Temperature', '°C', culture.temperatureCelsius, I.resistanceThermometer, { offset: 0.15 }),
  row('Bioreactor/Heater Plate Temperature', '°C', skid.heaterPercent, I.resistanceThermometer, { gain: 0.05, offset: 37 }),
  row('Bioreactor/Lid Temperature', '°C', culture.temperatureCelsius, I.resistanceThermometer, { offset: 0.5 }),
  row('Bioreactor/Gas Inlet Temperature', '°C', roomTemperatureCelsius, I.roomThermometer, { gain: 0.5, offset: 20 }),
  row('Bioreactor/pH', '', culture.phOfController, I.phProbe),
  row('Bioreactor/pH Optical Patch', '', culture.ph, I.phPatch),
  row('Bioreactor/Dissolved Oxygen', '%', culture.oxygenPercentAir, I.oxygenProbe),
  row('Bioreactor/Dissolved Oxygen Optical Patch', '%', culture.oxygenPercentAir, I.oxygenPatch),
  row('Bioreactor/CO2 Partial Pressure', 'mmHg', culture.carbonDioxideMmHg, I.carbonDioxideProbe),
  row('Bioreactor/Glucose', 'mmol/L', culture.glucoseMmolPerL, I.enzymeSensor),
  row('Bioreactor/Glucose Raman', 'mmol/L', culture.glucoseMmolPerL, I.raman),
  row('Bioreactor/Lactate', 'mmol/L', culture.lactateMmolPerL, I.enzymeSensor),
  row('Bioreactor/Lactate Raman', 'mmol/L', culture.lactateMmolPerL, I.raman),
  row('Bioreactor/Glutamine', 'mmol/L', culture.glutamineMmolPerL, I.raman),
  row('Bioreactor/Ammonia', 'mmol/L', culture.ammoniaMmolPerL, I.raman),
  row('Bioreactor/Capacitance', 'pF/cm', culture.capacitancePfPerCm, I.capacitanceProbe),
  row('Bioreactor/Capacitance Second Frequency', 'pF/cm', culture.capacitancePfPerCm, I.capacitanceProbe, { gain: 0.42, offset: 0.3 }),
  row('Bioreactor/Viable Cell Density', '10^6 cells/mL', culture.viableMillionPerMl, I.capacitanceProbe),
  row('Bioreactor/Turbidity', 'AU', culture.turbidityAu, I.turbidityProbe),
  row('Bioreactor/Turbidity Back Scatter', 'AU', culture.turbidityAu, I.turbidityProbe, { gain: 0.7, offset: 0.05 }),
  row('Bioreactor/Oxygen Uptake Rate', 'mmol/L/h', culture.oxygenUptakeMmolPerLPerHour, I.calculated),
  row('Bioreactor/Volume', 'mL', culture.volumeMl, I.levelSensor),
  row('Bioreactor/Conductivity', 'mS/cm', culture.lactateMmolPerL, I.conductivityProbe, { gain: 0.02, offset: 14.2 }),
  row('Bioreactor/Agitation', 'rpm', skid.agitationRpm, I.tachometer),
  row('Bioreactor/Pressure', 'kPa', skid.headspaceKPa, I.pressureGauge),
  row('Bioreactor/Temperature Set-Point', '°C', temperatureSetPointCelsius, I.setting),
  row('Bioreactor/pH Set-Point', '', phSetPoint, I.setting),
  row('Bioreactor/Dissolved Oxygen Set-Point', '%', oxygenSetPointPercentAir, I.setting),
  row('Bioreactor/Heater Output', '%', skid.heaterPercent, I.controllerOutput),
  row('Bioreactor/CO2 Flow', 'mL/min', skid.carbonDioxideFlowMlPerMinute, I.gasFlowMeter),
  row('Bioreactor/O2 Flow', 'mL/min', skid.oxygenFlowMlPerMinute, I.gasFlowMeter),
  row('Bioreactor/Air Flow', 'mL/min', skid.airFlowMlPerMinute, I.airFlowMeter),
  row('Bioreactor/Gas Flow', 'mL/min', skid.totalGasMlPerMinute, I.gasFlowMeter),
  row('Bioreactor/CO2 Valve', '%', skid.carbonDioxideValvePercent, I.controllerOutput),
  row('Bioreactor/O2 Valve', '%', skid.oxygenValvePercent, I.controllerOutput),
  row('Bioreactor/Exhaust CO2', '%', culture.carbonDioxideMmHg, I.gasAnalyser, { gain: 0.131 }),
  row('Bioreactor/Exhaust O2', '%', culture.oxygenPercentAir, I.gasAnalyser, { gain: 0.196 }),
  row('Bioreactor/Perfusion Rate', 'mL/h', skid.feedAskedMlPerHour, I.setting),
  row('Feed/Flow', 'mL/h', skid.feedFlowMlPerHour, I.liquidFlowMeter),
  row('Feed/Pressure', 'kPa', skid.feedFlowMlPerHour, I.pressureGauge, { gain: 0.6, offset: 4 }),
  row('Feed/Total', 'mL', skid.fedMl, I.totaliser),
  row('Waste/Flow', 'mL/h', skid.wasteFlowMlPerHour, I.liquidFlowMeter),
  row('Waste/Pressure', 'kPa', skid.wasteFlowMlPerHour, I.pressureGauge, { gain: 0.4, offset: 3 }),
  row('Waste/Filter Pressure', 'kPa', skid.filterPressureKPa, I.pressureGauge),
  row('Bag/Feed Weight', 'g', skid.feedBagG, I.balance),
  row('Bag/Waste Weight', 'g', skid.wasteBagG, I.balance),
  row('Pump/1/Speed', 'rpm', skid.feedAskedMlPerHour, I.pumpTachometer, { gain: 1.5 }),
  row('Pump/2/Speed', 'rpm', skid.wasteFlowMlPerHour, I.pumpTachometer, { gain: 1.5 }),
  row('Pump/3/Speed', 'rpm', skid.handlingPumpRpm, I.pumpTachometer),
] as const;
