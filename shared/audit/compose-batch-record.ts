import { describeEvent } from '../batch/describe.ts';
import type { BatchEvent } from '../batch/events.ts';
import { foldBatch } from '../batch/fold.ts';
import { batchIdentityOf } from '../batch/identity.ts';
import type { Batch } from '../batch/state.ts';
import { DomainError } from '../errors.ts';
import type { MasterBatchRecordContent } from '../master-batch-record/model.ts';
import type { Recorded } from '../record/envelope.ts';
import { describeSpecification } from '../release/test-specification.ts';
import type { BatchRecordDocument, DeviationSection, PersonalDataLine, SignatureLine, TestLine } from './batch-record-document.ts';
import { materialTitle, phaseSections } from './compose-phase.ts';
import { changeLine, historyLine, quantityChangeLine, signatureLine, stampOf } from './lines.ts';
import { byType, type ByType, type RecordedOf } from './recorded-by-type.ts';

/** Shown in sections of their own; every other kind of event stands in the history, so that none is left out. */
const SECTIONED: ReadonlySet<BatchEvent['type']> = new Set([
  'phase-started', 'phase-completed', 'phase-signed', 'equipment-assigned', 'material-added', 'material-corrected', 'value-recorded', 'value-corrected', 'custody-offered', 'custody-accepted', 'deviation-raised', 'deviation-assessed',
  'deviation-closed', 'test-result-recorded', 'telemetry-gap-recorded', 'telemetry-gap-assessed', 'telemetry-alarm-raised', 'telemetry-sealed', 'action-refused', 'review-performed', 'disposition-recorded', 'certificate-issued',
]);

const deviationSection = (raised: RecordedOf<'deviation-raised'>, of: ByType): DeviationSection => {
  const { deviationId, severity, title, detail, phaseId, rule } = raised.event;
  const assessed = of('deviation-assessed').findLast(({ event }) => event.deviationId === deviationId)?.event;
  const closed = of('deviation-closed').findLast(({ event }) => event.deviationId === deviationId)?.event;
  return {
    deviationId, severity, title, detail, raised: stampOf(raised), ...(phaseId === undefined ? {} : { phaseId }), ...(rule === undefined ? {} : { rule }),
    ...(assessed === undefined ? {} : { assessment: { impact: assessed.impact, rootCause: assessed.rootCause, signature: signatureLine(assessed.signature, `assessment of ${deviationId}`) } }),
    ...(closed === undefined ? {} : { closure: { conclusion: `${closed.conclusion}${closed.testResult === undefined ? '' : closed.testResult === 'invalid' ? ' (the result is invalid)' : ' (the result stands)'}`, signature: signatureLine(closed.signature, `closure of ${deviationId}`) } }),
  };
};

const personalDataLines = (of: ByType): readonly PersonalDataLine[] => {
  const isErased = of('personal-data-erased').length > 0;
  const lines = [...of('personal-data-recorded'), ...of('personal-data-corrected')].toSorted((a, b) => a.version - b.version)
    .flatMap((recorded) => Object.entries(recorded.event.commitments).map(([field, commitment]) => ({ field, commitment, stamp: stampOf(recorded) })));
  return lines.map((line, i) => {
    if (isErased) return { ...line, state: 'erased' };
    return { ...line, state: lines.findLastIndex(({ field }) => field === line.field) === i ? 'recorded' : 'corrected since' };
  });
};

const testLine = ({ event }: RecordedOf<'test-result-recorded'>, { releaseSpecification }: MasterBatchRecordContent): TestLine => {
  const { testId, value, unit, method, sampleId, reason, signature } = event;
  const specification = releaseSpecification.find(({ id }) => id === testId);
  return {
    testId, title: `${specification?.title ?? testId}${reason === undefined ? '' : `, done again: ${reason}`}`, specification: specification === undefined ? '' : `${describeSpecification(specification)} ${unit}`.trim(), result: `${String(value)} ${unit}`.trim(), method, sampleId,
    signature: signatureLine(signature, `result of ${testId}`),
  };
};

const changesOf = (content: MasterBatchRecordContent, of: ByType): BatchRecordDocument['changes'] => {
  const { procedure } = content;
  const titles = new Map(procedure.flatMap(({ operations }) => operations).flatMap(({ phases }) => phases).flatMap(({ id, values }) => values.map((value) => [`${id}/${value.id}`, value.title] as const)));
  const values = of('value-corrected').map((each) => {
    const { phaseId, valueId, unit } = each.event;
    const title = titles.get(`${phaseId}/${valueId}`) ?? valueId;
    return { ...changeLine(each, title), phaseId, title, unit };
  });
  const materials = of('material-corrected').map((each) => {
    const { phaseId, materialId, lotId, unit } = each.event;
    const title = `${materialTitle(content, materialId)}, lot ${lotId}`;
    return { ...quantityChangeLine(each, title), phaseId, title, unit };
  });
  return [...values, ...materials].toSorted((a, b) => a.stamp.version - b.stamp.version);
};

/** All that was sealed, in one line: a long batch names its chunks in hundreds of events, and they are in the machine-readable record. */
const sealedLines = (of: ByType): BatchRecordDocument['telemetry'] => {
  const sealed = of('telemetry-sealed');
  const last = sealed.at(-1);
  if (last === undefined) return [];
  const through = sealed.findLast(({ event }) => event.through !== undefined)?.event.through;
  const minutes = sealed.flatMap(({ event }) => event.devices).flatMap(({ firstMinute, lastMinute }) => [firstMinute, lastMinute]).toSorted();
  const span = minutes.length === 0 ? '' : `, minutes ${minutes[0] ?? ''} to ${minutes.at(-1) ?? ''}`;
  const count = sealed.reduce((sum, { event }) => sum + event.chunks.length, 0);
  return [{ what: `Telemetry sealed: ${count} chunk(s) named by ${sealed.length} event(s), versions ${sealed[0]?.version ?? 0} to ${last.version}${span}${through === undefined ? '' : `; all of it up to ${through} is named`}`, stamp: stampOf(last) }];
};

const decisionOf = ({ event }: RecordedOf<'disposition-recorded'>): BatchRecordDocument['decisions'][number] => {
  const { what } = describeEvent(event);
  return { what, reason: event.reason, signature: signatureLine(event.signature, what) };
};

/** An erasure carries two, both of the record of its therapy event. */
const signaturesIn = (event: BatchEvent): readonly SignatureLine[] => {
  if (event.type === 'personal-data-erased') return [signatureLine(event.request, 'request to erase personal data'), signatureLine(event.confirmation, 'confirmation of the erasure')];
  return 'signature' in event ? [signatureLine(event.signature, describeEvent(event).what)] : [];
};

const signaturesOf = (events: readonly Recorded<BatchEvent>[]): readonly SignatureLine[] => events.flatMap(({ event }) => signaturesIn(event));

const courseOf = ({ state, createdAt, startedAt, completedAt }: Batch) => ({
  state, createdAt, ...(startedAt === undefined ? {} : { startedAt }), ...(completedAt === undefined ? {} : { completedAt }),
});

/**
 * The batch record as a person reads it, from its events alone; made again it is the same.
 *
 * @param events of one batch, from the first
 * @throws DomainError `record-corrupt` when there are none
 * @see 21 CFR 211.188; EU GMP Part IV, 6.3 (batch processing records)
 */
export const composeBatchRecord = (events: readonly Recorded<BatchEvent>[]): BatchRecordDocument => {
  // Only the events of the batch as a whole: the state of everything in it is not wanted, and long to fold.
  const batch = foldBatch(events.filter(({ event: { type }, version }) => version === 1 || type.startsWith('batch-')));
  const last = events.at(-1);
  if (batch === undefined || last === undefined) throw new DomainError('record-corrupt', 'a batch record without events');
  const of = byType(events);
  const { content } = batch.recipe;
  const telemetry = [...of('telemetry-gap-recorded'), ...of('telemetry-gap-assessed'), ...of('telemetry-alarm-raised')].toSorted((a, b) => a.version - b.version);
  return {
    formatVersion: 1, ...batchIdentityOf(batch), ...courseOf(batch), record: { version: last.version, hash: last.hash, recordedAt: last.recordedAt },
    phases: phaseSections(content, of), history: events.filter(({ event }) => !SECTIONED.has(event.type)).map(historyLine),
    personalData: personalDataLines(of), deviations: of('deviation-raised').map((each) => deviationSection(each, of)), tests: of('test-result-recorded').map((each) => testLine(each, content)),
    telemetry: [...telemetry.map(historyLine), ...sealedLines(of)], refusals: of('action-refused').map(historyLine),
    reviews: of('review-performed').map((each) => {
      const { reviewedVersion, ruleSetVersion, openPoints } = each.event;
      return { at: each.recordedAt, by: stampOf(each).by, reviewedVersion, ruleSetVersion, openPoints };
    }),
    decisions: of('disposition-recorded').map(decisionOf), certificateIds: of('certificate-issued').map(({ event }) => event.certificateId),
    changes: changesOf(content, of), signatures: signaturesOf(events),
  };
};
