import { DomainError } from '../../shared/errors.ts';
import type { ModelEvent } from '../../shared/model-registry/events.ts';
import { recordsOf, type ModelRecord } from '../../shared/model-registry/may-run.ts';
import type { Model } from '../../shared/model-registry/model.ts';
import { driftNoticesOf, type DriftNotice } from '../../shared/model-registry/node-drift.ts';
import { driftReferencesOf, type DriftReference } from '../../shared/model-registry/own-drift.ts';
import type { PublicationName } from '../../shared/model-registry/publication.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import type { OperationsStore } from '../_platform/ports.ts';
import type { StreamRecords } from '../_platform/stream-records.ts';
import { walk } from '../_platform/walk.ts';
import { publishObject, type PublishPorts, type Told } from './publish-object.ts';

export type ModelPublisherPorts = PublishPorts & Readonly<{
  operations: Pick<OperationsStore, 'list'>;
  models: Pick<StreamRecords<Model, ModelEvent>, 'load'>;
}>;

type OfModels = Exclude<PublicationName, 'tests'>;

const tellOfModels = async ({ operations, models }: ModelPublisherPorts): Promise<Readonly<Record<OfModels, Told>>> => {
  const [records, notices, references]: [ModelRecord[], DriftNotice[], DriftReference[]] = [[], [], []];
  let sequence = 0;
  for await (const { id } of walk<Readonly<{ id: string }>>(operations, keyOf.summary('model', '-').pk)) {
    const { state, position } = await models.load(id);
    if (state === undefined) throw new DomainError('record-corrupt', `model ${id} is listed and has no record`, { id });
    sequence += position.version;
    records.push(...recordsOf(state));
    notices.push(...driftNoticesOf(state));
    references.push(...driftReferencesOf(state));
  }
  const told = (content: object): Told => ({ sequence, content: JSON.stringify({ formatVersion: 1, ...content }) });
  return { records: told({ records }), drift: told({ notices }), references: told({ references }) };
};

/**
 * Tell the hospitals of every version that was ever put to use, and how it stands; then of drift, and what they judge it by themselves. Each an object of its own: stopping a model waits for nothing.
 *
 * @returns whether hospitals read something else, or nothing, until now
 * @throws DomainError `version-conflict` after the last attempt, `record-corrupt`
 */
export const createModelPublisher = (ports: ModelPublisherPorts) => async (): Promise<boolean> => {
  const publish = (name: OfModels): Promise<boolean> => publishObject(ports, name, async () => (await tellOfModels(ports))[name]);
  const isStopTold = await publish('records');
  const isDriftTold = await publish('drift');
  return await publish('references') || isDriftTold || isStopTold;
};
