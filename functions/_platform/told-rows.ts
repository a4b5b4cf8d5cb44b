import { readStatement } from '../../shared/model-registry/hospital-counts.ts';
import { DataStatementSchema } from '../../shared/model-registry/data-statement.ts';
import type { DataRole, ToldSet, TrainingData, TrainingDataEvent } from '../../shared/training-data/dataset.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { keptStatement, type StatementPorts } from './hospital-statements.ts';
import type { OperationsStore } from './ports.ts';
import type { StreamRecords } from './stream-records.ts';
import { walk } from './walk.ts';

type Ports = Pick<StatementPorts, 'bucket'> & Readonly<{ operations: Pick<OperationsStore, 'list'>; datasets: Pick<StreamRecords<TrainingData, TrainingDataEvent>, 'load'> }>;
type Bucket = Pick<StatementPorts, 'bucket'>;

/** Digests of the records in a set that was told and signed for. @throws DomainError `record-corrupt` when the statement is gone or another text */
export const digestsOf = async ({ bucket }: Bucket, { statementSha256 }: ToldSet): Promise<readonly string[]> =>
  readStatement(DataStatementSchema, (await keptStatement({ bucket }, statementSha256)).text).statement.recordDigests;

/** What was ever told of rows here, and opened, one entry a model file. */
const askedOfModels = async ({ operations, datasets }: Ports): Promise<readonly Readonly<{ artefactSha256: string; state: TrainingData }>[]> => {
  const found: { artefactSha256: string; state: TrainingData }[] = [];
  for await (const { id, dataset } of walk<Readonly<{ id: string; dataset?: object }>>(operations, keyOf.summary('training-data', '-').pk)) {
    const state = dataset === undefined ? (await datasets.load(id)).state : undefined;
    if (state !== undefined) found.push({ artefactSha256: id, state });
  }
  return found;
};

const allDigests = async (ports: Ports, sets: readonly ToldSet[]): Promise<readonly string[]> => (await Promise.all(sets.map((set) => digestsOf(ports, set)))).flat();

/**
 * Records of this hospital that were told as rows to judge a model, or to calibrate one, each with that role. They have it for good: what was scored may have been read.
 *
 * @throws DomainError `record-corrupt`
 */
export const toldRoles = async (ports: Ports): Promise<ReadonlyMap<string, DataRole>> => {
  const roles = new Map<string, DataRole>();
  for (const { state } of await askedOfModels(ports)) {
    for (const set of state.told ?? []) if (set.role !== 'training') for (const digest of await digestsOf(ports, set)) roles.set(digest, set.role);
  }
  return roles;
};

/**
 * Records in test data that were opened, whether they were scored or not, but for tests of this file that are not over: those are the version's own.
 *
 * @param artefactSha256 of the file that would be tested
 * @throws DomainError `record-corrupt`
 */
export const seenDigests = async (ports: Ports, artefactSha256: string): Promise<ReadonlySet<string>> => {
  const seen = (await askedOfModels(ports)).flatMap(({ artefactSha256: other, state: { openings = [], told = [] } }) => {
    const over = openings.filter(({ isClosed }) => other !== artefactSha256 || isClosed === true);
    return told.filter(({ role, rowsSha256 }) => role === 'test' && over.some(({ site }) => site.rowsSha256 === rowsSha256));
  });
  return new Set(await allDigests(ports, seen));
};
