import { DomainError } from '../../shared/errors.ts';
import type { ModelEvent } from '../../shared/model-registry/events.ts';
import { recordsOf, type ModelRecord } from '../../shared/model-registry/may-run.ts';
import type { Model } from '../../shared/model-registry/model.ts';
import { driftNoticesOf, type DriftNotice } from '../../shared/model-registry/node-drift.ts';
import { driftReferencesOf, type DriftReference } from '../../shared/model-registry/own-drift.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { PUBLISHED_DRIFT, PUBLISHED_RECORDS, PUBLISHED_REFERENCES } from '../_platform/model-objects.ts';
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

type Told = Readonly<{ [PUBLISHED_RECORDS]: Uint8Array; [PUBLISHED_DRIFT]: Uint8Array; [PUBLISHED_REFERENCES]: Uint8Array }>;
const encoded = (content: object): Uint8Array => new TextEncoder().encode(JSON.stringify({ formatVersion: 1, ...content }));

const wantedObjects = async ({ operations, models }: ModelPublisherPorts): Promise<Told> => {
  const [records, notices, references]: [ModelRecord[], DriftNotice[], DriftReference[]] = [[], [], []];
  for await (const { id } of walk<Readonly<{ id: string }>>(operations, keyOf.summary('model', '-').pk)) {
    const { state } = await models.load(id);
    if (state === undefined) throw new DomainError('record-corrupt', `model ${id} is listed and has no record`, { id });
    records.push(...recordsOf(state));
    notices.push(...driftNoticesOf(state));
    references.push(...driftReferencesOf(state));
  }
  return { [PUBLISHED_RECORDS]: encoded({ records }), [PUBLISHED_DRIFT]: encoded({ notices }), [PUBLISHED_REFERENCES]: encoded({ references }) };
};

/**
 * Tell the hospitals of every version that was ever put to use, and how it stands; then of drift, and what they judge it by themselves. What is read first is the object, then the records: a run that was held up finds the object
 * changed and begins again, so that an older state never replaces a later one.
 *
 * @returns whether hospitals read something else, or nothing, until now
 * @throws DomainError `version-conflict` after the last attempt, `record-corrupt`
 */
export const createModelPublisher = (ports: ModelPublisherPorts) => async (): Promise<boolean> => {
  const isStopTold = await publishObject(ports, PUBLISHED_RECORDS);
  const isDriftTold = await publishObject(ports, PUBLISHED_DRIFT);
  return await publishObject(ports, PUBLISHED_REFERENCES) || isDriftTold || isStopTold;
};

const publishObject = async (ports: ModelPublisherPorts, key: keyof Told): Promise<boolean> => {
  const { bucket } = ports;
  for (let attempt = 0; attempt < MAXIMUM_ATTEMPTS; attempt += 1) {
    const held = await bucket.get(key);
    const { [key]: wanted } = await wantedObjects(ports);
    if (held !== undefined && Buffer.compare(held.body, wanted) === 0) return false;
    if (await bucket.put(key, wanted, { contentType: 'application/json', ifMatch: held?.etag ?? null })) return true;
  }
  throw new DomainError('version-conflict', `the records of models could not be published, others published them ${MAXIMUM_ATTEMPTS} times meanwhile`);
};
