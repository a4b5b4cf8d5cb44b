import { createHash } from 'node:crypto';
import { DomainError } from '../../shared/errors.ts';
import type { ModelRecord } from '../../shared/model-registry/may-run.ts';
import { recordsInUse, type ModelRecordEvent, type NodeModel } from '../../shared/model-registry/node-record.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { readForest } from '../../models/forest/model-file.ts';
import type { Forest } from '../../models/forest/tree.ts';
import { readMonitoringFile, type MonitoringModel } from '../../models/monitoring/model-file.ts';
import { modelObject } from './model-objects.ts';
import type { ObjectStore, OperationsStore } from './ports.ts';
import type { StreamRecords } from './stream-records.ts';
import { walk } from './walk.ts';

export type NodeModelsPorts = Readonly<{
  models: Pick<StreamRecords<NodeModel, ModelRecordEvent>, 'load'>;
  operations: Pick<OperationsStore, 'list'>;
  /** The bucket of models of this hospital. */
  bucket: Pick<ObjectStore, 'get'>;
}>;

export type NodeModels = Readonly<{
  /** What this hospital's own record says of every version of every model, read from the events and not from what a list shows; one that is stopped here is suspended. @throws DomainError `record-corrupt` */
  records(): Promise<readonly ModelRecord[]>;
  /** A model by the hash of its file, from this hospital's bucket. @throws DomainError `model-not-found`, `model-tampered` when the bytes have another hash, `model-malformed` */
  artefact(sha256: string): Promise<Forest>;
  /** As `artefact`, of a model that monitors. */
  monitoring(sha256: string): Promise<MonitoringModel>;
}>;

/** Models of one kind kept between invocations; each is what its name says, whatever happens to the bucket. */
const CACHED_MODELS = 8;

/** Read each file once, and keep the last few. */
const keeping = <Kept>(read: (sha256: string) => Promise<Kept>): ((sha256: string) => Promise<Kept>) => {
  const kept = new Map<string, Kept>();
  return async (sha256) => {
    const found = kept.get(sha256) ?? await read(sha256);
    kept.set(sha256, found);
    for (const oldest of kept.keys()) {
      if (kept.size <= CACHED_MODELS) break;
      kept.delete(oldest);
    }
    return found;
  };
};

/** Read one artefact and hold its bytes against its name. @throws DomainError `model-not-found`, `model-tampered` */
export const readArtefact = async (bucket: Pick<ObjectStore, 'get'>, sha256: string): Promise<string> => {
  const object = await bucket.get(modelObject.artefact(sha256));
  if (object === undefined) throw new DomainError('model-not-found', `no artefact ${sha256} here`, { artefactSha256: sha256 });
  const actual = createHash('sha256').update(object.body).digest('hex');
  if (actual !== sha256) throw new DomainError('model-tampered', `artefact: got bytes of SHA-256 ${actual}, want ${sha256}`, { artefactSha256: sha256 });
  return Buffer.from(object.body).toString('utf8');
};

/** The models of this hospital: what its record says of them, and their files. */
export const createNodeModels = ({ models, operations, bucket }: NodeModelsPorts): NodeModels => ({
  records: async () => {
    const records: ModelRecord[] = [];
    for await (const { id } of walk<Readonly<{ id: string }>>(operations, keyOf.summary('model-record', '-').pk)) {
      const { state } = await models.load(id);
      if (state !== undefined) records.push(...recordsInUse(state));
    }
    return records;
  },
  artefact: keeping(async (sha256) => readForest(await readArtefact(bucket, sha256))),
  monitoring: keeping(async (sha256) => readMonitoringFile(await readArtefact(bucket, sha256))),
});
