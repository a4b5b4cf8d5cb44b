import { DomainError } from '../../shared/errors.ts';
import type { ModelEvent } from '../../shared/model-registry/events.ts';
import { recordsOf, type ModelRecord } from '../../shared/model-registry/may-run.ts';
import type { Model } from '../../shared/model-registry/model.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { PUBLISHED_RECORDS } from '../_platform/model-objects.ts';
import type { ObjectStore, OperationsStore } from '../_platform/ports.ts';
import type { StreamRecords } from '../_platform/stream-records.ts';
import { walk } from '../_platform/walk.ts';

export type ModelPublisherPorts = Readonly<{
  bucket: Pick<ObjectStore, 'get' | 'put'>;
  operations: Pick<OperationsStore, 'list'>;
  models: Pick<StreamRecords<Model, ModelEvent>, 'load'>;
}>;

/** Others that may publish meanwhile before a run gives up. */
const MAXIMUM_ATTEMPTS = 8;

const wantedObject = async ({ operations, models }: ModelPublisherPorts): Promise<Uint8Array> => {
  const records: ModelRecord[] = [];
  for await (const { id } of walk<Readonly<{ id: string }>>(operations, keyOf.summary('model', '-').pk)) {
    const { state } = await models.load(id);
    if (state === undefined) throw new DomainError('record-corrupt', `model ${id} is listed and has no record`, { id });
    records.push(...recordsOf(state));
  }
  return new TextEncoder().encode(JSON.stringify({ formatVersion: 1, records }));
};

/**
 * Tell the hospitals of every version that was ever put to use, and how it stands. What is read first is the object, then the records: a run that was held up finds the object
 * changed and begins again, so that an older state never replaces a later one.
 *
 * @returns whether hospitals read something else, or nothing, until now
 * @throws DomainError `version-conflict` after the last attempt, `record-corrupt`
 */
export const createModelPublisher = (ports: ModelPublisherPorts) => async (): Promise<boolean> => {
  const { bucket } = ports;
  for (let attempt = 0; attempt < MAXIMUM_ATTEMPTS; attempt += 1) {
    const held = await bucket.get(PUBLISHED_RECORDS);
    const wanted = await wantedObject(ports);
    if (held !== undefined && Buffer.compare(held.body, wanted) === 0) return false;
    if (await bucket.put(PUBLISHED_RECORDS, wanted, { contentType: 'application/json', ifMatch: held?.etag ?? null })) return true;
  }
  throw new DomainError('version-conflict', `the records of models could not be published, others published them ${MAXIMUM_ATTEMPTS} times meanwhile`);
};
