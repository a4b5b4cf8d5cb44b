import type { Recorded } from '../record/envelope.ts';
import type { BatchEvent } from './events.ts';
import type { Batch, Deviation } from './state.ts';

type QualityEvent = Exclude<BatchEvent, Readonly<{ type:
  | 'batch-created' | 'batch-started' | 'batch-held' | 'batch-resumed' | 'batch-stopped' | 'batch-aborted' | 'batch-completed' | 'equipment-released'
  | 'phase-started' | 'equipment-assigned' | 'material-added' | 'value-recorded' | 'value-corrected' | 'phase-signed' | 'phase-completed'; }>>;

const withDeviation = (batch: Batch, deviationId: string, change: Partial<Deviation>): Batch => {
  const deviation = batch.deviations[deviationId];
  return deviation === undefined ? batch : { ...batch, deviations: { ...batch.deviations, [deviationId]: { ...deviation, ...change } } };
};

const evolveDeviations = (batch: Batch, event: QualityEvent): Batch | undefined => {
  switch (event.type) {
    case 'deviation-raised': {
      const { deviationId, severity, title, phaseId, rule } = event;
      const deviation: Deviation = { deviationId, severity, title, state: 'open', ...(phaseId === undefined ? {} : { phaseId }), ...(rule === undefined ? {} : { rule }) };
      return { ...batch, deviations: { ...batch.deviations, [deviationId]: deviation } };
    }
    case 'deviation-assessed':
      return withDeviation(batch, event.deviationId, { state: 'assessed' });
    case 'deviation-closed':
      return withDeviation(batch, event.deviationId, { state: 'closed', conclusion: event.conclusion });
    case 'action-refused':
      return { ...batch, refusalCount: batch.refusalCount + 1 };
    default:
      return undefined;
  }
};

const evolveTelemetry = (batch: Batch, event: QualityEvent): Batch | undefined => {
  switch (event.type) {
    case 'telemetry-gap-recorded': {
      const { gapId, from, to, lostMessages, critical } = event;
      return { ...batch, gaps: { ...batch.gaps, [gapId]: { gapId, from, to, lostMessages, critical, assessed: false } } };
    }
    case 'telemetry-gap-assessed': {
      const gap = batch.gaps[event.gapId];
      return gap === undefined ? batch : { ...batch, gaps: { ...batch.gaps, [event.gapId]: { ...gap, assessed: true } } };
    }
    case 'telemetry-alarm-raised':
      return { ...batch, alarms: { ...batch.alarms, [event.alarmId]: { alarmId: event.alarmId, metric: event.metric, at: event.at } } };
    default:
      return undefined;
  }
};

const evolveCustody = (batch: Batch, event: QualityEvent, recordedAt: string): Batch | undefined => {
  switch (event.type) {
    case 'custody-offered': {
      const { transferId, phaseId, toPersonId, signature } = event;
      return { ...batch, custody: { ...batch.custody, [transferId]: { transferId, phaseId, toPersonId, fromPersonId: signature.signerId, offeredAt: recordedAt } } };
    }
    case 'custody-accepted': {
      const transfer = batch.custody[event.transferId];
      return transfer === undefined ? batch : { ...batch, custody: { ...batch.custody, [event.transferId]: { ...transfer, acceptedAt: recordedAt } } };
    }
    default:
      return undefined;
  }
};

const evolveRelease = (batch: Batch, event: QualityEvent, { version, recordedAt }: Readonly<{ version: number; recordedAt: string }>): Batch | undefined => {
  switch (event.type) {
    case 'test-result-recorded': {
      const { testId, value, unit, method } = event;
      return { ...batch, tests: { ...batch.tests, [testId]: { testId, value, unit, method, recordedAt } } };
    }
    case 'prediction-recorded': {
      const { predictionId, probability, modelName, modelHash, caution } = event;
      return { ...batch, predictions: [...batch.predictions, { predictionId, probability, modelName, modelHash, caution }] };
    }
    case 'review-performed':
      return { ...batch, review: { reviewedVersion: event.reviewedVersion, atVersion: version, openPoints: event.openPoints, ruleSetVersion: event.ruleSetVersion } };
    case 'disposition-recorded': {
      const { disposition, staged, reason, signature } = event;
      return { ...batch, disposition: { disposition, staged, reason, signature, atVersion: version } };
    }
    case 'certificate-issued': {
      const { certificateId, objectKey, jsonSha256, pdfSha256 } = event;
      return { ...batch, certificates: [...batch.certificates, { certificateId, objectKey, jsonSha256, pdfSha256 }] };
    }
    default:
      return undefined;
  }
};

/** Events of quality, custody, telemetry and release. */
export const evolveQuality = (batch: Batch, { event, version, recordedAt }: Recorded<BatchEvent>): Batch => {
  const quality = event as QualityEvent;
  return evolveDeviations(batch, quality) ?? evolveTelemetry(batch, quality) ?? evolveCustody(batch, quality, recordedAt)
    ?? evolveRelease(batch, quality, { version, recordedAt }) ?? batch;
};
