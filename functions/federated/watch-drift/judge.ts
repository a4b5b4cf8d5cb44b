import { driftStatement, type DriftStatement } from '../../../models/drift/alarm.ts';
import { readDriftFile, type DriftFile } from '../../../models/drift/file.ts';
import { requireBytes } from '../../../models/federated/workflow/wire.ts';
import type { Training } from '../../../models/federated/workflow/coordination.ts';
import { judgeDrift, type DriftJudgement } from '../../../shared/model-registry/drift-judgement.ts';
import type { Distribution } from '../../../shared/model-registry/distributions.ts';
import type { ModelVersion } from '../../../shared/model-registry/model.ts';
import { caseCount } from '../../../shared/model-registry/test-report.ts';
import { modelObject } from '../../_platform/model-objects.ts';
import { ACTOR, type WatchDriftPorts } from './ports.ts';
import { referenceFor } from './reference.ts';

type Window = Readonly<{ runId: string; from: string; to: string }>;
type Judged = Readonly<{ judgement: DriftJudgement; rule: string }>;

/** Nothing was summed: said as such, with the reason. */
export const noStatement = (window: Window, detail: string): Judged => ({ judgement: { ...window, siteIds: [], cases: 0, decision: 'no-statement', detail, notJudged: [] }, rule: 'none' });

const statementOf = ({ plan: { monitoring } }: ModelVersion, reference: readonly Distribution[], { distributions, outcomes }: DriftFile): DriftStatement => driftStatement(monitoring, {
  pairs: reference.map((each, i) => ({ reference: each, current: distributions[i] ?? { name: '', counts: [], missing: 0 } })), ...(caseCount(outcomes) > 0 && { outcomes }),
});

/** Judge the sum by the plan that was signed, against the reference of the test. With too few cases for every rule it says nothing, which is not that all is well. */
const judgeSum = async ({ bucket }: WatchDriftPorts, window: Window, version: ModelVersion, training: Training, file: DriftFile): Promise<Judged> => {
  const siteIds = Object.keys(training.joined).sort();
  const reference = await referenceFor(bucket, version, siteIds);
  if (reference.siteIds.length === 0) return noStatement(window, `reference: got none, for no test row was of ${siteIds.join(', ')}`);
  const { rule, ...statement } = statementOf(version, reference.distributions, file);
  const evidence = training.modelSha256 === undefined ? {} : { evidenceSha256: training.modelSha256 };
  const isSame = reference.siteIds.join() === siteIds.join();
  return { judgement: { ...window, siteIds, cases: file.cases, ...(!isSame && { referenceSiteIds: reference.siteIds }), ...statement, ...evidence }, rule };
};

/** What a run that is over says; undefined while it goes on. */
const outcomeOf = async (ports: WatchDriftPorts, version: ModelVersion, training: Training): Promise<Judged | undefined> => {
  const { runId, status, modelSha256, code, reason, plan: { drift } } = training;
  const window = { runId, from: new Date(drift?.fromEpochMs ?? 0).toISOString(), to: new Date(drift?.toEpochMs ?? 0).toISOString() };
  if (status === 'aborted') return noStatement(window, `${code ?? ''}: ${reason ?? ''}`);
  if (status !== 'finished' || modelSha256 === undefined) return undefined;
  const bytes = requireBytes('drift counts', (await ports.bucket.get(modelObject.monitoring(modelSha256)))?.body, modelSha256);
  return judgeSum(ports, window, version, training, readDriftFile(Buffer.from(bytes).toString('utf8')));
};

/** On the model's record, once a run; hospitals are told when it is suspended. */
export const keepJudgement = async ({ models, publish, count }: WatchDriftPorts, modelId: string, { version }: ModelVersion, { judgement, rule }: Judged): Promise<void> => {
  const { recorded } = await models.change(modelId, ({ state }) => judgeDrift(state, modelId, version, judgement, rule), { actor: ACTOR });
  if (recorded.some(({ event }) => event.type === 'model-deviation-raised' || event.type === 'model-suspended')) count('ModelsDrifted', 1);
  if (recorded.some(({ event }) => event.type === 'model-suspended')) await publish();
};

/** Judge a run of drift that is over and was not judged before. */
export const judgeRun = async (ports: WatchDriftPorts, modelId: string, version: ModelVersion, runId: string): Promise<void> => {
  if (version.driftJudgements?.some((each) => each.runId === runId) === true) return;
  const { state } = await ports.trainings.load(runId);
  const judged = state === undefined ? undefined : await outcomeOf(ports, version, state);
  if (judged !== undefined) await keepJudgement(ports, modelId, version, judged);
};
