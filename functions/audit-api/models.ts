import type * as z from 'zod';
import { evolveNodeModel, type ModelRecordEvent, type NodeModel } from '../../shared/model-registry/node-record.ts';
import type { ModelRecord } from '../../shared/model-registry/may-run.ts';
import type { Recorded } from '../../shared/record/envelope.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { decodeCursor } from '../_platform/cursor.ts';
import type { View } from '../_platform/granted-view.ts';
import { keptPage, walk } from '../_platform/walk.ts';
import type { InspectModels } from './models-schema.ts';

type DriftEntries = z.input<typeof InspectModels.answer>['items'][number]['drift'];
type Listed = Readonly<{ id: string; sk: string; productId: string }>;

const stateOf = ({ version, output, artefactSha256, state }: ModelRecord) => ({ version, output, artefactSha256, state });
const eventView = ({ version: recordVersion, recordedAt, event, hash }: Recorded<ModelRecordEvent>) => (event.type === 'model-record-taken' ? [{ ...stateOf(event.record), recordVersion, recordedAt, hash }] : []);
/** What this hospital was told of drift, and that it waits for nobody any more. */
const driftView = ({ version: recordVersion, recordedAt, event, hash }: Recorded<ModelRecordEvent>): DriftEntries => {
  const placed = { recordVersion, recordedAt, hash };
  if (event.type === 'model-record-taken') return [];
  if (event.type === 'model-drift-settled') return [{ version: event.version, runId: event.runId, what: 'settled', ...placed }];
  const { version, runId, decision, detail, cases, from, to, askedOf } = event;
  return [{ version, runId, what: decision, detail, cases, from, to, askedOf: [...askedOf], ...placed }];
};

/** One model, its states folded from the very events that are shown. */
const modelView = async ({ record }: View, { id, productId }: Listed) => {
  const events = await record.load<ModelRecordEvent>({ kind: 'model-record', id });
  const model = events.reduce<NodeModel | undefined>(evolveNodeModel, undefined);
  return { modelId: id, productId, version: events.length, versions: (model?.records ?? []).map(stateOf), events: events.flatMap(eventView), drift: events.flatMap(driftView) };
};

/** Models this hospital knows, as far as the reader may see their products. @see EU GMP Annex 22 (draft), 10.2 */
export const readModels = async (view: View, { limit, cursor, productId }: Readonly<{ limit: number; cursor?: string | undefined; productId?: string | undefined }>) => {
  const { pk } = keyOf.summary('model-record', '-');
  const items = walk<Listed>(view.operations, pk, { after: decodeCursor(cursor, pk) });
  const page = await keptPage(items, limit, (item) => (productId === undefined || item.productId === productId ? item : undefined), ({ sk }) => ({ pk, sk }));
  return { ...page, items: await Promise.all(page.items.map((item) => modelView(view, item))) };
};
