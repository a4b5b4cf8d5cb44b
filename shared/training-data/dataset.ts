import { DomainError } from '../errors.ts';
import { isOpening, type OpeningHere, type OpeningName } from '../model-registry/test-opening.ts';
import type { CaseCounts } from '../model-registry/test-report.ts';
import type { Recorded, Signature } from '../record/envelope.ts';
import { requireMeaning } from '../record/signature.ts';

/**
 * What a set of rows is for: rows for training never judge a model, rows for testing never train one, rows for calibration say what its score means and do neither. An imported row has its role for good. An own batch has one by its
 * digest, and for good once it was told as a row to test or calibrate with; until then it can be imported in another.
 *
 * @see draft EU GMP Annex 22, 6 (test data independence), 9 (confidence)
 */
export const DATA_ROLES = ['training', 'test', 'calibration'] as const;
export type DataRole = (typeof DATA_ROLES)[number];

/** One past batch as numbers. `recordDigest` names it by a keyed digest of the hospital's own number; no patient is in it. `null` where a value is missing. */
export type DataRow = Readonly<{ recordDigest: string; label: 0 | 1; values: readonly (number | null)[]; subgroups: readonly string[] }>;
export type Dataset = Readonly<{ datasetId: string; title: string; source: string; role: DataRole; label: string; features: readonly string[]; rowCount: number; positives: number; /** SHA-256 of the object that holds the rows. */ sha256: string }>;

export type TrainingDataEvent =
  | Readonly<{ type: 'training-data-imported'; signature: Signature } & Dataset>
  /** Counts that a person took away; subgroups too small to be shown are named and not counted. */
  | Readonly<{ type: 'model-evaluated'; artefactSha256: string; label: string; rowsSha256: string; rowCount: number; counts: CaseCounts; withheld: readonly string[]; /** For which opening, and what was answered and signed for, by its hash. Absent in records from before. */ answered?: OpeningName & Readonly<{ statementSha256: string }> }>
  /** Counts of calibration rows by equal bins of the score, that a person took away. */
  | Readonly<{ type: 'model-calibrated'; artefactSha256: string; label: string; rowsSha256: string; rowCount: number; positives: readonly number[]; negatives: readonly number[]; statementSha256?: string }>
  /** Which rows there are for one role and model, told to a person and signed for, by its hash. */
  | Readonly<{ type: 'model-data-told'; artefactSha256: string; role: DataRole; label: string; rowsSha256: string; rowCount: number; statementSha256: string }>
  /** Leave to score test rows, as the control site told of it, and its end. */
  | (OpeningHere & Readonly<{ type: 'model-test-opened' }>)
  | (OpeningName & Readonly<{ type: 'model-test-closed' }>);
/** A dataset, or what one model was asked on the rows here. */
export type TrainingData = Readonly<{ dataset?: Dataset; evaluations: number; calibrations: number; openings?: readonly OpeningHere[]; /** Sets of rows that were told, once each. */ told?: readonly ToldSet[] }>;
/** Rows that were told for one role and signed for, by the hash of the statement that names each. */
export type ToldSet = Readonly<{ role: DataRole; rowsSha256: string; statementSha256: string }>;

const changed = (held: TrainingData | undefined, name: OpeningName, more: Partial<OpeningHere>): readonly OpeningHere[] => (held?.openings ?? []).map((each) => (isOpening(each, name) ? { ...each, ...more } : each));

export const evolveTrainingData = (held: TrainingData | undefined, { event }: Recorded<TrainingDataEvent>): TrainingData => {
  const { evaluations, calibrations } = held ?? { evaluations: 0, calibrations: 0 };
  const kept = { ...held, evaluations, calibrations };
  switch (event.type) {
    case 'training-data-imported': {
      const { type: _, signature: __, ...dataset } = event;
      return { dataset, evaluations, calibrations };
    }
    case 'model-evaluated': {
      const { answered } = event;
      return { ...kept, evaluations: evaluations + 1, ...(answered !== undefined && { openings: changed(held, answered, { answerSha256: answered.statementSha256 }) }) };
    }
    case 'model-calibrated': return { ...kept, calibrations: calibrations + 1 };
    case 'model-data-told': return { ...kept, told: [...held?.told ?? [], { role: event.role, rowsSha256: event.rowsSha256, statementSha256: event.statementSha256 }] };
    case 'model-test-opened': {
      const { type: _, ...opening } = event;
      return { ...kept, openings: [...held?.openings ?? [], opening] };
    }
    case 'model-test-closed': return { ...kept, openings: changed(held, event, { isClosed: true }) };
    default: return event satisfies never;
  }
};

type Faults = Readonly<{ features: readonly string[]; label: string; rows: readonly DataRow[] }>;
const malformed = (field: string, message: string): DomainError => new DomainError('training-data-malformed', `${field}: ${message}`, { field });

/** @throws DomainError `training-data-malformed`, naming the field and the row by its number from 1 */
export const requireDataset = ({ features, label, rows }: Faults): void => {
  const twice = features.find((name, i) => features.indexOf(name) !== i);
  if (twice !== undefined) throw malformed('features', `got ${twice} twice, want each once`);
  if (features.includes(label)) throw malformed('features', `got the label ${label}, want it not among them`);
  const seen = new Set<string>();
  rows.forEach(({ recordDigest, values }, i) => {
    if (values.length !== features.length) throw malformed(`rows.${i}.values`, `got ${values.length}, want ${features.length}, one a feature`);
    if (values.some((value) => value !== null && !Number.isFinite(Math.fround(value)))) throw malformed(`rows.${i}.values`, 'got a number beyond float32, want one within, or null');
    if (seen.has(recordDigest)) throw malformed(`rows.${i}.recordId`, 'got a record twice, want each once');
    seen.add(recordDigest);
  });
};

type Import = Omit<Dataset, 'rowCount' | 'positives'> & Readonly<{ rows: readonly DataRow[] }>;

/**
 * Take historic rows in, once and for one purpose.
 *
 * @param known digests of every record imported before, under any role
 * @param told digests of records that were told as rows to test or calibrate with, each with that role
 * @throws DomainError `register-entry-exists`, what `requireDataset` throws, `training-row-exists` when a record was imported before, `training-row-role-wrong` when it was told in another role, `signature-meaning-wrong` (want responsibility)
 */
export const importTrainingData = (held: TrainingData | undefined, { rows, ...dataset }: Import, { known, told }: Readonly<{ known: ReadonlySet<string>; told: ReadonlyMap<string, DataRole> }>, signature: Signature): readonly TrainingDataEvent[] => {
  if (held !== undefined) throw new DomainError('register-entry-exists', `dataset ${dataset.datasetId} was imported already`, { datasetId: dataset.datasetId });
  requireDataset({ ...dataset, rows });
  const before = rows.findIndex(({ recordDigest }) => known.has(recordDigest));
  if (before >= 0) throw new DomainError('training-row-exists', `rows.${before}.recordId: got a record that was imported before, want each in one dataset, for one purpose`, { row: before });
  rows.forEach(({ recordDigest }, row) => {
    const role = told.get(recordDigest) ?? dataset.role;
    if (role !== dataset.role) throw new DomainError('training-row-role-wrong', `rows.${row}.recordId: got a record for ${dataset.role} that was told as a row for ${role}, want it for nothing else`, { row });
  });
  requireMeaning(signature, 'responsibility');
  return [{ type: 'training-data-imported', ...dataset, rowCount: rows.length, positives: rows.filter(({ label }) => label === 1).length, signature }];
};

/** Of 256 values of a digest's first byte, those of a test row, and of a calibration row: one batch in five of each. */
const [TEST_VALUES, CALIBRATION_VALUES] = [51, 51];

/** What an own batch is for unless it was imported: by its keyed digest, so the same each time, known to nobody before, and hanging on nothing that happened in the batch. @param recordDigest SHA-256 as hex */
export const roleOfOwnBatch = (recordDigest: string): DataRole => {
  const first = Number.parseInt(recordDigest.slice(0, 2), 16);
  if (first < TEST_VALUES) return 'test';
  return first < TEST_VALUES + CALIBRATION_VALUES ? 'calibration' : 'training';
};
