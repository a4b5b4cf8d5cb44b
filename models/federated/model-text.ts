import { DomainError } from '../../shared/errors.ts';
import { writeDriftFile } from '../drift/file.ts';
import { writeModelFile } from '../forest/model-file.ts';
import { ALARM_RULE } from '../monitoring/excursions.ts';
import { limitsByHour } from '../monitoring/judge.ts';
import { writeMonitoringFile } from '../monitoring/model-file.ts';
import { planeFrom } from '../monitoring/pca.ts';
import { variablesOf, type Plan, type PrivateTerms } from './plan.ts';
import { privacyOf } from './private/promise.ts';
import type { Run } from './run.ts';

const NOTICE = 'Candidate. Not accepted for use.';

/** Nothing here depends on who held which row, or the file would. */
const attributesOf = ({ method, label, seed, treeCount, depth, binLimit, featuresPerNode, minimumLeaf, learningRate, regularisation, splits }: Plan, { rows, constant }: Run): Readonly<Record<string, string>> => ({
  notice: NOTICE,
  plan: JSON.stringify({ method, label, seed, treeCount, depth, binLimit, featuresPerNode, minimumLeaf, ...(method === 'boosting' && { learningRate, regularisation }), ...(splits !== undefined && { splits }) }),
  rows: String(rows), constantFeatures: JSON.stringify(constant),
});

/** What a private forest promises, to be read with the model; and every count that was opened for it, so that nobody has seen more than who has the file, and anybody can make the forest from them again. */
const privateAttributes = ({ label, seed, treeCount, depth }: Plan, terms: PrivateTerms, { rows, opened = [] }: Run): Readonly<Record<string, string>> => ({
  notice: NOTICE, plan: JSON.stringify({ method: 'private', label, seed, treeCount, depth }), rows: String(rows), privacy: JSON.stringify(privacyOf(terms)), openedCounts: JSON.stringify(Array.from(opened)),
});

/**
 * The model file of a finished run, or of a run of drift the counts, the same wherever it was trained: in a command, a test or over the network.
 *
 * @throws DomainError `training-round-stale` while the run is not complete; of a monitoring run what `planeFrom` throws
 */
export const modelFileOf = (run: Run): string => {
  const { plan, moments, drift } = run;
  if (drift !== undefined && plan.drift !== undefined) return writeDriftFile({ terms: plan.drift, ...drift });
  if (moments !== undefined && plan.monitoring !== undefined) {
    const plane = planeFrom(variablesOf(plan), moments, plan.monitoring.components);
    return writeMonitoringFile({ plane, alarm: ALARM_RULE }, limitsByHour(plane), { notice: NOTICE, plan: JSON.stringify({ method: plan.method, label: plan.label, components: plan.monitoring.components }) });
  }
  if (run.forest === undefined) throw new DomainError('training-round-stale', `got a run at round ${run.round}, want a complete one`, { round: run.round });
  return writeModelFile(run.forest, plan.private === undefined ? attributesOf(plan, run) : privateAttributes(plan, plan.private, run));
};
