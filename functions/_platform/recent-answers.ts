import type { BatchEvent } from '../../shared/batch/events.ts';
import type { PredictionOutput, Verdict } from '../../shared/model-registry/model-plan.ts';
import type { CaseCounts } from '../../shared/model-registry/test-report.ts';
import { caseOf } from '../../shared/training-data/evaluation.ts';
import { inParallel, RECORDS_AT_ONCE } from './in-parallel.ts';
import type { OperationsStore, RecordStore } from './ports.ts';
import { recentBatches } from './recent-batches.ts';

/** What a model said of one batch, as drift counts it. `score` is the one its threshold is about, undefined where too little was known of the batch to have one. */
type Said = Readonly<{ output: PredictionOutput; score: number | undefined; inputBins?: string; verdict?: Verdict }>;
/** The last answer of a model on one batch, and whether quality released that batch. */
export type RecentAnswer = Readonly<{ batchId: string; said: Said; disposition?: string; /** Whether something was set on a recommendation: the outcome is then no answer to what becomes of the batch if nobody acts. */ isActedOn?: boolean }>;
type Ports = Readonly<{ operations: Pick<OperationsStore, 'list'>; record: Pick<RecordStore, 'load'> }>;

/** Outputs whose answers come true, or do not, by what quality decides on the batch. */
const BY_DISPOSITION: readonly PredictionOutput[] = ['early-failure', 'process-monitoring-alarm'];

/**
 * What came true against what the model said, of answers that the disposition of the batch settles; undefined until quality has decided. By the verdict of the model's plan, whatever the hospital's table asks for: so it is the
 * tested model that is judged, and counts of hospitals with other tables add up. An answer from before verdicts were on record counts for nothing.
 */
export const caseKindOf = ({ said: { output, verdict }, disposition, isActedOn = false }: RecentAnswer): keyof CaseCounts | undefined => (!BY_DISPOSITION.includes(output) || isActedOn || disposition === undefined || verdict === undefined ? undefined
  : caseOf({ label: disposition === 'release' ? 0 : 1, says: verdict }));

/** An answer of one model in an event; an alarm of process monitoring is none, for of a batch without alarm there is none: its conclusion is. */
const saidIn = (event: BatchEvent, wanted: string): Said | undefined => {
  if (event.type === 'monitoring-concluded' && event.modelHash === wanted) return { output: 'process-monitoring-alarm', score: event.score, inputBins: event.inputBins, verdict: event.verdict };
  if (event.type !== 'recommendation-made' || event.modelHash !== wanted || event.output === 'process-monitoring-alarm') return undefined;
  const { output, probability: score, inputBins, verdict } = event;
  return { output, score, ...(inputBins !== undefined && { inputBins }), ...(verdict !== undefined && { verdict }) };
};

/** What a model said of this hospital's batches since a time, one answer a batch: the last; the newest batch first. */
export const recentAnswers = async ({ operations, record }: Ports, modelHash: string, sinceEpochMs: number): Promise<readonly RecentAnswer[]> => {
  const batches: Readonly<{ batchId: string; disposition?: string }>[] = [];
  for await (const each of recentBatches<Readonly<{ disposition?: string }>>(operations, sinceEpochMs)) batches.push(each);
  const answers = await inParallel(batches, async ({ batchId, disposition }): Promise<readonly RecentAnswer[]> => {
    const events = await record.load<BatchEvent>({ kind: 'batch', id: batchId });
    const isActedOn = events.some(({ event }) => event.type === 'intervention-sent');
    const said = events.flatMap(({ event, recordedAt }) => (Date.parse(recordedAt) >= sinceEpochMs ? saidIn(event, modelHash) ?? [] : [])).at(-1);
    return said === undefined ? [] : [{ batchId, said, isActedOn, ...(disposition !== undefined && { disposition }) }];
  }, RECORDS_AT_ONCE);
  return answers.flat();
};
