import type { PartnerEvent } from '../../models/federated/workflow/partner.ts';
import type { ParticipationEvent } from '../../models/federated/workflow/participation.ts';
import type { GovernanceTableEvent } from '../../shared/prediction-governance/table.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import type { Recorded } from '../../shared/record/envelope.ts';
import { decodeCursor } from '../_platform/cursor.ts';
import type { View } from '../_platform/granted-view.ts';
import { keptPage, walk } from '../_platform/walk.ts';
import { eventPage } from './record-pages.ts';

type Paging = Readonly<{ limit: number; cursor?: string | undefined }>;
type Listed = Readonly<{ id: string; sk: string; productId?: string }>;

const shown = <Event extends Readonly<{ type: string }>>(each: Recorded<Event>) => ({ ...each, event: { ...each.event } });

/** Governance tables with all their events, as far as the reader may see their products. @see EU GMP Annex 22 (draft), 10.1 */
export const readGovernanceTables = async (view: View, { limit, cursor, productId }: Paging & Readonly<{ productId?: string | undefined }>) => {
  const { pk } = keyOf.summary('governance-table', '-');
  const items = walk<Listed>(view.operations, pk, { after: decodeCursor(cursor, pk) });
  const page = await keptPage(items, limit, (item) => (productId === undefined || item.productId === productId ? item : undefined), ({ sk }) => ({ pk, sk }));
  const withEvents = async ({ id, productId: of = '' }: Listed) => {
    const events = await view.record.load<GovernanceTableEvent>({ kind: 'governance-table', id });
    return { productId: of, version: events.length, events: events.map(shown) };
  };
  return { ...page, items: await Promise.all(page.items.map(withEvents)) };
};

/** Hospitals this one confirmed as training partners, with all that was signed of each. */
export const readTrainingPartners = async (view: View, { limit, cursor }: Paging) => {
  const { pk } = keyOf.summary('training-partner', '-');
  const page = await keptPage(walk<Listed>(view.operations, pk, { after: decodeCursor(cursor, pk) }), limit, (item) => item, ({ sk }) => ({ pk, sk }));
  const withEvents = async ({ id }: Listed) => {
    const events = await view.record.load<PartnerEvent>({ kind: 'training-partner', id });
    return { siteId: id, version: events.length, events: events.map(shown) };
  };
  return { ...page, items: await Promise.all(page.items.map(withEvents)) };
};

/** All a hospital did in trainings, which is one stream: asked, answered, refused, declined. */
export const readTrainings = async ({ operations, record }: View, { runId, ...paging }: Paging & Readonly<{ runId?: string | undefined }>) => {
  const streams: string[] = [];
  for await (const { id } of walk<Listed>(operations, keyOf.summary('training', '-').pk)) streams.push(id);
  const events = (await Promise.all(streams.map((id) => record.load<ParticipationEvent>({ kind: 'training', id })))).flat();
  const page = eventPage('trainings', events.filter(({ event }) => runId === undefined || event.runId === runId), paging);
  return { ...page, items: page.items.map(shown) };
};
