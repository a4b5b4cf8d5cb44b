import { FEATURE_NAMES } from '../../models/early-prediction/features.ts';
import { simulateSites } from '../simulate/dataset.ts';
import { readWorld } from '../simulate/worlds.ts';
import { LOW_VIABILITY } from './early-failure-plan.ts';

/** One past batch of a hospital as it is handed to its node; null where a value is missing. */
export type Case = Readonly<{ recordId: string; label: 0 | 1; values: readonly (number | null)[]; subgroups: readonly string[] }>;
export type Cases = Readonly<{ training: readonly Case[]; test: readonly Case[] }>;
export type CasesOptions = Readonly<{ world: string; seed: number; training: number; test: number }>;

const VIABILITY = FEATURE_NAMES.indexOf('starting-viability-percent');

/** Cases of so many hospitals, each a site of the twin with effects of its own; no batch is in two of them, or in training and test. */
export const simulatedCases = (siteCount: number, { world, seed, training, test }: CasesOptions, onDone: (done: number, all: number) => void): readonly Cases[] => {
  const batches = siteCount * (training + test);
  return simulateSites(readWorld(world), { batches, sites: siteCount, seed }, (done) => { onDone(done, batches); }).map(({ siteId, rows }) => {
    const cases = rows.map(({ index, features, failed }): Case => ({
      recordId: `simulated-${world}-${seed}-${siteId}-${index}`, label: failed, values: features.slice(0, FEATURE_NAMES.length).map((value) => (Number.isFinite(value) ? value : null)),
      subgroups: LOW_VIABILITY.belongs(features[VIABILITY] ?? Number.NaN) ? [LOW_VIABILITY.id] : [],
    }));
    return { training: cases.slice(0, training), test: cases.slice(training) };
  });
};
