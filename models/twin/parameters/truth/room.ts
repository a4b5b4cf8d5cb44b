import { MINUTES_AN_HOUR } from '../../culture/culture.ts';
import { streamOf } from '../../../random/streams.ts';
import { signal, type BatchRun, type Signal } from '../run.ts';
import { addWander, type Wander } from './wander.ts';

const DAY = 24 * MINUTES_AN_HOUR;
/** How long people stay for one sample, addition or correction, and how fast the air clears after them; assumed. */
const VISIT = { minutes: 45, clearingMinutes: 20 } as const;

/** Minutes at which people come: a sample each day, what the recipe and the corrections have them do. */
const visitsOf = ({ world: { recipe }, batch, actions, points }: BatchRun): readonly number[] => {
  const late = batch.operator.additionDelayHours;
  const handled = [recipe.vectorHour + late, ...recipe.additions.map(({ hour }) => hour + late), ...recipe.exchanges.map(({ hour }) => hour + late), ...actions.map(({ hour }) => hour)];
  const daily = Array.from({ length: Math.ceil(points / DAY) }, (_, day) => 24 * day);
  return [...daily, ...handled].map((hour) => Math.round(hour * MINUTES_AN_HOUR)).filter((minute) => minute >= 0 && minute < points).sort((a, b) => a - b);
};

/** People in the room, 0 to 1: there during a visit, their particles gone within an hour. */
export const peopleShare = signal('visits: daily samples, additions, exchanges, corrections', (run) => {
  const out = new Float64Array(run.points);
  for (const visit of visitsOf(run)) {
    out.fill(1, visit, visit + VISIT.minutes);
    for (let after = 0; after < 5 * VISIT.clearingMinutes && visit + VISIT.minutes + after < run.points; after += 1) {
      const at = visit + VISIT.minutes + after;
      out[at] = Math.max(out[at] ?? 0, Math.exp(-after / VISIT.clearingMinutes));
    }
  }
  return out;
});
/** Someone passes a door: the first and last minutes of a visit. */
export const doorsShare = signal('doors at the start and end of a visit', (run) => {
  const out = new Float64Array(run.points);
  for (const visit of visitsOf(run)) for (const at of [visit - 2, visit - 1, visit + VISIT.minutes, visit + VISIT.minutes + 1]) if (at >= 0 && at < run.points) out[at] = 1;
  return out;
});

type Room = Readonly<{ base: number; swing?: number; wander: Wander; people?: number; doors?: number }>;
/** A quantity of the room: base, swing over the day (highest at 15:00), wander, what people and doors add. */
const room = (purpose: string, cause: string, { base, swing = 0, wander, people: byPeople = 0, doors: byDoors = 0 }: Room): Signal => signal(cause, (run) => {
  const out = new Float64Array(run.points).fill(base);
  addWander(run, purpose, wander, out);
  if (swing !== 0) {
    const wave = Float64Array.from({ length: DAY }, (_, minute) => swing * Math.cos((2 * Math.PI * (minute / MINUTES_AN_HOUR + run.world.release.activationHour - 15)) / 24));
    for (let minute = 0, at = 0; minute < run.points; minute += 1, at = at + 1 === DAY ? 0 : at + 1) out[minute] = (out[minute] ?? 0) + (wave[at] ?? 0);
  }
  for (const [share, source] of [[byPeople, peopleShare], [byDoors, doorsShare]] as const) {
    if (share === 0) continue;
    const present = source.of(run);
    for (let minute = 0; minute < run.points; minute += 1) out[minute] = (out[minute] ?? 0) + share * (present[minute] ?? 0);
  }
  return out;
});

export const roomTemperatureCelsius = room('temperature', 'ventilation, time of day, people', { base: 20.5, swing: 0.4, wander: { sd: 0.2, everyMinutes: 180 }, people: 0.3 });
export const roomHumidityPercent = room('humidity', 'ventilation, weather, people', { base: 45, swing: -1.5, wander: { sd: 3, everyMinutes: 360 }, people: 1 });
export const barometerKPa = room('barometer', 'weather, kPa', { base: 101.3, wander: { sd: 0.6, everyMinutes: 720 } });
export const roomPressurePa = room('pressure', 'ventilation against the next room; doors, Pa', { base: 15, wander: { sd: 0.8, everyMinutes: 120 }, doors: -9 });
export const carbonDioxideInAirPpm = room('air-co2', 'people, ventilation, ppm', { base: 450, wander: { sd: 15, everyMinutes: 120 }, people: 250 });
export const airChangesPerHour = room('air-changes', 'fans and filters, 1/h', { base: 42, wander: { sd: 0.8, everyMinutes: 240 } });
export const airSpeedMPerS = room('air-speed', 'fans of the cabinet, m/s', { base: 0.42, wander: { sd: 0.01, everyMinutes: 240 }, people: -0.01 });
export const soundDb = room('sound', 'fans, people, dB', { base: 52, wander: { sd: 0.8, everyMinutes: 60 }, people: 7 });
export const mainsV = room('mains', 'load of the building, V', { base: 230, swing: -1.5, wander: { sd: 1.2, everyMinutes: 30 } });
export const mainsFrequencyHz = room('frequency', 'load of the grid, Hz', { base: 50, wander: { sd: 0.02, everyMinutes: 5 } });
export const vibrationMmPerS = room('vibration', 'building, people, mm/s', { base: 0.08, wander: { sd: 0.01, everyMinutes: 30 }, people: 0.06 });
export const waterConductivityUsPerCm = room('water', 'purified water loop, µS/cm', { base: 0.7, wander: { sd: 0.05, everyMinutes: 480 } });
export const incubatorTemperatureCelsius = room('incubator-temperature', 'incubator control; doors, °C', { base: 37, wander: { sd: 0.05, everyMinutes: 60 }, doors: -0.5 });
export const incubatorCarbonDioxidePercent = room('incubator-co2', 'incubator control; doors, %', { base: 5, wander: { sd: 0.04, everyMinutes: 60 }, doors: -0.6 });
export const incubatorHumidityPercent = room('incubator-humidity', 'water pan; doors, %', { base: 92, wander: { sd: 1, everyMinutes: 180 }, doors: -12 });
/** 0 off, 1 on: lights, cabinet sash, door lock. */
export const lightsShare = signal('people in the room', (run) => peopleShare.of(run).map((present) => (present > 0.5 ? 1 : 0)));

/** A cold store with a compressor: a saw-tooth around its set-point, doors at visits. */
const coldStore = (purpose: string, setPointCelsius: number, { swing: swingCelsius, periodMinutes, door: doorCelsius }: Readonly<{ swing: number; periodMinutes: number; door: number }>): Signal => signal('compressor cycle, doors, °C', (run) => {
  const phase = streamOf(run.batch.seed, run.batch.index, `room/${purpose}/phase`).below(periodMinutes);
  const opened = peopleShare.of(run);
  const out = new Float64Array(run.points);
  for (let minute = 0, at = phase; minute < run.points; minute += 1, at = at + 1 === periodMinutes ? 0 : at + 1) out[minute] = setPointCelsius + swingCelsius * (Math.abs((2 * at) / periodMinutes - 1) - 0.5) + doorCelsius * (opened[minute] ?? 0);
  addWander(run, purpose, { sd: 0.1 * swingCelsius, everyMinutes: 240 }, out);
  return out;
});
export const refrigeratorCelsius = coldStore('refrigerator', 4.5, { swing: 1.2, periodMinutes: 38, door: 0.6 });
export const freezerCelsius = coldStore('freezer', -24, { swing: 3, periodMinutes: 52, door: 0.8 });
export const deepFreezerCelsius = coldStore('deep-freezer', -80, { swing: 4, periodMinutes: 44, door: 1 });
export const vapourStoreCelsius = coldStore('vapour', -182, { swing: 2, periodMinutes: 720, door: 1.5 });
/** Liquid nitrogen boils off and is filled up at 70 %. */
export const nitrogenLevelPercent = signal('boil-off, filled up at 70 %, %', ({ batch, points }) => {
  const phase = streamOf(batch.seed, batch.index, 'room/nitrogen').below(6 * DAY);
  return new Float64Array(points).map((_, minute) => 88 - (3 * ((minute + phase) % (6 * DAY))) / DAY);
});
