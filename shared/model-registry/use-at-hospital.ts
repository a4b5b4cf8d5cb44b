import type { DeviationSeverity } from '../batch/events.ts';
import { canonicalJson } from '../record/canonical-json.ts';
import type { ModelEvent } from './events.ts';
import type { Model } from './model.ts';
import type { NodeModel } from './node-record.ts';
import { NO_USE, type OwnJudgement, type UseDeviation } from './own-drift.ts';

export const FINDINGS = ['open', 'acceptable', 'not-acceptable', 'closed'] as const;
/** How a deviation of the use of a model stands at the hospital: by the last assessment of its people, and closed by quality. */
export type Finding = (typeof FINDINGS)[number];

/**
 * How one version of a model fares at one hospital, as the control site is told: what was found and what followed, by rule and state. Nobody's words, names or counts: they stay on the hospital's record, under the same `runId`.
 * `judged` is its last judgement of its own drift; `assessments` are of what the control site told it.
 */
export type VersionAtHospital = Readonly<{
  version: number; stoppedBy?: 'person' | 'rule'; judged?: OwnJudgement['decision'];
  deviations: readonly Readonly<{ runId: string; rule: string; severity: DeviationSeverity; finding: Finding }>[];
  assessments: readonly Readonly<{ runId: string; acceptable: boolean }>[];
}>;
/** `recordVersion` and `at` are of the hospital's record of the model; a later one says it better. */
export type UseAtHospital = Readonly<{ nodeId: string; recordVersion: number; at: string; versions: readonly VersionAtHospital[] }>;

/** The last ones of a version; all of them are on the hospital's record. */
export const MOST_TOLD = 20;

const findingOf = ({ assessments, closed }: UseDeviation): Finding => {
  if (closed !== undefined) return 'closed';
  const last = assessments.at(-1);
  if (last === undefined) return 'open';
  return last.acceptable ? 'acceptable' : 'not-acceptable';
};

/** What a hospital tells of each version it knows, nothing of one there is nothing to tell of. */
export const useOf = ({ records, drift = [], use = NO_USE }: NodeModel): readonly VersionAtHospital[] => records.flatMap(({ version }) => {
  const isOf = (each: Readonly<{ version: number }>): boolean => each.version === version;
  const [stop, judgement] = [use.stops.findLast(isOf), use.judgements.findLast(isOf)];
  const deviations = use.deviations.filter(isOf).slice(-MOST_TOLD).map((each) => ({ runId: each.runId, rule: each.rule, severity: each.severity, finding: findingOf(each) }));
  const assessments = drift.filter(isOf).flatMap(({ runId, assessments: given = [] }) => given.slice(-1).map(({ acceptable }) => ({ runId, acceptable }))).slice(-MOST_TOLD);
  if (stop === undefined && judgement === undefined && deviations.length === 0 && assessments.length === 0) return [];
  return [{ version, ...(stop !== undefined && { stoppedBy: stop.by }), ...(judgement !== undefined && { judged: judgement.decision }), deviations, assessments }];
});

/** Put on the model's record what a hospital told, once, and only where something changed. What it says of versions that are not there is left out. */
export const takeUse = (model: Model | undefined, { versions, ...told }: UseAtHospital): readonly ModelEvent[] => {
  if (model === undefined) return [];
  const held = model.hospitals?.find(({ nodeId }) => nodeId === told.nodeId);
  const known = versions.filter(({ version }) => model.versions.some((each) => each.version === version));
  const isNews = held === undefined ? known.length > 0 : told.recordVersion > held.recordVersion && canonicalJson(known) !== canonicalJson(held.versions);
  return isNews ? [{ type: 'model-use-told', ...told, versions: known }] : [];
};
