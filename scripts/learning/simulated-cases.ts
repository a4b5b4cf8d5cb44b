import type { Batch } from '../../models/twin/draw/batch.ts';
import type { Breakage, Fault } from '../../models/twin/draw/fault.ts';
import { FEATURE_NAMES } from '../../models/early-prediction/features.ts';
import { attributesOf } from '../../models/twin/parameters/results.ts';
import { recordedValue } from '../../models/twin/site/columns.ts';
import { datasetRow, type Site } from '../../models/twin/site/row.ts';
import { trajectoryRow } from '../../models/twin/site/trajectory-row.ts';
import { simulateRows } from '../simulate/dataset.ts';
import { readWorld } from '../simulate/worlds.ts';
import { LOW_VIABILITY } from './early-failure-plan.ts';
import type { Case, Cases } from './lesson.ts';
import { PROCESS_FAULT } from './monitoring-plan.ts';

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

type Known = Breakage & Pick<Fault, 'onsetHour'>;
/**
 * What process monitoring is tested to see, put in and mended by nobody: a probe that drifts by 0.02 pH an hour, a gas line with 0.3 bar left, which holds up 30 % of air saturation at most, a pump that stands still. So early that the culture is long enough to show it.
 */
const FAULTS_TO_SEE: readonly Known[] = [{ name: 'ph-probe', onsetHour: 60, driftPerHour: 0.02 }, { name: 'gas-supply', onsetHour: 100, pressureBar: 0.3 }, { name: 'feed-pump', onsetHour: 125, flowShare: 0 }];
const NEVER_HOURS = 10_000;

const withFault = (fault: Known) => (batch: Batch): Batch => ({ ...batch, faults: [...batch.faults.filter(({ name }) => name !== fault.name), { ...fault, repairHour: NEVER_HOURS }] });

const trajectoryCase = (site: Site, seed: number, at: number, names: readonly string[], fault?: Known): Made => {
  const { index, values, failed, batch } = trajectoryRow(site, seed, at, names, fault === undefined ? undefined : withFault(fault));
  const subgroups = subgroupsOf(recordedValue(attributesOf(site.world, batch), 'starting-viability'));
  return { index, label: fault === undefined ? failed : 1, values: known(values), subgroups: fault === undefined ? subgroups : [...subgroups, PROCESS_FAULT.id] };
};

/**
 * Whole cultures, window after window. Label 1: it failed, or had a fault that nobody mended. Behind the test cases of each hospital as they come stand `faulty` more with one of `FAULTS_TO_SEE` each, in turn.
 *
 * @param names variables of a trajectory
 */
export const simulatedTrajectories = (siteCount: number, { faulty, ...options }: CasesOptions & Readonly<{ faulty: number }>, names: readonly string[], onDone: OnDone): readonly Cases[] => {
  const natural = options.training + options.calibration + options.test;
  const ofSite = natural + faulty;
  return casesOf(siteCount, { ...options, test: options.test + faulty }, (site, seed, at) => {
    const place = at % ofSite;
    return trajectoryCase(site, seed, at, names, place < natural ? undefined : FAULTS_TO_SEE[(place - natural) % FAULTS_TO_SEE.length]);
  }, onDone);
};
