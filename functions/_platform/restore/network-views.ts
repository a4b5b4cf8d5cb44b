import { effective, type MasterBatchRecord, type MasterBatchRecordEvent } from '../../../shared/master-batch-record/life-cycle.ts';
import type { ModelEvent } from '../../../shared/model-registry/events.ts';
import { versionIn, type Model } from '../../../shared/model-registry/model.ts';
import type { Recorded } from '../../../shared/record/envelope.ts';
import { keyOf } from '../../../shared/storage/keys.ts';
import { AUDIT_GRANTS } from '../../coordinator-api/records.ts';
import { TRAININGS } from '../../federated/records.ts';
import type { EffectiveRevision } from '../../library-api/publish.ts';
import { MASTER_BATCH_RECORDS } from '../../library-api/records.ts';
import type { ActiveModel } from '../../model-registry-api/put-to-use.ts';
import { MODELS, TEST_DATA } from '../../model-registry-api/records.ts';
import { PEOPLE } from '../people.ts';
import type { Companion } from '../ports.ts';
import { SECURITY } from '../refusals.ts';
import { foldStream, type StreamType } from '../stream-records.ts';
import { createViews } from './views.ts';

const TYPES = [PEOPLE, MASTER_BATCH_RECORDS, AUDIT_GRANTS, MODELS, TEST_DATA, TRAININGS, SECURITY] as unknown as readonly StreamType<unknown, unknown>[];

const put = (key: Readonly<{ pk: string; sk: string }>, attributes: Readonly<Record<string, unknown>>): Companion => ({ type: 'put', key, attributes, onlyIfAbsent: false });

/** The place of its product, if one of its revisions is effective: another record that took the place left an event in this one. */
const effectivePlace = (masterBatchRecordId: string, record: MasterBatchRecord | undefined): readonly Companion[] => {
  const standing = record === undefined ? undefined : effective(record);
  if (standing === undefined) return [];
  const { revision, content: { productId } } = standing;
  return [put(keyOf.effectiveRevision(productId), { productId, masterBatchRecordId, revision } satisfies EffectiveRevision)];
};

/** The place of its output, while a version of it is active or suspended. A model that was retired holds none: what stands there of old stops nobody. */
const activePlace = (modelId: string, model: Model | undefined): readonly Companion[] => {
  const inUse = model === undefined ? undefined : versionIn(model, 'active', 'suspended');
  return inUse === undefined ? [] : [put(keyOf.activeModel(inUse.plan.productId, inUse.plan.output), { modelId } satisfies ActiveModel)];
};

/** What the operations table of the control site holds because of one stream: its summary, its entries in the search index, the place it has. */
export const networkViewsOf = createViews(TYPES, ({ kind, id }, recorded) => {
  if (kind === MASTER_BATCH_RECORDS.kind) return effectivePlace(id, foldStream(MASTER_BATCH_RECORDS, recorded as readonly Recorded<MasterBatchRecordEvent>[]));
  return kind === MODELS.kind ? activePlace(id, foldStream(MODELS, recorded as readonly Recorded<ModelEvent>[])) : [];
});
