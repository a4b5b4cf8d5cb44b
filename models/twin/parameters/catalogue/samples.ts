import { carPositiveShare } from '../../outcome/product.ts';
import type { DailySample, Method, Sample } from '../parameter.ts';
import { METHODS as M, method } from './instruments.ts';

const row = (name: string, unit: string, resultOf: Method, truth: (sample: Sample) => number): DailySample => ({ type: 'daily-sample', name: `Sample/${name}`, unit, group: 'in-process', method: resultOf, truth });

const viableOf = ({ restingCellsMillionPerMl, cyclingCellsMillionPerMl, otherCellsMillionPerMl }: Sample): number => Math.max(1e-9, restingCellsMillionPerMl + cyclingCellsMillionPerMl + otherCellsMillionPerMl);
const percent = (part: number, whole: number): number => (100 * part) / Math.max(1e-9, whole);
const tCells = ({ restingCellsMillionPerMl, cyclingCellsMillionPerMl }: Sample): number => restingCellsMillionPerMl + cyclingCellsMillionPerMl;
const activeShare = (sample: Sample): number => percent(sample.cyclingCellsMillionPerMl, tCells(sample));
/** CD4 lose ground to CD8 by some 5 % a day under IL-2; assumed. */
const cd4Share = ({ batch, hour }: Sample): number => { const ratio = batch.donor.cd4Cd8Ratio * 0.95 ** (hour / 24); return (100 * ratio) / (1 + ratio); };
const carShare = (sample: Sample): number => carPositiveShare(sample.copies) * activeShare(sample);
/** Activation markers fade after the stimulus is gone; half-life assumed. */
const fading = (hour: number, halfLifeHours: number): number => 2 ** (-Math.max(0, hour - 24) / halfLifeHours);

/** What the laboratory reads from a sample of the chamber, once a day. */
export const DAILY_SAMPLES: readonly DailySample[] = [
  row('Viable Cells', '10^6 cells/mL', M.count, viableOf),
  row('Total Cells', '10^6 cells/mL', M.count, (sample) => viableOf(sample) + sample.deadCellsMillionPerMl),
  row('Viability', '%', M.viability, (sample) => percent(viableOf(sample), viableOf(sample) + sample.deadCellsMillionPerMl)),
  row('Total Viable Cells', '10^6 cells', M.count, (sample) => viableOf(sample) * sample.volumeMl),
  row('Cell Diameter', 'µm', method({ noise: 0.15, step: 0.1, low: 5, missedShare: 0.01, resultAfterHours: 1 }), (sample) => 7.2 + 0.035 * activeShare(sample) * fading(sample.hour, 96)),
  row('Aggregates', '%', M.share, (sample) => 2 + 14 * fading(sample.hour, 36)),
  row('CD3', '%', M.share, (sample) => percent(tCells(sample), viableOf(sample))),
  row('CD4', '%', M.share, cd4Share),
  row('CD8', '%', M.share, (sample) => 100 - cd4Share(sample)),
  row('CD14', '%', M.share, (sample) => 0.5 * percent(sample.otherCellsMillionPerMl, viableOf(sample)) * fading(sample.hour, 60)),
  row('CD19', '%', M.share, (sample) => 0.3 * percent(sample.otherCellsMillionPerMl, viableOf(sample)) * fading(sample.hour, 72)),
  row('CD56', '%', M.share, (sample) => 0.2 * percent(sample.otherCellsMillionPerMl, viableOf(sample))),
  row('CD25', '%', M.share, (sample) => 0.95 * activeShare(sample) * fading(sample.hour, 240)),
  row('CD69', '%', M.share, (sample) => 0.8 * activeShare(sample) * fading(sample.hour, 40)),
  row('CAR', '%', M.share, carShare),
  row('Vector Copies', 'copies/cell', M.wide, ({ copies }) => copies),
  row('Memory Phenotype', '%', M.share, ({ memoryShare }) => 100 * memoryShare),
  row('Effector Phenotype', '%', M.share, ({ memoryShare }) => 92 * (1 - memoryShare)),
  row('PD-1', '%', M.share, ({ memoryShare, hour }) => 12 + 40 * (1 - memoryShare) * (0.4 + 0.6 * fading(hour, 72))),
  row('TIM-3', '%', M.share, ({ memoryShare }) => 8 + 45 * (1 - memoryShare)),
  row('LAG-3', '%', M.share, ({ memoryShare }) => 5 + 30 * (1 - memoryShare)),
  row('Doublings', '1', M.count, ({ doublings }) => doublings),
  row('Glucose', 'mmol/L', M.metabolite, ({ glucoseMmolPerL }) => glucoseMmolPerL),
  row('Lactate', 'mmol/L', M.metabolite, ({ lactateMmolPerL }) => lactateMmolPerL),
  row('Glutamine', 'mmol/L', M.metabolite, ({ glutamineMmolPerL }) => glutamineMmolPerL),
  row('Glutamate', 'mmol/L', M.metabolite, ({ glutamineMmolPerL, world }) => 0.4 + 0.5 * Math.max(0, world.recipe.feedGlutamineMmolPerL - glutamineMmolPerL)),
  row('Ammonia', 'mmol/L', M.metabolite, ({ ammoniaMmolPerL }) => ammoniaMmolPerL),
  row('Interleukin 2', 'IU/mL', M.wide, ({ interleukin2IuPerMl }) => interleukin2IuPerMl),
  row('Interferon Gamma', 'pg/mL', M.wide, (sample) => 3000 * sample.cyclingCellsMillionPerMl * fading(sample.hour, 48)),
  row('Lactate Dehydrogenase', 'U/L', M.wide, ({ deadCellsMillionPerMl }) => 60 + 350 * deadCellsMillionPerMl),
  row('Osmolality', 'mOsm/kg', method({ noise: 2, step: 1, low: 0, missedShare: 0.02, resultAfterHours: 1 }), ({ glucoseMmolPerL, lactateMmolPerL, ammoniaMmolPerL, world }) => 290 + glucoseMmolPerL - world.recipe.feedGlucoseMmolPerL + 0.15 * lactateMmolPerL + ammoniaMmolPerL),
  row('pH', '', M.bloodGas, ({ ph }) => ph),
  row('CO2 Partial Pressure', 'mmHg', method({ noise: 0.5, step: 0.1, low: 0, missedShare: 0.02, resultAfterHours: 1 }), ({ carbonDioxideMmHg }) => carbonDioxideMmHg),
  row('Oxygen', '%', method({ noise: 2, step: 0.1, low: 0, missedShare: 0.02, resultAfterHours: 1 }), ({ oxygenPercentAir }) => oxygenPercentAir),
  row('Sodium', 'mmol/L', method({ noise: 0.7, step: 1, low: 0, missedShare: 0.02, resultAfterHours: 1 }), () => 138),
  row('Potassium', 'mmol/L', method({ noise: 0.04, step: 0.1, low: 0, missedShare: 0.02, resultAfterHours: 1 }), ({ deadCellsMillionPerMl }) => 4.6 + 0.1 * deadCellsMillionPerMl),
  row('Rapid Bioburden', 'relative light', method({ relativeNoise: 0.15, noise: 3, step: 1, low: 0, missedShare: 0.02, resultAfterHours: 6 }), ({ contaminantLoadShare }) => 20 + 50_000 * contaminantLoadShare),
];
