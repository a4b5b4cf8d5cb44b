import type { BatchRecordDocument } from '../../shared/audit/batch-record-document.ts';
import type { Coverage } from '../../shared/audit/coverage.ts';
import { DomainError } from '../../shared/errors.ts';
import { canonicalJson } from '../../shared/record/canonical-json.ts';
import { sha256Hex } from '../../shared/record/chain.ts';
import { auditEntry, type RecordedBatchEvent } from '../audit-api/record-pages.ts';
import { instructionsFor } from './instructions.ts';

/** A file of the pack: path with `/`, below the pack's own folder. */
export type PackFile = Readonly<{ path: string; body: Uint8Array }>;

/** A record for the reader, its events, and what the log's checkpoint says of them. */
export type Content = Readonly<{ document: BatchRecordDocument; events: readonly RecordedBatchEvent[]; coverage: Coverage | undefined }>;

const OWN_PATHS: ReadonlySet<string> = new Set(['batch-record.pdf', 'batch-record.json', 'audit-trail.json', 'INSTRUCTIONS.txt', 'SHA256SUMS']);
const PATH = /^[A-Za-z0-9_-][A-Za-z0-9._-]*(?:\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/;

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
/** A JSON list of JSON values, one a line. */
export const oneALine = (items: readonly string[]): string => (items.length === 0 ? '[]' : `[\n${items.join(',\n')}\n]`);

/** Events as they were stored, one a line, each in the very form its hash is of (but for `hash` itself). */
export const recordJson = ({ batchId, record: { version, hash } }: BatchRecordDocument, events: readonly RecordedBatchEvent[]): string =>
  `{"formatVersion":1,"batchId":${JSON.stringify(batchId)},"version":${version},"hash":"${hash}","events":${oneALine(events.map(canonicalJson))}}\n`;

export const auditTrailJson = ({ batchId, record: { version } }: BatchRecordDocument, events: readonly RecordedBatchEvent[]): string =>
  `{"formatVersion":1,"batchId":${JSON.stringify(batchId)},"version":${version},"entries":${oneALine(events.map((each) => JSON.stringify(auditEntry(each))))}}\n`;

export const isPackPath = (path: string): boolean => PATH.test(path);

/** @throws DomainError `record-corrupt`: evidence must not take the place of the record, nor leave the pack's folder when it is unpacked */
const requireOwnPlace = (evidence: readonly PackFile[]): void => {
  for (const { path } of evidence) {
    if (OWN_PATHS.has(path) || !isPackPath(path)) throw new DomainError('record-corrupt', `evidence file '${path}' has no place in the pack`);
  }
};

const sumsOf = (files: readonly PackFile[]): string => files.map(({ path, body }) => `${sha256Hex(body)}  ${path}\n`).join('');

/** Every file of the pack, in the order an inspector opens them; the same record gives the same bytes. */
export const assemblePack = ({ document, events, coverage }: Content, pdf: Uint8Array, evidence: readonly PackFile[]): readonly PackFile[] => {
  requireOwnPlace(evidence);
  const files: readonly PackFile[] = [
    { path: 'INSTRUCTIONS.txt', body: bytesOf(instructionsFor(document, evidence.map(({ path }) => path), coverage)) },
    { path: 'batch-record.pdf', body: pdf },
    { path: 'batch-record.json', body: bytesOf(recordJson(document, events)) },
    { path: 'audit-trail.json', body: bytesOf(auditTrailJson(document, events)) },
    ...evidence,
  ];
  return [...files, { path: 'SHA256SUMS', body: bytesOf(sumsOf(files)) }];
};
