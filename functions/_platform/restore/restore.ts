import { isDeepStrictEqual } from 'node:util';
import { Frontier } from '../../../shared/audit-log/frontier.ts';
import { hexOf, isEqual, leafHashOf } from '../../../shared/audit-log/hash.ts';
import { GENESIS_HEAD, mapLimited } from '../../../shared/audit-log/log-store.ts';
import { TILE_WIDTH } from '../../../shared/audit-log/tiles.ts';
import type { Trust } from '../../../shared/audit-log/trust.ts';
import { DomainError } from '../../../shared/errors.ts';
import { verifyChain } from '../../../shared/record/chain.ts';
import type { Recorded, StreamId } from '../../../shared/record/envelope.ts';
import { createBirths } from '../births.ts';
import { inParallel } from '../in-parallel.ts';
import { eventItemOf } from '../record-items.ts';
import { eventOfEntry } from './entry.ts';
import { lookAtOwnLog } from './look-own-log.ts';
import { lookAtTables, refused } from './look.ts';
import type { RestorePorts } from './ports.ts';
import { verifyLog, type VerifiedLog } from './verify-log.ts';

export type RestoreOptions = Readonly<{ trust: Trust; isDryRun: boolean; withUnsigned: boolean; /** Bytes of a checkpoint that was kept elsewhere: the log must have grown from it. */ previous?: Uint8Array }>;
export type Restored = Readonly<{
  streams: number; events: number; size: number; signedSize: number;
  /** Birth certificates put back, when anything was written. */
  births?: number;
  /** Tiles that the sequencer was cut off before it wrote, where there are any: to be written into the site's own log bucket, or written. */
  tiles?: number;
  /** Hex, of the log. */
  root: string;
  /** The root that the restored table gives, when it was written; the same as `root`, or the restore failed. */
  tableRoot?: string;
}>;

const INDEX_AT_ONCE = 512;

const writeEvent = async ({ table }: RestorePorts, recorded: Recorded<unknown>): Promise<void> => {
  const item = eventItemOf(recorded);
  if (await table.put(item) || isDeepStrictEqual(await table.get(item), item)) return;
  throw refused(`the record table has come to hold another ${item.pk}, ${item.sk} meanwhile`);
};

/** Some of the events of a bundle: those of one stream one after another, streams side by side. @returns whether there were any others */
const writeSome = async (ports: RestorePorts, log: VerifiedLog, bundle: number, isWanted: (version: number) => boolean): Promise<boolean> => {
  const recorded = (await log.entriesOf(bundle)).map((entry, i) => eventOfEntry(entry, bundle * TILE_WIDTH + i));
  const wanted = recorded.filter(({ version }) => isWanted(version));
  await inParallel([...Map.groupBy(wanted, ({ stream }) => `${stream.kind}#${stream.id}`).values()], async (own) => {
    for (const each of own.toSorted((a, b) => a.version - b.version)) await writeEvent(ports, each);
  });
  return wanted.length < recorded.length;
};

/**
 * In the order of the log, bundle by bundle, so that what follows the table's stream hears of events as it did of old; only the first event of each stream comes after all others: until it is there, a
 * stream can not be read, and so nobody can go on from a part of it.
 */
const writeEvents = async (ports: RestorePorts, log: VerifiedLog): Promise<void> => {
  const withFirst: number[] = [];
  for (let bundle = 0; bundle < log.bundles; bundle += 1) {
    if (await writeSome(ports, log, bundle, (version) => version > 1)) withFirst.push(bundle);
    ports.progress('events', Math.min(log.size, (bundle + 1) * TILE_WIDTH), log.size);
  }
  for (const bundle of withFirst) await writeSome(ports, log, bundle, (version) => version === 1);
};

/** Events of a stream as they now stand in the table, each the one of the log. */
const readBack = async (ports: RestorePorts, { catalogue }: VerifiedLog, stream: StreamId, note: (index: number, leafHash: Uint8Array) => void): Promise<readonly Recorded<unknown>[]> => {
  const { kind, id } = stream;
  const [stored = []] = await ports.leaves([{ stream, fromVersion: 1, toVersion: catalogue.versionsOf(kind, id) }]);
  const recorded = stored.map(({ version, entry, leafHash }) => {
    const index = catalogue.indexOf(kind, id, version);
    const got = leafHashOf(entry);
    if (index === undefined || hexOf(got) !== leafHash) throw new DomainError('record-corrupt', `${kind} ${id}, event ${version}: reads back differently`, { kind, id, version });
    note(index, got);
    return eventOfEntry(entry, index);
  });
  verifyChain(stream, recorded);
  if (recorded.length !== catalogue.versionsOf(kind, id)) throw new DomainError('record-corrupt', `${kind} ${id}: reads back with ${recorded.length} events`, { kind, id });
  return recorded;
};

/** Views of every stream, made from what was read back. @returns the root of the tree over all events that were read back */
const writeViews = async (ports: RestorePorts, log: VerifiedLog): Promise<string> => {
  const leaves: Uint8Array[] = [];
  const streams = log.catalogue.streams();
  let done = 0;
  await inParallel(streams, async (stream) => {
    const recorded = await readBack(ports, log, stream, (index, leafHash) => { leaves[index] = leafHash; });
    for (const { key, attributes } of ports.views(stream, recorded, ports.now())) await ports.operations.put(key, attributes);
    ports.progress('views', done += 1, streams.length);
  });
  const frontier = new Frontier();
  for (const leaf of leaves) frontier.append(leaf);
  return hexOf(frontier.root());
};

/** Names of telemetry: chunks hold aliases. Not in the log, but kept beside the chunks. */
const writeBirths = async ({ births, operations, progress }: RestorePorts): Promise<number> => {
  const table = createBirths(operations);
  let count = 0;
  for await (const birth of births()) {
    await table.keep(birth);
    progress('births', count += 1, count);
  }
  return count;
};

/** The log's own leaf of each event, by its name. */
const writePlaces = ({ places }: RestorePorts, { catalogue }: VerifiedLog): Promise<unknown> => inParallel(catalogue.streams(), (stream) => places.note(
  Array.from({ length: catalogue.versionsOf(stream.kind, stream.id) }, (_, i) => catalogue.indexOf(stream.kind, stream.id, i + 1)).flatMap((index, i) => (index === undefined ? [] : [{ stream, version: i + 1, index, leafHash: hexOf(catalogue.leafAt(index)) }])),
));

/** What a head promises must be in the site's own bucket: the tiles that the sequencer was cut off before it wrote. */
const writeTiles = ({ log: store }: RestorePorts, { unwritten }: VerifiedLog): Promise<unknown> => mapLimited(unwritten, async ({ path, bytes }) => {
  await store.putTile(path, bytes);
  if (!isEqual(await store.getObject(path) ?? new Uint8Array(), bytes)) throw refused(`the site's own log bucket holds another ${path}`);
});

/**
 * The index first, the head last: a head says that everything below it is there. Each entry moved the head of old at most twice, so no sequencer that
 * outlived it can hold a later version of a smaller tree.
 */
const writeLog = async (ports: RestorePorts, log: VerifiedLog): Promise<void> => {
  const [{ log: store, progress }, { catalogue, size, root }] = [ports, log];
  await writePlaces(ports, log);
  await writeTiles(ports, log);
  for (let first = 0; first < size; first += INDEX_AT_ONCE) {
    const count = Math.min(INDEX_AT_ONCE, size - first);
    await store.indexLeaves(Array.from({ length: count }, (_, i) => ({ leafHash: hexOf(catalogue.leafAt(first + i)), index: first + i })));
    progress('index', first + count, size);
  }
  // An entry that is dated ahead is named by the verifier, and must not hold up all checkpoints to come.
  const newestEpochMs = Math.min(catalogue.newestEpochMs, ports.now().getTime());
  if (size === 0 || await store.moveHead({ version: size * 2, size, root, newestEpochMs }, GENESIS_HEAD.version)) return;
  const head = await store.readHead();
  if (head.size !== size || head.root !== root) throw refused(`the head of the log has come to be at ${head.size} entries meanwhile`);
};

/**
 * Rebuild the two tables of a node, or of the control site, from the objects of its log alone. Everything is verified before anything is written, and what is there already must be the same, so that
 * a restore that was cut off is run again.
 *
 * @throws DomainError what `verifyLog`, `lookAtOwnLog` and `lookAtTables` throw; `record-corrupt`, `restore-refused` when the tables changed meanwhile
 */
export const restore = async (ports: RestorePorts, { trust, isDryRun, withUnsigned, previous }: RestoreOptions): Promise<Restored> => {
  const log = await verifyLog(ports.objects, { trust, withUnsigned, progress: (done, of) => { ports.progress('verify', done, of); } });
  const { catalogue, size, signedSize, root } = log;
  await lookAtOwnLog(ports.own, log, previous, trust);
  await lookAtTables(ports, log);
  const found = { streams: catalogue.streams().length, events: size, size, signedSize, root, ...(log.unwritten.length === 0 ? {} : { tiles: log.unwritten.length }) };
  if (isDryRun) return found;
  await writeEvents(ports, log);
  const tableRoot = await writeViews(ports, log);
  if (tableRoot !== root) throw new DomainError('record-corrupt', `the restored table gives root ${tableRoot}, the log has ${root}`);
  const births = await writeBirths(ports);
  await writeLog(ports, log);
  return { ...found, births, tableRoot };
};
