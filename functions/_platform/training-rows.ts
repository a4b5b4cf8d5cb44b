import { createHash, createHmac, hkdfSync } from 'node:crypto';
import * as z from 'zod';
import { FEATURE_NAMES } from '../../models/early-prediction/features.ts';
import { isOnGrid, ownTrajectoryValue } from '../../models/monitoring/own-trajectory.ts';
import type { Rows } from '../../models/federated/rows.ts';
import type { BatchEvent } from '../../shared/batch/events.ts';
import { DomainError } from '../../shared/errors.ts';
import { sha256Hex } from '../../shared/record/chain.ts';
import { roleOfOwnBatch, type DataRole, type DataRow, type TrainingData } from '../../shared/training-data/dataset.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { inParallel, RECORDS_AT_ONCE } from './in-parallel.ts';
import type { ObjectStore, OperationsStore, RecordStore } from './ports.ts';
import { walk } from './walk.ts';

export type TrainingRowsPorts = Readonly<{
  /** The hospital's bucket of training data. */
  bucket: Pick<ObjectStore, 'get' | 'put'>;
  operations: Pick<OperationsStore, 'list'>;
  record: Pick<RecordStore, 'load'>;
  randomBytes(count: number): Uint8Array;
}>;
type Wanted = Readonly<{ features: readonly string[]; label: string }>;
/** A row with the names of its values, and with what its draws hang on, which no answer and no statement holds. */
export type KeyedRow = DataRow & Readonly<{ features: readonly string[]; drawKey: string }>;
type NamedRow = Omit<KeyedRow, 'drawKey'>;

/** Label of a hospital's own batches: 1 when quality did not release it. */
export const OWN_LABEL = 'not-releasable';
const KEY_OBJECT = 'record-key';
const KEY_BYTES = 32;
const DRAWS = 'bedside/draws/1';
export const datasetObject = (sha256: string): string => `datasets/${sha256}.json`;

const RowsSchema = z.array(z.strictObject({ recordDigest: z.string(), label: z.union([z.literal(0), z.literal(1)]), values: z.array(z.number().nullable()), subgroups: z.array(z.string()) }));
export const encodeDataset = (rows: readonly DataRow[]): Buffer => Buffer.from(JSON.stringify(rows.map(({ recordDigest, label, values, subgroups }) => ({ recordDigest, label, values, subgroups }))), 'utf8');

type Summary = TrainingData & Readonly<{ id: string }>;
type BatchSummary = Readonly<{ batchId: string; disposition?: string }>;

type ValuesOf = (events: readonly BatchEvent[]) => Pick<NamedRow, 'features' | 'values'> | undefined;

/** Features of the first 72 hours, as they were recorded. */
const earlyValues: ValuesOf = (events) => {
  const found = events.find((event) => event.type === 'prediction-recorded' || event.type === 'features-recorded');
  return found === undefined ? undefined : { features: Object.keys(found.features), values: Object.values(found.features) };
};

/** Windows of the whole culture, made of those that were recorded. */
const trajectoryValues = (features: readonly string[]): ValuesOf => (events) => {
  const found = events.find((event) => event.type === 'trajectory-recorded');
  return found === undefined ? undefined : { features, values: features.map((name) => ownTrajectoryValue(found, name)) };
};

/** How own batches give these features; undefined where they do not. */
const ownValues = (features: readonly string[]): ValuesOf | undefined => {
  if (features.every((name) => FEATURE_NAMES.includes(name))) return earlyValues;
  return features.every(isOnGrid) ? trajectoryValues(features) : undefined;
};

/** The rows a hospital has for models: imported ones, and its own batches whose outcome is known. They stay here. */
export const createTrainingRows = ({ bucket, operations, record, randomBytes }: TrainingRowsPorts) => {
  /** The hospital's key for naming records, made once. With it, equal digests mean the same record; without it they mean nothing. */
  const key = async (): Promise<Uint8Array> => {
    await bucket.put(KEY_OBJECT, randomBytes(KEY_BYTES), { ifMatch: null });
    const held = await bucket.get(KEY_OBJECT);
    if (held?.body.length !== KEY_BYTES) throw new Error(`record key: got ${held?.body.length ?? 0} bytes, want ${KEY_BYTES}`);
    return held.body;
  };
  /** Keyed again under a key of its own purpose: names of records, of which anybody who imports may choose the records, give none of it. */
  const withDrawKeys = async (rows: readonly NamedRow[]): Promise<readonly KeyedRow[]> => {
    const own = Buffer.from(hkdfSync('sha256', await key(), '', DRAWS, KEY_BYTES));
    return rows.map((row) => ({ ...row, drawKey: createHmac('sha256', own).update(row.recordDigest).digest('hex') }));
  };
  const digests = async (recordIds: readonly string[]): Promise<readonly string[]> => {
    const own = await key();
    return recordIds.map((recordId) => createHmac('sha256', own).update(recordId).digest('hex'));
  };

  /** @throws DomainError `training-data-malformed` when the object is not what was signed */
  const read = async (hash: string): Promise<readonly DataRow[]> => {
    const bytes = (await bucket.get(datasetObject(hash)))?.body;
    if (bytes === undefined || sha256Hex(bytes) !== hash) throw new DomainError('training-data-malformed', `dataset: got other bytes than those of SHA-256 ${hash}, which were signed for`, { field: 'sha256' });
    return RowsSchema.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
  };

  const imported = async (): Promise<readonly Readonly<{ dataset: NonNullable<TrainingData['dataset']>; rows: readonly DataRow[] }>[]> => {
    const found: { dataset: NonNullable<TrainingData['dataset']>; rows: readonly DataRow[] }[] = [];
    for await (const { dataset } of walk<Summary>(operations, keyOf.summary('training-data', '-').pk)) if (dataset !== undefined) found.push({ dataset, rows: await read(dataset.sha256) });
    return found;
  };

  /** Own batches of one role with recorded values for these features and a decision of quality, but those that were imported, and those in which something was set on a recommendation: their outcome says nothing of what becomes of a batch if nobody acts. */
  const ownBatches = async (role: DataRole, known: ReadonlySet<string>, valuesOf: ValuesOf): Promise<readonly NamedRow[]> => {
    const decided: BatchSummary[] = [];
    for await (const each of walk<BatchSummary>(operations, keyOf.summary('batch', '-').pk)) if (each.disposition !== undefined) decided.push(each);
    const names = await digests(decided.map(({ batchId }) => batchId));
    const wanted = decided.map((each, i) => ({ ...each, recordDigest: names[i] ?? '' })).filter(({ recordDigest }) => !known.has(recordDigest) && roleOfOwnBatch(recordDigest) === role);
    const rows = await inParallel(wanted, async ({ batchId, disposition, recordDigest }): Promise<readonly NamedRow[]> => {
      const events = (await record.load<BatchEvent>({ kind: 'batch', id: batchId })).map(({ event }) => event);
      const found = events.some(({ type }) => type === 'intervention-sent') ? undefined : valuesOf(events);
      return found === undefined ? [] : [{ recordDigest, ...found, label: disposition === 'release' ? 0 : 1, subgroups: [] }];
    }, RECORDS_AT_ONCE);
    return rows.flat();
  };

  /**
   * Rows of one role, in the order of their digests.
   *
   * @throws DomainError `training-schema-mismatch` when a dataset has the label and lacks a feature; `training-data-malformed`
   */
  const rowsOf = async (role: DataRole, { features, label }: Wanted): Promise<readonly KeyedRow[]> => {
    const datasets = await imported();
    const fitting = datasets.filter(({ dataset }) => dataset.label === label);
    for (const { dataset } of fitting) {
      const lacking = features.find((name) => !dataset.features.includes(name));
      if (lacking !== undefined) throw new DomainError('training-schema-mismatch', `dataset ${dataset.datasetId}: got no feature ${lacking}, want every feature of the plan`, { got: '', want: lacking });
    }
    const rows = fitting.filter(({ dataset }) => dataset.role === role).flatMap(({ dataset, rows: own }) => own.map((row) => ({ ...row, features: dataset.features })));
    const known = new Set(datasets.flatMap(({ rows: own }) => own.map(({ recordDigest }) => recordDigest)));
    const valuesOf = label === OWN_LABEL ? ownValues(features) : undefined;
    const own = valuesOf !== undefined ? await ownBatches(role, known, valuesOf) : [];
    return withDrawKeys([...rows, ...own].sort((a, b) => (a.recordDigest < b.recordDigest ? -1 : 1)));
  };

  return { digests, read, rowsOf, knownDigests: async () => new Set((await imported()).flatMap(({ rows }) => rows.map(({ recordDigest }) => recordDigest))) };
};
export type TrainingRows = ReturnType<typeof createTrainingRows>;

/** Rows as columns, NaN where a value is missing: with their names, and with what their draws hang on. */
export const columnsOf = (rows: readonly KeyedRow[], features: readonly string[]): Rows => ({
  keys: rows.map(({ recordDigest }) => recordDigest), drawKeys: rows.map(({ drawKey }) => drawKey), features, labels: Uint8Array.from(rows, ({ label }) => label),
  columns: features.map((name) => Float32Array.from(rows, (row) => row.values[row.features.indexOf(name)] ?? Number.NaN)),
});

/** What names a set of rows: SHA-256 of digests, labels, values, and of the subgroups where there are any. */
export const rowsHash = (rows: readonly KeyedRow[], features: readonly string[]): string => {
  const { keys, labels, columns } = columnsOf(rows, features);
  const hash = createHash('sha256').update(JSON.stringify([features, keys])).update(labels);
  for (const column of columns) hash.update(new Uint8Array(column.buffer, column.byteOffset, column.byteLength));
  const subgroups = rows.map((row) => row.subgroups);
  if (subgroups.some((each) => each.length > 0)) hash.update(JSON.stringify(subgroups));
  return hash.digest('hex');
};
