import type { BatchEvent } from '../../shared/batch/events.ts';
import type { CaseCounts } from '../../shared/model-registry/test-report.ts';
import { caseOf } from '../../shared/training-data/evaluation.ts';
import type { OperationsStore, RecordStore } from './ports.ts';
import { recentBatches } from './recent-batches.ts';

type Made = Extract<BatchEvent, Readonly<{ type: 'recommendation-made' }>>;
/** The last answer of a model on one batch, and whether quality released that batch. */
export type RecentAnswer = Readonly<{ batchId: string; made: Made; disposition?: string; /** Whether something was set on a recommendation: the outcome is then no answer to what becomes of the batch if nobody acts. */ isActedOn?: boolean }>;
type Ports = Readonly<{ operations: Pick<OperationsStore, 'list'>; record: Pick<RecordStore, 'load'> }>;

/**
 * What came true against what the model said, of answers about early failure; undefined until quality has decided. By the verdict of the model's plan, whatever the hospital's table asks for: so it is the tested model that is
 * judged, and counts of hospitals with other tables add up. An answer from before verdicts were on record counts for nothing.
 */
export const caseKindOf = ({ made: { output, verdict }, disposition, isActedOn = false }: RecentAnswer): keyof CaseCounts | undefined => (output !== 'early-failure' || isActedOn || disposition === undefined || verdict === undefined ? undefined
  : caseOf({ label: disposition === 'release' ? 0 : 1, says: verdict }));

/** What a model said of this hospital's batches since a time, one answer a batch: the last; the newest batch first. */
export const recentAnswers = async ({ operations, record }: Ports, modelHash: string, sinceEpochMs: number): Promise<readonly RecentAnswer[]> => {
  const found: RecentAnswer[] = [];
  for await (const { batchId, disposition } of recentBatches<Readonly<{ disposition?: string }>>(operations, sinceEpochMs)) {
    const events = await record.load<BatchEvent>({ kind: 'batch', id: batchId });
    const isActedOn = events.some(({ event }) => event.type === 'intervention-sent');
    const last = events.findLast(({ event, recordedAt }) => event.type === 'recommendation-made' && event.modelHash === modelHash && Date.parse(recordedAt) >= sinceEpochMs)?.event;
    if (last?.type === 'recommendation-made') found.push({ batchId, made: last, isActedOn, ...(disposition !== undefined && { disposition }) });
  }
  return found;
};
