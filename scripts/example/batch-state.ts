import type { Phase } from '../../shared/master-batch-record/model.ts';
import type { SignatureMeaning } from '../client/api-client.ts';

/** A batch as `GET /v1/batches/{batchId}` answers it, as far as the people of the example look at it. */
export type PhaseState = Readonly<{ phaseId: string; state: string; startable: boolean; startedAt?: string; missing: readonly string[]; signaturesMissing: readonly SignatureMeaning[]; specification: Phase }>;
export type BatchState = Readonly<{
  version: number; state: string; disposition?: string; phases: readonly PhaseState[]; openDeviations: readonly Readonly<{ deviationId: string; state: string }>[]; custodianId?: string; openCustody: readonly Readonly<{ transferId: string; phaseId: string; toPersonId: string }>[];
  openGaps: readonly Readonly<{ gapId: string }>[]; openPoints: readonly Readonly<{ rule: string; subject: string }>[]; reviewCurrent: boolean; predictions: readonly unknown[]; testResults: readonly Readonly<{ testId: string }>[];
}>;
