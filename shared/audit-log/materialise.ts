import { DomainError } from '../errors.ts';
import { decodeEntries } from './entry-bundle.ts';
import { isEqual } from './hash.ts';
import { mapLimited, readObject, type LogStore } from './log-store.ts';
import { appendEntries, type Appended, type LogObject, type RightEdge } from './right-edge.ts';
import { parseTilePath } from './tiles.ts';

const entriesOf = (objects: readonly LogObject[]): readonly Uint8Array[] => objects.flatMap(({ path, bytes }) => {
  const { level, width } = parseTilePath(path);
  return level === 'entries' ? decodeEntries(bytes, width, path) : [];
});

/**
 * Write the objects of a tree that grew, read them back, and hash again what was read: the entries in the store must give the
 * tiles in the store and the root. An object already there must have the same bytes, for its place determines them.
 *
 * Bundles come first, one after another: wherever it is cut off, what is in the store are the first entries of the batch, and no tile speaks of an entry that is not there. So
 * a log can be restored from its objects at any moment.
 *
 * @param edge     of the tree before
 * @param appended what grew from it
 * @throws DomainError `log-corrupt` naming the first object that is not as it must be
 */
export const materialise = async (store: Pick<LogStore, 'putTile' | 'getObject'>, edge: RightEdge, appended: Appended): Promise<void> => {
  const isBundle = ({ path }: LogObject): boolean => parseTilePath(path).level === 'entries';
  for (const { path, bytes } of appended.objects.filter(isBundle)) await store.putTile(path, bytes);
  await mapLimited(appended.objects.filter((object) => !isBundle(object)), ({ path, bytes }) => store.putTile(path, bytes));
  const back = await mapLimited(appended.objects, async ({ path }) => ({ path, bytes: await readObject(store, path) }));
  requireSame(back, appended.objects);
  // The same bytes give the same root, unless the machine erred when it hashed them the first time.
  const again = appendEntries(edge, entriesOf(back).slice(edge.entries.length));
  if (!isEqual(again.root, appended.root)) throw new DomainError('log-corrupt', `size ${again.edge.size}: what was read back has another root`, { size: again.edge.size });
};

const requireSame = (got: readonly LogObject[], want: readonly LogObject[]): void => {
  for (const [i, { path, bytes }] of want.entries()) {
    const object = got[i];
    if (object?.path !== path || !isEqual(object.bytes, bytes)) throw new DomainError('log-corrupt', `${path}: holds other bytes than the tree wants`, { path });
  }
};
