import * as z from 'zod';
import { DomainError } from '../errors.ts';
import { canonicalJson } from '../record/canonical-json.ts';
import { sha256Hex } from '../record/chain.ts';

/**
 * What data a model was trained or tested on, without the data: for each hospital the SHA-256 of its rows and one keyed digest for each record. The key stays in
 * the hospital and is the same for training and test, so equal digests mean the same record and tell nobody which. Too large for an event: events hold its hash.
 */
export type DataManifest = Readonly<{ sites: readonly SiteData[] }>;
export type SiteData = Readonly<{
  nodeId: string;
  rowsSha256: string;
  /** HMAC-SHA-256 (hex) of each record's identifier under the hospital's key, once each. */
  recordDigests: readonly string[];
  /** Of what the hospital signed for, by the SHA-256 of its text. Absent in manifests from before hospitals signed: none of those is taken any more. */
  statementSha256?: string;
}>;

export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'want a SHA-256 as 64 lower-case hex digits');
const MAXIMUM_RECORDS = 1_000_000;
export const DataManifestSchema = z.strictObject({
  sites: z.array(z.strictObject({ nodeId: z.string().min(1).max(64), rowsSha256: Sha256, recordDigests: z.array(Sha256).min(1).max(MAXIMUM_RECORDS), statementSha256: Sha256.exactOptional() })).min(1).max(1000),
});

/** @throws DomainError `model-file-malformed`, naming the field; a record or a hospital that stands twice is one of them */
export const parseDataManifest = (value: unknown): DataManifest => {
  const result = DataManifestSchema.safeParse(value);
  if (!result.success) {
    const faults = result.error.issues.map(({ path, message }) => `${path.map(String).join('.') || 'manifest'}: ${message}`);
    throw new DomainError('model-file-malformed', faults.join('; '), { paths: result.error.issues.map(({ path }) => path.map(String).join('.')) });
  }
  const { sites } = result.data;
  if (new Set(sites.map(({ nodeId }) => nodeId)).size < sites.length) throw new DomainError('model-file-malformed', 'sites: a hospital stands twice, want each once', { paths: ['sites'] });
  const doubled = sites.findIndex(({ recordDigests }) => new Set(recordDigests).size < recordDigests.length);
  if (doubled !== -1) throw new DomainError('model-file-malformed', `sites.${doubled}.recordDigests: a record stands twice, want each once`, { paths: [`sites.${doubled}.recordDigests`] });
  return result.data;
};

export const manifestHashOf = (manifest: DataManifest): string => sha256Hex(canonicalJson(manifest));
export const recordCountOf = ({ sites }: DataManifest): number => sites.reduce((sum, { recordDigests }) => sum + recordDigests.length, 0);

/** Number of records that are in both, or of whole hospitals whose rows are byte-equal, in order of the first. Empty when the two share nothing. */
export const overlapOf = (one: DataManifest, other: DataManifest): readonly Readonly<{ nodeId: string; records: number }>[] => {
  const digests = new Set(other.sites.flatMap(({ recordDigests }) => recordDigests));
  const rows = new Set(other.sites.map(({ rowsSha256 }) => rowsSha256));
  return one.sites.flatMap(({ nodeId, rowsSha256, recordDigests }) => {
    const records = rows.has(rowsSha256) ? recordDigests.length : recordDigests.filter((digest) => digests.has(digest)).length;
    return records === 0 ? [] : [{ nodeId, records }];
  });
};
