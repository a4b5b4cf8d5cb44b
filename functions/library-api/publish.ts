import { DomainError } from '../../shared/errors.ts';
import { effective, type MasterBatchRecord, type MasterBatchRecordEvent, type RevisionName } from '../../shared/master-batch-record/life-cycle.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { effectiveKey } from '../_platform/library.ts';
import type { ObjectStore, OperationsStore } from '../_platform/ports.ts';
import type { StreamRecords } from '../_platform/stream-records.ts';
import { walk } from '../_platform/walk.ts';

/** Which revision the product's batches follow, kept in the transaction that makes it so. */
export type EffectiveRevision = RevisionName & Readonly<{ productId: string }>;

export type PublisherPorts = Readonly<{
  library: Pick<ObjectStore, 'get' | 'put'>;
  operations: Pick<OperationsStore, 'get' | 'list'>;
  records: Pick<StreamRecords<MasterBatchRecord, MasterBatchRecordEvent>, 'load'>;
}>;
export type Publisher = Readonly<{
  /** Make the product's effective revision the one nodes read. @returns whether it was another, or none, until now */
  publish(productId: string): Promise<boolean>;
  /** The same for every product. @returns products that were mended @throws AggregateError after the others were published */
  publishAll(): Promise<readonly string[]>;
}>;

/** Others that may publish the same product meanwhile before a run gives up. */
const MAXIMUM_ATTEMPTS = 8;

/** The object that nodes read, of the revision that is effective. @throws DomainError `record-corrupt` */
const objectOf = async ({ records }: PublisherPorts, { masterBatchRecordId, revision: version, productId }: EffectiveRevision): Promise<Uint8Array> => {
  const { state } = await records.load(masterBatchRecordId);
  const revision = state === undefined ? undefined : effective(state);
  if (revision?.revision !== version || revision.content.productId !== productId) {
    throw new DomainError('record-corrupt', `master batch record ${masterBatchRecordId} revision ${version} should be effective for ${productId}, and is not`, { masterBatchRecordId });
  }
  const { content, contentHash, effectiveAt } = revision;
  return new TextEncoder().encode(JSON.stringify({ masterBatchRecordId, version, contentHash, effectiveAt, content }));
};

/**
 * Publishes effective revisions where the nodes read them; the bucket keeps every earlier version. What is read first is the object, then which revision is effective: a run that was
 * paused in between finds the object changed and begins again, so that an older revision never replaces a later one.
 */
export const createPublisher = (ports: PublisherPorts): Publisher => {
  const { library, operations } = ports;
  const publish = async (productId: string): Promise<boolean> => {
    for (let attempt = 0; attempt < MAXIMUM_ATTEMPTS; attempt += 1) {
      const held = await library.get(effectiveKey(productId));
      const standing = await operations.get<EffectiveRevision>(keyOf.effectiveRevision(productId));
      if (standing === undefined) return false;
      const wanted = await objectOf(ports, standing);
      if (held !== undefined && Buffer.compare(held.body, wanted) === 0) return false;
      if (await library.put(effectiveKey(productId), wanted, { contentType: 'application/json', ifMatch: held?.etag ?? null })) return true;
    }
    throw new DomainError('version-conflict', `${productId}: could not be published, others published it ${MAXIMUM_ATTEMPTS} times meanwhile`, { productId });
  };
  return {
    publish,
    publishAll: async () => {
      const [mended, failures]: [string[], Error[]] = [[], []];
      for await (const { productId } of walk<EffectiveRevision>(operations, keyOf.effectiveRevision('-').pk)) {
        try {
          if (await publish(productId)) mended.push(productId);
        } catch (cause) {
          failures.push(new Error(`${productId}: ${String(cause)}`, { cause }));
        }
      }
      if (failures.length > 0) throw new AggregateError(failures, `${failures.length} products could not be published: ${failures.map(({ message }) => message).join('; ')}`);
      return mended;
    },
  };
};
