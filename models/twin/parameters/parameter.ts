import type { Generator } from '../../random/generator.ts';
import type { Batch } from '../draw/batch.ts';
import type { Product } from '../outcome/product.ts';
import type { Measured } from '../outcome/verdict.ts';
import type { World } from '../worlds/world.ts';
import type { Signal } from './run.ts';

export const GROUPS = ['raw-material', 'in-process', 'environmental', 'quality-control', 'process', 'equipment'] as const;
export type Group = (typeof GROUPS)[number];

/** How an instrument differs from the truth. Everything in the parameter's unit unless said. */
export type Sensor = Readonly<{
  /** Standard deviation of one reading, and the part of it that grows with the value (1). */
  noise: number;
  relativeNoise: number;
  /** Smallest step shown: a whole number, or one over a whole number. */
  step: number;
  /** Standard deviations, from one batch's instrument to the next, of what it is off and of how it drifts a day. */
  bias: number;
  driftPerDay: number;
  /** Interruptions a day, and their mean length, at most 6 h. A reading in one is NaN. */
  gapsPerDay: number;
  gapMinutes: number;
  /** Whole minutes by which a reading is late. */
  latencyMinutes: number;
  /** Range of the instrument. */
  low: number;
  high: number;
}>;

type Named = Readonly<{ name: string; unit: string; group: Group }>;
/** Read once a minute: gain · signal + offset, seen by a sensor. */
export type MinuteSeries = Named & Readonly<{ type: 'minute-series'; signal: Signal; gain: number; offset: number; sensor: Sensor }>;

/** What a sample taken from the chamber holds, in truth. Names and units of STATE; viability and shares 0 to 1. */
export type Sample = Readonly<{
  hour: number; batch: Batch; world: World;
  viableCellsMillionPerMl: number; deadCellsMillionPerMl: number; restingCellsMillionPerMl: number; cyclingCellsMillionPerMl: number; otherCellsMillionPerMl: number;
  glucoseMmolPerL: number; lactateMmolPerL: number; glutamineMmolPerL: number; ammoniaMmolPerL: number; interleukin2IuPerMl: number; volumeMl: number; copies: number; doublings: number; memoryShare: number;
  ph: number; carbonDioxideMmHg: number; oxygenPercentAir: number; contaminantLoadShare: number;
}>;
/** How a laboratory method differs from the truth: as of a sensor, for one result. `missedShare` is the chance that there is no result. */
export type Method = Readonly<{ noise: number; relativeNoise: number; step: number; low: number; high: number; missedShare: number; resultAfterHours: number }>;
/** Taken once a day from the second day on. */
export type DailySample = Named & Readonly<{ type: 'daily-sample'; truth: (sample: Sample) => number; method: Method }>;

/** Known once, before the culture starts: of a lot, of the patient's collected cells, of the room's last qualification. */
export type Attribute = Named & Readonly<{ type: 'attribute'; truth: (batch: Batch, world: World, random: Generator) => number; method: Method }>;

/** What a release test is made on. */
export type Harvest = Readonly<{ batch: Batch; world: World; product: Product; measured: Measured; hour: number }>;
/** A result of quality control, once. The release criteria's own results are those of the verdict, not drawn again. */
export type ReleaseTest = Named & Readonly<{ type: 'release-test'; truth: (harvest: Harvest, random: Generator) => number; method: Method }>;

export type Parameter = MinuteSeries | DailySample | Attribute | ReleaseTest;
