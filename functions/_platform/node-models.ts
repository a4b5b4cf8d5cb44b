import { createHash } from 'node:crypto';
import { DomainError } from '../../shared/errors.ts';
import type { ModelRecord } from '../../shared/model-registry/may-run.ts';
import type { ModelRecordEvent, NodeModel } from '../../shared/model-registry/node-record.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { parseXgboostJson } from '../../models/forest/xgboost-json.ts';
import type { Forest } from '../../models/forest/tree.ts';
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
  /** What this hospital's own record says of every version of every model, read from the events and not from what a list shows. @throws DomainError `record-corrupt` */
  records(): Promise<readonly ModelRecord[]>;
  /** A model by the hash of its file, from this hospital's bucket. @throws DomainError `model-not-found`, `model-tampered` when the bytes have another hash, `model-malformed` */
  artefact(sha256: string): Promise<Forest>;
}>;

/** Forests kept between invocations; each is what its name says, whatever happens to the bucket. */
const CACHED_FORESTS = 8;

/** Read one artefact and hold its bytes against its name. @throws DomainError `model-not-found`, `model-tampered` */
export const readArtefact = async (bucket: Pick<ObjectStore, 'get'>, sha256: string): Promise<string> => {
  const object = await bucket.get(modelObject.artefact(sha256));
  if (object === undefined) throw new DomainError('model-not-found', `no artefact ${sha256} here`, { artefactSha256: sha256 });
  const actual = createHash('sha256').update(object.body).digest('hex');
  if (actual !== sha256) throw new DomainError('model-tampered', `artefact: got bytes of SHA-256 ${actual}, want ${sha256}`, { artefactSha256: sha256 });
  return Buffer.from(object.body).toString('utf8');
};

/** The models of this hospital: what its record says of them, and their files. */
export const createNodeModels = ({ models, operations, bucket }: NodeModelsPorts): NodeModels => {
  const forests = new Map<string, Forest>();
  return {
    records: async () => {
      const records: ModelRecord[] = [];
      for await (const { id } of walk<Readonly<{ id: string }>>(operations, keyOf.summary('model-record', '-').pk)) records.push(...(await models.load(id)).state?.records ?? []);
      return records;
    },
    artefact: async (sha256) => {
      const forest = forests.get(sha256) ?? parseXgboostJson(await readArtefact(bucket, sha256));
      forests.set(sha256, forest);
      for (const oldest of forests.keys()) {
        if (forests.size <= CACHED_FORESTS) break;
        forests.delete(oldest);
      }
      return forest;
    },
  };
};
