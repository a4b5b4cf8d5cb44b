import type { Limits } from '../master-batch-record/model.ts';
import { finite, outside, timesBack, type Excursion } from './excursion.ts';
import type { Series } from './series.ts';

type Side = Excursion['side'];

/**
 * An excursion as it was first seen. Its time names its alarm, and may be later than the excursion's beginning, because messages come in any order. `backBefore` and `backAfter` are the nearest times known,
 * before and after it, at which the value was well inside again (epoch ms); undefined when none is known.
 */
export type Sighting = Readonly<{ atEpochMs: number; value: number; limit: number; side: Side; backBefore?: number | undefined; backAfter?: number | undefined }>;

const SIDES: readonly Side[] = ['low', 'high'];

const latest = (a: number | undefined, b: number | undefined): number | undefined => (a === undefined || b === undefined ? a ?? b : Math.max(a, b));
const earliest = (a: number | undefined, b: number | undefined): number | undefined => (a === undefined || b === undefined ? a ?? b : Math.min(a, b));

/** Take in times at which the value was back. @returns the same object when they say nothing new */
const toldBack = (sighting: Sighting, back: readonly number[]): Sighting => {
  const { atEpochMs } = sighting;
  const [first, last] = [back[0] ?? Infinity, back.at(-1) ?? -Infinity];
  const backBefore = latest(sighting.backBefore, first < atEpochMs ? back.findLast((time) => time < atEpochMs) : undefined);
  const backAfter = earliest(sighting.backAfter, last > atEpochMs ? back.find((time) => time > atEpochMs) : undefined);
  return backBefore === sighting.backBefore && backAfter === sighting.backAfter ? sighting : { ...sighting, backBefore, backAfter };
};

/** Sightings of one side with those of some samples that are certain to be of no excursion sighted before: between the two the value was back. */
const sightSide = ({ times, values }: Series, held: readonly Sighting[], side: Side, { limits, back }: Readonly<{ limits: Limits; back: readonly number[] }>): readonly Sighting[] => {
  const sightings = [...held];
  times.forEach((atEpochMs, i) => {
    const value = values[i] ?? Number.NaN;
    const beyond = outside(value, limits);
    if (beyond?.side !== side) return;
    const next = sightings.findIndex((each) => each.atEpochMs > atEpochMs);
    const at = next === -1 ? sightings.length : next;
    const [before, after] = [sightings[at - 1], sightings[at]];
    if (before !== undefined && !((before.backAfter ?? Infinity) < atEpochMs)) return;
    if (after !== undefined && !((after.backBefore ?? -Infinity) > atEpochMs)) return;
    sightings.splice(at, 0, toldBack({ atEpochMs, value: finite(value), ...beyond, backBefore: before?.backAfter, backAfter: after?.backBefore }, back));
  });
  return sightings;
};

/**
 * Judge samples of which more may come, earlier and later ones. In whatever order and however often they come, two sightings are never of one excursion; that some excursion is not sighted is left to
 * the sealing, which knows all samples.
 *
 * @param series samples in time order
 * @param held   sightings so far, in time order
 * @returns all sightings in time order; `held` itself when there is nothing new
 */
export const sightAhead = (series: Series, limits: Limits, held: readonly Sighting[]): readonly Sighting[] => {
  const sides = SIDES.map((side) => {
    const limit = limits[side];
    const own = held.filter((each) => each.side === side);
    if (limit === undefined) return own;
    const back = timesBack(series, limits, { limit, side });
    return sightSide(series, own.map((each) => toldBack(each, back)), side, { limits, back });
  });
  const all = sides.flat().sort((a, b) => a.atEpochMs - b.atEpochMs);
  return all.length === held.length && all.every((each) => held.includes(each)) ? held : all;
};

/** Two values of one time stand in their order: after a low one the value may be back at the same time, before a high one it may have been. */
const isWithin = ({ fromEpochMs, side }: Excursion, toEpochMs: number, sighting: Sighting): boolean =>
  sighting.side === side && sighting.atEpochMs >= fromEpochMs && (side === 'low' ? sighting.atEpochMs <= toEpochMs : sighting.atEpochMs < toEpochMs);

/** The sighting of an excursion all of whose samples up to a time are known, if it has one. */
export const sightingOf = (excursion: Excursion, sightings: readonly Sighting[], throughEpochMs: number): Sighting | undefined =>
  sightings.find((each) => isWithin(excursion, excursion.toEpochMs ?? throughEpochMs, each));

/**
 * Hold an excursion found in all samples of its time against the sightings, and add it when it is not among them. One that lasts is not sighted again when a later sighting may be of it: it is held against that one
 * again when those samples are known.
 *
 * @param throughEpochMs end of the time of which all samples are known; the excursion may last beyond it
 * @returns all sightings in time order; `held` itself when there is nothing new
 */
export const sightSealed = (excursion: Excursion, held: readonly Sighting[], throughEpochMs: number): readonly Sighting[] => {
  const { fromEpochMs, toEpochMs, value, limit, side } = excursion;
  const known = sightingOf(excursion, held, throughEpochMs);
  if (known !== undefined) {
    const told = toEpochMs === undefined ? known : toldBack(known, [toEpochMs]);
    return told === known ? held : held.map((each) => (each === known ? told : each));
  }
  if (toEpochMs === undefined) {
    const later = held.find((each) => each.side === side && each.atEpochMs >= throughEpochMs);
    if (later !== undefined && !((later.backBefore ?? -Infinity) > fromEpochMs)) return held;
  }
  return [...held, { atEpochMs: fromEpochMs, value, limit, side, backAfter: toEpochMs }].sort((a, b) => a.atEpochMs - b.atEpochMs);
};
