import { isCovered, type Coverage } from '../../shared/audit-grant/coverage.ts';
import { REFUSED_KIND, SUBJECT_KINDS, type Subject } from '../../shared/audit/subjects.ts';
import { GENESIS_HASH, type Recorded, type StreamId, type StreamKind } from '../../shared/record/envelope.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { decodeCursor } from './cursor.ts';
import type { OperationsStore, RecordStore } from './ports.ts';
import type { Held } from './stream-records.ts';
import { READ_AT_ONCE, keptPage, walk } from './walk.ts';

type Records = Pick<RecordStore, 'load'>;
type Operations = Pick<OperationsStore, 'get' | 'list'>;
type Item = Readonly<Record<string, unknown>>;

/** The stores of a node as one reader may see them. What a grant does not cover is not there: no caller can tell it from what never was. */
export type View = Readonly<{
  record: Records;
  operations: Operations;
  /** Whether a thing or person may be seen; true for what is not here at all when the reader sees everything. */
  sees(subject: StreamId): Promise<boolean>;
  /** Sees all of this hospital, the bodies of its log's entries with it. */
  seesEverything: boolean;
}>;

/** Lists whose items name their product. */
const OF_PRODUCTS: readonly string[] = [keyOf.summary('batch', '-').pk, keyOf.summary('model-record', '-').pk, keyOf.summary('governance-table', '-').pk];
const MONITORING_PARTITION = /^MONITORING#(.+)$/;
const SUBJECT_PARTITION = /^REFERENCE#([A-Z-]+)#(.+)$/;
const kindOf = (part: string): Subject['kind'] | undefined => SUBJECT_KINDS.find((kind) => kind.toUpperCase() === part);
const REFUSED_PARTS: readonly string[] = Object.values(REFUSED_KIND).map((kind) => kind.toUpperCase());

/** What is looked for where there is nothing to look for, so that time does not tell the one from the other. */
const NO_BATCH: StreamId = { kind: 'batch', id: '-' };
const NO_NAMES = keyOf.reference('batch', NO_BATCH.id, '-', '-').pk;
/** Batches of a hospital: those that may be seen, and in how many pages a list of all of them comes. */
type Batches = Readonly<{ seen: ReadonlySet<string>; pages: number }>;

const readBatches = async (coverage: Coverage, operations: Operations): Promise<Batches> => {
  const seen = new Set<string>();
  let count = 0;
  for await (const { id, productId } of walk<Readonly<{ id: string; productId?: string }>>(operations, keyOf.summary('batch', '-').pk)) {
    count += 1;
    if (isCovered(coverage, productId)) seen.add(id);
  }
  return { seen, pages: Math.floor(count / READ_AT_ONCE) + 1 };
};

/** Which streams a product-bound reader may see. Each costs as many reads hidden as absent: a batch and a therapy event one, what batches name a list of all batches and as many pages of those that name it. */
const createSight = (coverage: Coverage, record: Records, operations: Operations) => {
  const known = new Map<string, Promise<boolean>>();
  const ofProduct = async ({ kind, id }: StreamId): Promise<boolean> => isCovered(coverage, (await operations.get<Readonly<{ productId?: string }>>(keyOf.summary(kind, id)))?.productId);
  let held: Promise<Batches> | undefined;
  const batches = (): Promise<Batches> => held ??= readBatches(coverage, operations);

  /** Lots, equipment and people belong to no product: they are seen where a batch that may be seen names them. No more batches can name one than there are, so pages are read for that many whatever is found. */
  const isNamedByBatch = async ({ kind, id }: StreamId): Promise<boolean> => {
    const { seen, pages } = await batches();
    const { pk } = keyOf.reference(kind, id, '-', '-');
    let read = 0;
    const counting: Pick<Operations, 'list'> = { list: (...asked) => {
      read += 1;
      return operations.list(...asked);
    } };
    for await (const stream of walk<StreamId>(counting, pk)) {
      if (stream.kind === 'batch' && seen.has(stream.id)) return true;
      if (stream.kind > 'batch') break;
    }
    while (read < pages) await counting.list(NO_NAMES, { limit: READ_AT_ONCE });
    return false;
  };
  const isOfSeenOrigin = async (lot: StreamId): Promise<boolean> => {
    const [received] = await record.load<Readonly<{ chainOfIdentityId?: string; sourceBatchId?: string }>>(lot);
    const { chainOfIdentityId = NO_BATCH.id, sourceBatchId = NO_BATCH.id } = received?.event ?? {};
    const [ofTherapy, ofBatch] = [await ofProduct({ kind: 'chain-of-identity', id: chainOfIdentityId }), await ofProduct({ kind: 'batch', id: sourceBatchId })];
    return ofTherapy || ofBatch;
  };
  const hidden = (): Promise<boolean> => Promise.resolve(false);
  const looks: Readonly<Record<StreamKind, (stream: StreamId) => Promise<boolean>>> = {
    batch: ofProduct, 'chain-of-identity': ofProduct, 'model-record': ofProduct, 'governance-table': ofProduct,
    'material-lot': async (stream) => await isNamedByBatch(stream) || isOfSeenOrigin(stream), equipment: isNamedByBatch, person: isNamedByBatch,
    'master-batch-record': hidden, node: hidden, 'audit-grant': hidden, security: hidden, training: hidden, 'training-data': hidden, 'training-budget': hidden, 'training-partner': hidden, model: hidden, 'test-data': hidden, publication: hidden,
  };
  const sees = (stream: StreamId): Promise<boolean> => {
    const name = `${stream.kind}#${stream.id}`;
    const answer = known.get(name) ?? looks[stream.kind](stream);
    known.set(name, answer);
    return answer;
  };
  /** Items of a list about streams: the batches among them cost no read each, however many are hidden. */
  const listed = async (): Promise<(item: Item) => boolean | Promise<boolean>> => {
    const { seen } = await batches();
    return (item) => (item['kind'] === 'batch' ? seen.has(String(item['id'])) : sees(item as StreamId & Item));
  };
  return { sees, listed };
};

/** Which items of a partition may be seen. Partitions that are not about streams, or are about a batch or a therapy event that is hidden, hold nothing for a product-bound reader. */
const itemFilter = async (coverage: Coverage, { sees, listed }: ReturnType<typeof createSight>, pk: string): Promise<((item: Item) => boolean | Promise<boolean>) | undefined> => {
  if (OF_PRODUCTS.includes(pk)) return ({ productId }) => isCovered(coverage, typeof productId === 'string' ? productId : undefined);
  const monitored = MONITORING_PARTITION.exec(pk)?.[1];
  if (monitored !== undefined) return await sees({ kind: 'batch', id: monitored }) ? () => true : undefined;
  const [, part = '', id = ''] = SUBJECT_PARTITION.exec(pk) ?? [];
  const kind = kindOf(part);
  if ((kind === 'batch' || kind === 'chain-of-identity') && !await sees({ kind, id })) return undefined;
  return kind !== undefined || REFUSED_PARTS.includes(part) || pk.startsWith('RECORDED#') ? listed() : undefined;
};

const summaryStream = ({ pk, sk }: Readonly<{ pk: string; sk: string }>): StreamId | undefined => {
  const kind = pk.startsWith('SUMMARY#') ? kindOf(pk.slice('SUMMARY#'.length)) : undefined;
  return kind === undefined ? undefined : { kind, id: sk };
};

type Stores = Readonly<{ record: Records; operations: Operations }>;
/** Which items of a partition may be seen; undefined: none. */
export type ItemsSeen = (pk: string) => Promise<((item: Item) => boolean | Promise<boolean>) | undefined>;

/** The stores as they are. */
export const wholeView = ({ record, operations }: Stores): View => ({ record, operations, sees: () => Promise.resolve(true), seesEverything: true });

/** The stores with what may be seen alone; pages and cursors are of that, too. */
export const viewThrough = (sees: View['sees'], itemsSeen: ItemsSeen, { record, operations }: Stores): View => ({
  sees, seesEverything: false,
  record: { load: async <Event>(stream: StreamId, ...after: [] | [Parameters<Records['load']>[1]]): Promise<readonly Recorded<Event>[]> => (await sees(stream) ? record.load<Event>(stream, ...after) : []) },
  operations: {
    get: async <Held>(key: Readonly<{ pk: string; sk: string }>) => {
      const stream = summaryStream(key);
      return stream !== undefined && await sees(stream) ? operations.get<Held>(key) : undefined;
    },
    list: async <Listed>(pk: string, { limit, cursor }: Readonly<{ limit: number; cursor?: string }>, { newestFirst = false }: Readonly<{ newestFirst?: boolean }> = {}) => {
      const after = decodeCursor(cursor, pk);
      const isSeen = await itemsSeen(pk);
      if (isSeen === undefined) return { items: [] };
      const page = await keptPage(walk<Item>(operations, pk, { after, newestFirst }), limit, async (item) => (await isSeen(item) ? item : undefined), ({ sk }) => ({ pk, sk: String(sk) }));
      return { ...page, items: page.items as readonly Listed[] };
    },
  },
});

/** The stores as a coverage of one hospital lets them be seen. */
export const viewOf = (coverage: Coverage, stores: Stores): View => {
  if (coverage.type === 'everything') return wholeView(stores);
  const sight = createSight(coverage, stores.record, stores.operations);
  return viewThrough(sight.sees, (pk) => itemFilter(coverage, sight, pk), stores);
};

/** The fold of a record, if it may be seen; else as of one that is not there. */
export const seenState = async <State>(view: View, records: Readonly<{ load(id: string): Promise<Held<State>> }>, stream: StreamId): Promise<Held<State>> =>
  (await view.sees(stream) ? records.load(stream.id) : { state: undefined, position: { version: 0, hash: GENESIS_HASH } });
