import { FEATURE_NAMES } from '../../models/early-prediction/features.ts';
import { attributesOf } from '../../models/twin/parameters/results.ts';
import { recordedValue } from '../../models/twin/site/columns.ts';
import { datasetRow, type Site } from '../../models/twin/site/row.ts';
import { trajectoryRow } from '../../models/twin/site/trajectory-row.ts';
import { simulateRows } from '../simulate/dataset.ts';
import { readWorld } from '../simulate/worlds.ts';
import { LOW_VIABILITY } from './early-failure-plan.ts';
import type { Case, Cases } from './lesson.ts';

export type CasesOptions = Readonly<{ world: string; seed: number; training: number; calibration: number; test: number }>;
type Made = Omit<Case, 'recordId'> & Readonly<{ index: number }>;
type OnDone = (done: number, all: number) => void;

const VIABILITY = FEATURE_NAMES.indexOf('starting-viability-percent');

const known = (values: readonly number[]): readonly (number | null)[] => values.map((value) => (Number.isFinite(value) ? value : null));
const subgroupsOf = (viabilityPercent = Number.NaN): readonly string[] => (LOW_VIABILITY.belongs(viabilityPercent) ? [LOW_VIABILITY.id] : []);

/** Cases of so many hospitals, each a site of the twin with effects of its own; no batch is in two of them, or in two of training, calibration and test. */
const casesOf = (siteCount: number, { world, seed, training, calibration, test }: CasesOptions, make: (site: Site, seed: number, index: number) => Made, onDone: OnDone): readonly Cases[] => {
  const batches = siteCount * (training + calibration + test);
  return simulateRows(readWorld(world), { batches, sites: siteCount, seed }, make, (done) => { onDone(done, batches); }).map(({ siteId, rows }) => {
    const cases = rows.map(({ index, ...row }): Case => ({ recordId: `simulated-${world}-${seed}-${siteId}-${index}`, ...row }));
    return { training: cases.slice(0, training), calibration: cases.slice(training, training + calibration), test: cases.slice(training + calibration) };
  });
};

/** What was known at hour 72, and how the batch ended. */
export const simulatedCases = (siteCount: number, options: CasesOptions, onDone: OnDone): readonly Cases[] => casesOf(siteCount, options, (site, seed, at) => {
  const { index, features, failed } = datasetRow(site, seed, at);
  return { index, label: failed, values: known(features.slice(0, FEATURE_NAMES.length)), subgroups: subgroupsOf(features[VIABILITY]) };
}, onDone);

/** Whole cultures, window after window. @param names variables of a trajectory */
export const simulatedTrajectories = (siteCount: number, options: CasesOptions, names: readonly string[], onDone: OnDone): readonly Cases[] => casesOf(siteCount, options, (site, seed, at) => {
  const { index, values, failed, batch } = trajectoryRow(site, seed, at, names);
  return { index, label: failed, values: known(values), subgroups: subgroupsOf(recordedValue(attributesOf(site.world, batch), 'starting-viability')) };
}, onDone);
