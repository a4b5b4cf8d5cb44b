import type { BatchRecordDocument, DeviationSection, HistoryLine } from '../../shared/audit/batch-record-document.ts';
import type { Coverage } from '../../shared/audit/coverage.ts';
import type { Signers } from '../../shared/audit/signers.ts';
import type { Block, Column } from '../_platform/pdf/blocks.ts';
import { changeRow, phaseBlocks, SIGNATURES } from './phase-blocks.ts';
import { signerBlocks } from './signer-blocks.ts';
import { signatureText, stampText, timeText } from './text.ts';

type Row = readonly string[];

const CHANGES: readonly Column[] = [{ title: 'What', width: 128 }, { title: 'Old value', width: 76 }, { title: 'New value', width: 76 }, { title: 'Why, by whom, when, signed', width: 219 }];
const DEVIATIONS: readonly Column[] = [{ title: 'Deviation', width: 110 }, { title: 'What happened', width: 150 }, { title: 'Assessment', width: 125 }, { title: 'Conclusion', width: 114 }];
const HISTORY: readonly Column[] = [{ title: 'What', width: 210 }, { title: 'Why', width: 114 }, { title: 'By, at', width: 175 }];
const PERSONAL: readonly Column[] = [{ title: 'Field', width: 110 }, { title: 'State', width: 80 }, { title: 'Commitment (SHA-256, salted)', width: 159 }, { title: 'By, at', width: 150 }];
const TESTS: readonly Column[] = [{ title: 'Test', width: 90 }, { title: 'Specification', width: 80 }, { title: 'Result', width: 80 }, { title: 'Method, sample', width: 94 }, { title: 'Signed', width: 155 }];
const REVIEWS: readonly Column[] = [{ title: 'Reviewed', width: 175 }, { title: 'Version, rules', width: 120 }, { title: 'Open points', width: 204 }];
const DECISIONS: readonly Column[] = [{ title: 'Decision', width: 150 }, { title: 'Reason', width: 150 }, { title: 'Signed', width: 199 }];

const section = (title: string, columns: readonly Column[], rows: readonly Row[], empty = 'None.', marked?: ReadonlySet<number>): readonly Block[] =>
  [{ type: 'heading', text: title }, { type: 'table', columns, rows, empty, ...(marked === undefined ? {} : { marked }) }];

const orNot = (time: string | undefined): string => (time === undefined ? 'not yet' : timeText(time));

const factsOf = ({ productTitle, productId, batchId, chainOfIdentityId, nodeId, masterBatchRecord, state, createdAt, startedAt, completedAt, certificateIds, record }: BatchRecordDocument): readonly (readonly [string, string])[] => [
  ['Product', `${productTitle} (${productId})`], ['Batch', batchId], ['Chain of identity', chainOfIdentityId], ['Made at', nodeId], ['Master batch record', `${masterBatchRecord.id}, version ${masterBatchRecord.version}`],
  ['State', state], ['Created', timeText(createdAt)], ['Started', orNot(startedAt)], ['Completed', orNot(completedAt)], ['Certificate', certificateIds.join(', ') || 'none'],
  ['This copy', `version ${record.version} of the record, of ${timeText(record.recordedAt)}`],
];

/** Up to where the copy goes, and that it says nothing of what came after. */
const coverageFacts = (version: number, coverage: Coverage | undefined): readonly (readonly [string, string])[] => {
  if (coverage === undefined) return [];
  const { treeSize, cosignedAt, laterEvents, unprovenEvents } = coverage;
  const later = laterEvents === 0 ? 'no later event was recorded when this copy was made' : `${laterEvents} later event(s) came too late for that checkpoint and are not in this copy`;
  return [
    ['As of', `version ${version}, published in the log's checkpoint of ${treeSize} entries${cosignedAt === undefined ? '' : `, cosigned ${timeText(cosignedAt)}`}; ${later}`],
    ...(unprovenEvents === 0 ? [] : [['NOT PROVEN', `the log does not hold ${unprovenEvents} of the events of this copy as they are here`] as const]),
  ];
};

const deviationRow = ({ deviationId, severity, rule, phaseId, title, detail, raised, assessment, closure }: DeviationSection): Row => [
  `${deviationId}, ${severity}${rule === undefined ? ', by hand' : `, by rule ${rule}`}${phaseId === undefined ? '' : `, phase ${phaseId}`}`, `${title}. ${detail} Raised: ${stampText(raised)}`,
  assessment === undefined ? 'OPEN' : `${assessment.impact}. Cause: ${assessment.rootCause}. Signed: ${signatureText(assessment.signature)}`, closure === undefined ? 'OPEN' : `${closure.conclusion}. Signed: ${signatureText(closure.signature)}`,
];

const historyRows = (lines: readonly HistoryLine[]): readonly Row[] => lines.map(({ what, why, stamp }) => [what, why ?? '', stampText(stamp)]);

/** The values are not part of the record; what was erased is said to be. */
const personalBlocks = ({ personalData }: BatchRecordDocument): readonly Block[] =>
  section('Personal data', PERSONAL, personalData.map(({ field, state, commitment, stamp }) => [field, state === 'erased' ? 'ERASED' : state, commitment, stampText(stamp)]), 'None was recorded.');

const qualityBlocks = ({ deviations, tests, reviews, decisions }: BatchRecordDocument): readonly Block[] => [
  ...section('Deviations', DEVIATIONS, deviations.map(deviationRow)),
  ...section('Quality control', TESTS, tests.map(({ title, specification, result, method, sampleId, signature }) => [title, specification, result, `${method}, ${sampleId}`, signatureText(signature)]), 'No results.'),
  ...section('Review by exception', REVIEWS, reviews.map(({ by, at, reviewedVersion, ruleSetVersion, openPoints }) => [`${by}, ${timeText(at)}`, `version ${reviewedVersion}, rules ${ruleSetVersion}`, openPoints.map(({ rule, subject, detail }) => `${rule} ${subject}: ${detail}`).join('; ') || 'none'])),
  ...section('Disposition', DECISIONS, decisions.map(({ what, reason, signature }) => [what, reason, signatureText(signature)]), 'Not yet decided.'),
];

/**
 * The batch record as blocks, in the order a reviewer reads: what it is, what was changed, what was done, what went wrong, who answers for it.
 *
 * @see 21 CFR 211.188, 11.50(b); EU GMP Annex 11, 8.2 (printouts show whether data was changed)
 */
export const layoutOf = (document: BatchRecordDocument, signers: Signers, coverage?: Coverage): readonly Block[] => {
  const { batchId, changes, phases, telemetry, history, refusals, signatures, record, masterBatchRecord } = document;
  return [
    { type: 'title', text: 'Batch record', subtitle: batchId }, { type: 'facts', rows: [...factsOf(document), ...coverageFacts(record.version, coverage)] },
    ...section('Changes of recorded values and quantities', CHANGES, changes.map((each) => changeRow(each, `${each.title} (${each.phaseId})`, each.unit)), 'No recorded value or quantity was changed.', new Set(changes.keys())),
    ...phases.flatMap(phaseBlocks), ...personalBlocks(document), ...qualityBlocks(document),
    ...section('Telemetry: gaps and alarms', HISTORY, historyRows(telemetry)), ...section('Course of the batch', HISTORY, historyRows(history)),
    ...section('Attempts refused by rule', HISTORY, historyRows(refusals)),
    ...section('All signatures', SIGNATURES, signatures.map(({ printedName, signedAt, meaning, subject }) => [printedName, timeText(signedAt), meaning, subject]), 'None.'),
    ...signerBlocks(signers),
    { type: 'fine', text: `Record version ${record.version}, SHA-256 of its last event ${record.hash}. Master batch record content SHA-256 ${masterBatchRecord.contentHash}. The machine-readable record and the whole audit trail are beside this file.` },
  ];
};
