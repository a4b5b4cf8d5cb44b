import type * as z from 'zod';
import { evolveNodeModel, type ModelRecordEvent, type NodeModel } from '../../shared/model-registry/node-record.ts';
import type { ModelRecord } from '../../shared/model-registry/may-run.ts';
import type { Recorded, Signature } from '../../shared/record/envelope.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { decodeCursor } from '../_platform/cursor.ts';
import type { View } from '../_platform/granted-view.ts';
import { keptPage, walk } from '../_platform/walk.ts';
import type { InspectModels } from './models-schema.ts';

type DriftEntries = z.input<typeof InspectModels.answer>['items'][number]['drift'];
type Listed = Readonly<{ id: string; sk: string; productId: string }>;

const stateOf = ({ version, output, artefactSha256, state }: ModelRecord) => ({ version, output, artefactSha256, state });
const eventView = ({ version: recordVersion, recordedAt, event, hash }: Recorded<ModelRecordEvent>) => (event.type === 'model-record-taken' ? [{ ...stateOf(event.record), recordVersion, recordedAt, hash }] : []);
type Signed = Readonly<{ signature: Signature }>;
const signedBy = ({ signature: { signerId, printedName, meaning, signedAt } }: Signed) => ({ signature: { signerId, printedName, meaning, signedAt } });

const whatOf = (event: Exclude<ModelRecordEvent, { type: 'model-record-taken' }>): Omit<DriftEntries[number], 'version' | 'by' | 'recordVersion' | 'recordedAt' | 'hash'> => {
  switch (event.type) {
    case 'model-drift-told': return { runId: event.runId, what: event.decision, detail: event.detail, cases: event.cases, from: event.from, to: event.to, askedOf: [...event.askedOf] };
    case 'model-drift-settled': return { runId: event.runId, what: 'settled' };
    case 'model-reference-taken': return { what: 'reference-taken', detail: `plan ${event.planHash}` };
    case 'model-drift-judged-here': return { runId: event.runId, what: `own-${event.decision}`, detail: event.detail, cases: event.cases, ...(event.from !== undefined && { from: event.from }), to: event.to, notJudged: [...event.notJudged] };
    case 'model-deviation-raised-here': return { runId: event.runId, what: 'deviation-raised', detail: `${event.severity}, ${event.rule}: ${event.detail}`, askedOf: [...event.askedOf] };
    case 'model-drift-assessed-here': return { runId: event.runId, what: 'assessed', acceptable: event.acceptable, detail: `impact: ${event.impact}; root cause: ${event.rootCause}`, ...signedBy(event) };
    case 'model-deviation-closed-here': return { runId: event.runId, what: 'deviation-closed', detail: event.conclusion, ...signedBy(event) };
    case 'model-use-stopped-here': return { runId: event.runId, what: event.by === 'rule' ? 'stopped-by-rule' : 'stopped-by-person', detail: event.reason };
    case 'model-use-resumed-here': return { what: 'resumed', detail: event.reason, ...signedBy(event) };
    default: return event satisfies never;
  }
};

/** What this hospital was told of drift, judged itself, and did about the use of the model. */
const driftView = ({ version: recordVersion, recordedAt, actor, event, hash }: Recorded<ModelRecordEvent>): DriftEntries =>
  (event.type === 'model-record-taken' ? [] : [{ version: event.version, ...whatOf(event), by: actor.id, recordVersion, recordedAt, hash }]);

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
