import { judgeOwnAnswers, type OwnStatement } from '../../models/drift/own.ts';
import type { ModelRecord } from '../../shared/model-registry/may-run.ts';
import { countsFrom, judgeOwnDrift } from '../../shared/model-registry/model-use.ts';
import type { ModelRecordEvent, NodeModel } from '../../shared/model-registry/node-record.ts';
import type { OwnJudgement } from '../../shared/model-registry/own-drift.ts';
import type { GovernanceTableEvent, TableRecord } from '../../shared/prediction-governance/table.ts';
import { canonicalJson } from '../../shared/record/canonical-json.ts';
import { sha256Hex } from '../../shared/record/chain.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { task } from '../_platform/batch.ts';
import { driftCompanions } from '../_platform/drift-companions.ts';
import { driftPolicyOf } from '../_platform/drift-policy.ts';
import type { Clock, OperationsStore, RecordStore } from '../_platform/ports.ts';
import { caseKindOf, recentAnswers } from '../_platform/recent-answers.ts';
import type { StreamRecords } from '../_platform/stream-records.ts';
import { walk } from '../_platform/walk.ts';

export type OwnDriftPorts = Readonly<{
  models: StreamRecords<NodeModel, ModelRecordEvent>;
  tables: Pick<StreamRecords<TableRecord, GovernanceTableEvent>, 'load'>;
  operations: Pick<OperationsStore, 'list'>;
  record: Pick<RecordStore, 'load'>;
  count(name: 'OwnDriftFound', value: number): void;
  now: Clock;
}>;

const DAY_MS = 86_400_000;
/** From one look at a model to the next. */
const EVERY_DAYS = 7;
/** Of a judgement in an event; it is one entry of the log. */
const LIMIT = { named: 20, detail: 4000 } as const;
const ACTOR = { kind: 'system', id: 'judge-own-drift', version: '1' } as const;

/** What this hospital's answers say of a version, by what is on its record; without a reference there, nothing. */
const statementOf = async (ports: OwnDriftPorts, { use }: NodeModel, { version, artefactSha256 }: ModelRecord, from: string | undefined): Promise<OwnStatement> => {
  const reference = use?.references.find((each) => each.version === version);
  if (reference === undefined) return { decision: 'no-statement', rule: 'none', detail: 'no reference of the test on this hospital\'s record, want one', notJudged: [], cases: 0, counts: { distributions: [] } };
  const answers = (await recentAnswers(ports, artefactSha256, from === undefined ? 0 : Date.parse(from))).flatMap((answer) => {
    const kind = caseKindOf(answer);
    return answer.said.inputBins === undefined ? [] : [{ inputBins: answer.said.inputBins, score: answer.said.score, ...(kind !== undefined && { kind }) }];
  });
  return judgeOwnAnswers(reference.monitoring, reference.distributions, answers);
};

const judgementOf = (version: number, runId: string, window: Readonly<{ from?: string; to: string }>, { decision, detail, notJudged, cases, counts }: OwnStatement): OwnJudgement => ({
  version, runId, ...window, cases, decision, detail: detail.slice(0, LIMIT.detail), countsSha256: sha256Hex(canonicalJson(counts)),
  notJudged: notJudged.length > LIMIT.named ? [...notJudged.slice(0, LIMIT.named), `and ${notJudged.length - LIMIT.named} more`] : notJudged,
});

/** Judge one active version, once a period. @returns whether something followed */
const judge = async (ports: OwnDriftPorts, modelId: string, model: NodeModel, record: ModelRecord): Promise<boolean> => {
  const { version, output } = record;
  const at = ports.now();
  const runId = `own-v${version}-${new Date(Math.floor(at.getTime() / (EVERY_DAYS * DAY_MS)) * EVERY_DAYS * DAY_MS).toISOString().slice(0, 10)}`;
  if (model.use?.judgements.some((each) => each.runId === runId) === true) return false;
  const from = countsFrom(model, version);
  const statement = await statementOf(ports, model, record, from);
  const judgement = judgementOf(version, runId, { ...(from !== undefined && { from }), to: at.toISOString() }, statement);
  const policy = await driftPolicyOf(ports.tables, model, [output]);
  let [before, events]: [NodeModel, readonly ModelRecordEvent[]] = [model, []];
  await ports.models.change(modelId, ({ state = model }) => {
    [before, events] = [state, judgeOwnDrift(state, modelId, judgement, statement.rule, policy)];
    return events;
  }, { actor: ACTOR, companions: () => driftCompanions(before, events, at.toISOString()) });
  return events.length > 1;
};

/**
 * By the clock: this hospital's own judgement of each version that is active, on its own batches, by the rule and the reference on its record. Where each stands is read from the record, so that it may be called as often as one likes.
 * One model that fails fails the invocation, after the others.
 */
export const createHandler = (ports: OwnDriftPorts) => task(async (_: unknown): Promise<Readonly<{ found: number }>> => {
  const failures: unknown[] = [];
  let found = 0;
  for await (const { id } of walk<Readonly<{ id: string }>>(ports.operations, keyOf.summary('model-record', '-').pk)) {
    const { state } = await ports.models.load(id);
    for (const record of state?.records.filter((each) => each.state === 'active') ?? []) {
      try {
        if (state !== undefined && await judge(ports, id, state, record)) found += 1;
      } catch (error) {
        failures.push(error);
      }
    }
  }
  ports.count('OwnDriftFound', found);
  if (failures.length > 0) throw new AggregateError(failures, `${failures.length} models failed: ${failures.map(String).join('; ')}`);
  return { found };
});
