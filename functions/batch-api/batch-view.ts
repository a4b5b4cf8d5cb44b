import type * as z from 'zod';
import { missingSignatures, missingWork } from '../../shared/batch/commands/phase.ts';
import { openTransfers } from '../../shared/batch/custody.ts';
import { placedPhases, waitingFor, type PlacedPhase } from '../../shared/batch/recipe-lookup.ts';
import type { Batch, PhaseExecution } from '../../shared/batch/state.ts';
import { resultInForce } from '../../shared/batch/results.ts';
import { reviewRecord } from '../../shared/release/review.ts';
import { meetsSpecification } from '../../shared/release/test-specification.ts';
import type { BatchView, PhaseView } from './read-schema.ts';

type View = z.input<typeof BatchView>;

const phaseState = (execution: PhaseExecution | undefined): 'idle' | 'running' | 'complete' => {
  if (execution === undefined) return 'idle';
  return execution.completedAt === undefined ? 'running' : 'complete';
};

const phaseView = (batch: Batch, placed: PlacedPhase): z.input<typeof PhaseView> => {
  const { phase, operation, unitProcedure } = placed;
  const execution = batch.phases[phase.id];
  return {
    phaseId: phase.id, title: phase.title, unitProcedureId: unitProcedure.id, operationId: operation.id, state: phaseState(execution),
    startable: batch.state === 'running' && execution === undefined && waitingFor(batch, placed).length === 0,
    ...(execution === undefined ? {} : { startedAt: execution.startedAt }),
    ...(execution?.completedAt === undefined ? {} : { completedAt: execution.completedAt }),
    missing: execution === undefined ? [] : [...missingWork(batch, phase, execution)],
    signaturesMissing: execution === undefined ? [...phase.signatures] : [...missingSignatures(phase, execution)],
    materials: (execution?.materials ?? []).map(({ version, materialId, lotId, quantity, unit, addedAt }) => ({ version, materialId, lotId, quantity, unit, addedAt })),
    specification: { ...phase },
  };
};

const testResults = (batch: Batch): View['testResults'] => batch.recipe.content.releaseSpecification.flatMap((specification) => {
  const result = resultInForce(batch, specification.id);
  return result === undefined ? [] : [{ testId: specification.id, value: result.value, unit: result.unit, withinSpecification: meetsSpecification(specification, result.value) }];
});

/** The batch as the people working on it see it: where it stands and what can be done next. */
export const batchView = (batch: Batch): View => ({
  batchId: batch.batchId, nodeId: batch.nodeId, productId: batch.productId, chainOfIdentityId: batch.chainOfIdentityId,
  masterBatchRecordId: batch.recipe.masterBatchRecordId, masterBatchRecordVersion: batch.recipe.masterBatchRecordVersion,
  state: batch.state, ...(batch.disposition === undefined ? {} : { disposition: batch.disposition.disposition }), staged: batch.disposition?.staged === true,
  version: batch.version, hash: batch.hash,
  phases: placedPhases(batch.recipe.content).map((placed) => phaseView(batch, placed)),
  openDeviations: Object.values(batch.deviations).filter(({ state }) => state !== 'closed').map(({ deviationId, severity, title, state }) => ({ deviationId, severity, title, state })),
  ...(batch.custodianId === undefined ? {} : { custodianId: batch.custodianId }),
  openCustody: openTransfers(batch).map(({ transferId, phaseId, toPersonId }) => ({ transferId, phaseId, toPersonId })),
  openGaps: Object.values(batch.gaps).filter(({ assessed }) => !assessed).map(({ gapId, from, to, critical }) => ({ gapId, from, to, critical })),
  testResults: testResults(batch),
  openPoints: reviewRecord(batch).map((point) => ({ ...point })),
  reviewCurrent: batch.review?.atVersion === batch.version,
  predictions: batch.predictions.map(({ predictionId, probability, modelName, caution }) => ({ predictionId, probability, modelName, caution })),
});
