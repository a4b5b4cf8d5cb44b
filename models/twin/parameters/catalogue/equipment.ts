import * as skid from '../truth/equipment.ts';
import * as room from '../truth/room.ts';
import { INSTRUMENTS as I, minuteRows } from './instruments.ts';

const row = minuteRows('equipment');

/** What the machines tell of themselves: currents, bearings, supplies, heartbeats. */
export const EQUIPMENT_SERIES = [
  row('Incubator/Temperature', '°C', room.incubatorTemperatureCelsius, I.roomThermometer),
  row('Incubator/CO2', '%', room.incubatorCarbonDioxidePercent, I.gasAnalyser),
  row('Incubator/Humidity', '%', room.incubatorHumidityPercent, I.hygrometer),
  row('Pump/1/Current', 'mA', skid.pumpCurrentMa, I.ammeter),
  row('Pump/2/Current', 'mA', skid.wasteFlowMlPerHour, I.ammeter, { gain: 4, offset: 60 }),
  row('Pump/3/Current', 'mA', skid.handlingPumpRpm, I.ammeter, { gain: 2, offset: 35 }),
  row('Pump/1/Motor Temperature', '°C', skid.pumpCurrentMa, I.roomThermometer, { gain: 0.04, offset: 22 }),
  row('Pump/2/Motor Temperature', '°C', skid.wasteFlowMlPerHour, I.roomThermometer, { gain: 0.2, offset: 24 }),
  row('Shaker/Current', 'mA', skid.shakerCurrentMa, I.ammeter),
  row('Shaker/Bearing Temperature', '°C', skid.shakerCurrentMa, I.roomThermometer, { gain: 0.02, offset: 22 }),
  row('Shaker/Vibration', 'mm/s', skid.agitationRpm, I.fineMeter, { gain: 0.012, offset: 0.05 }),
  row('Heater/Current', 'mA', skid.heaterCurrentMa, I.ammeter),
  row('Gas Valves/Current', 'mA', skid.valveCurrentMa, I.ammeter),
  row('Supply/O2 Pressure', 'bar', skid.oxygenSupplyBar, I.fineMeter),
  row('Supply/Air Pressure', 'bar', skid.airSupplyBar, I.fineMeter),
  row('Supply/CO2 Pressure', 'bar', room.barometerKPa, I.fineMeter, { gain: 0.001, offset: 3.9 }),
  row('Supply/CO2 Cylinder Weight', 'g', skid.carbonDioxideUsedL, I.balance, { gain: -1.84, offset: 5600 }),
  row('Controller/Temperature', '°C', room.roomTemperatureCelsius, I.roomThermometer, { offset: 14 }),
  row('Controller/Supply Voltage', 'V', room.mainsV, I.fineMeter, { gain: 0.01, offset: 21.7 }),
  row('Controller/Heartbeat Current', 'mA', room.mainsV, I.ammeter, { gain: -0.5, offset: 425 }),
  row('Gateway/Temperature', '°C', room.roomTemperatureCelsius, I.roomThermometer, { offset: 19 }),
  row('Gateway/Supply Voltage', 'V', room.mainsV, I.fineMeter, { gain: 0.004, offset: 11.1 }),
  row('Gateway/Heartbeat Current', 'mA', room.mainsV, I.ammeter, { gain: -0.3, offset: 249 }),
  row('Cabinet/Fan Current', 'mA', room.airSpeedMPerS, I.ammeter, { gain: 1600 }),
  row('Cabinet/Filter Pressure', 'Pa', room.airSpeedMPerS, I.coarseMeter, { gain: 420 }),
  row('Refrigerator/Compressor Current', 'mA', room.refrigeratorCelsius, I.ammeter, { gain: 180, offset: 300 }),
  row('Freezer/Compressor Current', 'mA', room.freezerCelsius, I.ammeter, { gain: 120, offset: 4600 }),
  row('Deep Freezer/Compressor Current', 'mA', room.deepFreezerCelsius, I.ammeter, { gain: 150, offset: 15_500 }),
  row('Mains/Voltage', 'V', room.mainsV, I.voltmeter),
  row('Mains/Frequency', 'Hz', room.mainsFrequencyHz, I.frequencyMeter),
  row('Reserve Supply/Charge', '%', room.mainsV, I.percentMeter, { gain: 0.05, offset: 87.5 }),
  row('Reserve Supply/Load', '%', skid.shakerCurrentMa, I.percentMeter, { gain: 0.03, offset: 18 }),
] as const;
