import type { BatchIdentity } from '../batch/identity.ts';

/**
 * What a batch certificate says, for machine and reader alike. The content follows the batch certificate of EU GMP Annex 16 and,
 * for a therapy made for one patient, carries its chain-of-identity identifier. Times are RFC 3339 UTC.
 *
 * @see EU GMP Annex 16, appendix II (content of the batch certificate); EU GMP Part IV, 11 (batch release of ATMPs)
 */
export type CertificateDocument = BatchIdentity & Readonly<{
  formatVersion: 1;
  certificateId: string;
  startedAt: string;
  completedAt: string;
  tests: readonly CertificateTest[];
  deviations: readonly Readonly<{ deviationId: string; severity: string; title: string; conclusion: string }>[];
  /** Released while results named in `outstandingTests` are still running. */
  staged: boolean;
  outstandingTests: readonly string[];
  statement: string;
  signatures: readonly CertificateSignature[];
  /** The state of the record the certificate speaks of. */
  record: Readonly<{ version: number; hash: string }>;
}>;

export type CertificateTest = Readonly<{
  testId: string; title: string; specification: string; result: string; unit: string; method: string; withinSpecification: boolean;
}>;

/** 21 CFR 11.50(a): printed name, date and time, meaning. */
export type CertificateSignature = Readonly<{ printedName: string; signedAt: string; meaning: string; subject: string }>;

/** A result that came after a staged release; `foundInvalid` by the investigation of its deviation. */
export type SupplementTest = CertificateTest & Readonly<{ recordedAt: string; foundInvalid: boolean; deviationId?: string }>;

/**
 * What a supplement to the certificate of a staged release says: the results that were outstanding, once the last of them is in. Signed by the Qualified Person, or by nobody where a result is out of specification.
 *
 * @see EU GMP Part IV, 11.3 (two-step release of ATMPs)
 */
export type SupplementDocument = BatchIdentity & Readonly<{
  formatVersion: 1;
  certificateId: string;
  /** The certificate of the release: its files, and the state of the record it speaks of. */
  supplementTo: Readonly<{ certificateId: string; jsonSha256: string; pdfSha256: string; recordVersion: number; recordHash: string }>;
  tests: readonly SupplementTest[];
  /** Raised after the release. */
  deviations: CertificateDocument['deviations'];
  certified: boolean;
  statement: string;
  signatures: readonly CertificateSignature[];
  record: CertificateDocument['record'];
}>;
