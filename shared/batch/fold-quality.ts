import type { Recorded } from '../record/envelope.ts';
import type { BatchEvent } from './events.ts';
import type { Growth } from './growth.ts';
import { resultInQuestion, resultsOf } from './results.ts';
import type { Batch, Deviation, TestResult } from './state.ts';

type QualityEvent = Exclude<BatchEvent, Readonly<{ type:
  | 'batch-created' | 'batch-started' | 'batch-held' | 'batch-resumed' | 'batch-stopped' | 'batch-aborted' | 'batch-completed' | 'equipment-released' | 'equipment-withdrawn'
  | 'phase-started' | 'equipment-assigned' | 'material-added' | 'material-corrected' | 'value-recorded' | 'value-corrected' | 'phase-signed' | 'phase-signatures-voided' | 'phase-completed'; }>>;

const withDeviation = (grow: Growth, batch: Batch, deviationId: string, change: Partial<Deviation>): Batch => {
  const deviation = batch.deviations[deviationId];
  return deviation === undefined ? batch : { ...batch, deviations: grow.entry(batch.deviations, deviationId, { ...deviation, ...change }) };
};

/** What a deviation says of the result it is about. */
const withResult = (grow: Growth, batch: Batch, about: Deviation | undefined, change: Partial<TestResult>): Batch => {
  const { testId, resultVersion } = about ?? {};
  if (testId === undefined) return batch;
  return { ...batch, results: grow.entry(batch.results, testId, resultsOf(batch, testId).map((each) => (each.version === resultVersion ? { ...each, ...change } : each))) };
};

const evolveDeviations = (grow: Growth, batch: Batch, event: QualityEvent, version: number): Batch | undefined => {
  switch (event.type) {
    case 'deviation-raised': {
      const { deviationId, severity, title, phaseId, rule, testId } = event;
      const result = testId === undefined ? undefined : resultInQuestion(batch, testId);
      const deviation: Deviation = { deviationId, severity, title, state: 'open', raisedAtVersion: version, ...(phaseId === undefined ? {} : { phaseId }), ...(rule === undefined ? {} : { rule }), ...(result === undefined ? {} : { testId: result.testId, resultVersion: result.version }) };
      return withResult(grow, { ...batch, deviations: grow.entry(batch.deviations, deviationId, deviation) }, deviation, { deviationId });
    }
    case 'deviation-assessed':
      return withDeviation(grow, batch, event.deviationId, { state: 'assessed', assessedBy: event.signature.signerId });
    case 'deviation-closed':
      return withResult(grow, withDeviation(grow, batch, event.deviationId, { state: 'closed', conclusion: event.conclusion }), batch.deviations[event.deviationId], { isInvalid: event.testResult === 'invalid' });
    case 'action-refused':
      return { ...batch, refusalCount: batch.refusalCount + 1 };
    default:
      return undefined;
  }
};

const evolveTelemetry = (grow: Growth, batch: Batch, event: QualityEvent): Batch | undefined => {
  switch (event.type) {
    case 'telemetry-gap-recorded': {
      const { gapId, deviceId, from, to, lostMessages, critical } = event;
      return { ...batch, gaps: grow.entry(batch.gaps, gapId, { gapId, deviceId, from, to, lostMessages, critical, assessed: false }) };
    }
    case 'telemetry-gap-assessed': {
      const gap = batch.gaps[event.gapId];
      return gap === undefined ? batch : { ...batch, gaps: grow.entry(batch.gaps, event.gapId, { ...gap, assessed: true }) };
    }
    case 'telemetry-alarm-raised':
      return { ...batch, alarms: grow.entry(batch.alarms, event.alarmId, { alarmId: event.alarmId, metric: event.metric, at: event.at }) };
    case 'telemetry-sealed': {
      const { chunks, through = batch.sealed?.through } = event;
      return { ...batch, sealed: { chunkCount: (batch.sealed?.chunkCount ?? 0) + chunks.length, ...(through === undefined ? {} : { through }) } };
    }
    default:
      return undefined;
  }
};

const evolveCustody = (grow: Growth, batch: Batch, event: QualityEvent, recordedAt: string): Batch | undefined => {
  switch (event.type) {
    case 'custody-offered': {
      const { transferId, phaseId, toPersonId, signature } = event;
      return { ...batch, custody: grow.entry(batch.custody, transferId, { transferId, phaseId, toPersonId, fromPersonId: signature.signerId, offeredAt: recordedAt }) };
    }
    case 'custody-accepted': {
      const transfer = batch.custody[event.transferId];
      return transfer === undefined ? batch : { ...batch, custodianId: transfer.toPersonId, custody: grow.entry(batch.custody, event.transferId, { ...transfer, acceptedAt: recordedAt }) };
    }
    case 'custody-withdrawn': {
      const transfer = batch.custody[event.transferId];
      return transfer === undefined ? batch : { ...batch, custody: grow.entry(batch.custody, event.transferId, { ...transfer, withdrawnAt: recordedAt }) };
    }
    default:
      return undefined;
  }
};

const evolveRelease = (grow: Growth, batch: Batch, event: QualityEvent, { version, recordedAt }: Readonly<{ version: number; recordedAt: string }>): Batch | undefined => {
  switch (event.type) {
    case 'test-result-recorded': {
      const { testId, value, unit, method } = event;
      return { ...batch, results: grow.entry(batch.results, testId, grow.item(resultsOf(batch, testId), { testId, value, unit, method, recordedAt, version, isInvalid: false })) };
    }
    case 'prediction-recorded': {
      const { predictionId, probability, modelName, modelHash, caution } = event;
      return { ...batch, predictions: grow.item(batch.predictions, { predictionId, probability, modelName, modelHash, caution }), featuresHash: event.featuresHash };
    }
    case 'features-recorded':
      return { ...batch, featuresHash: event.featuresHash };
    case 'trajectory-recorded':
      return { ...batch, trajectoryHash: event.trajectoryHash };
    case 'monitoring-concluded':
      return { ...batch, monitoringConcludedBy: grow.item(batch.monitoringConcludedBy ?? [], event.modelHash) };
    case 'recommendation-made':
      return event.askedOf.length === 0 ? batch : { ...batch, undecidedRecommendations: grow.item(batch.undecidedRecommendations, event.recommendationId) };
    case 'recommendation-decided':
      return { ...batch, undecidedRecommendations: batch.undecidedRecommendations.filter((id) => id !== event.recommendationId) };
    case 'review-performed':
      return { ...batch, review: { reviewedVersion: event.reviewedVersion, atVersion: version, openPoints: event.openPoints, ruleSetVersion: event.ruleSetVersion } };
    case 'disposition-recorded': {
      const { disposition, staged, reason, signature } = event;
      return { ...batch, disposition: { disposition, staged, reason, signature, atVersion: version } };
    }
    case 'staged-results-certified':
      return { ...batch, stagedResults: { signature: event.signature, atVersion: version } };
    case 'certificate-issued': {
      const { certificateId, objectKey, jsonSha256, pdfSha256 } = event;
      return { ...batch, certificates: grow.item(batch.certificates, { certificateId, objectKey, jsonSha256, pdfSha256 }) };
    }
    default:
      return undefined;
  }
};

/** Events of quality, custody, telemetry and release. */
export const evolveQuality = (grow: Growth, batch: Batch, { event, version, recordedAt }: Recorded<BatchEvent>): Batch => {
  const quality = event as QualityEvent;
  return evolveDeviations(grow, batch, quality, version) ?? evolveTelemetry(grow, batch, quality) ?? evolveCustody(grow, batch, quality, recordedAt)
    ?? evolveRelease(grow, batch, quality, { version, recordedAt }) ?? batch;
};
