import { decodeEntries } from '../../shared/audit-log/entry-bundle.ts';
import { readObject, type LogStore } from '../../shared/audit-log/log-store.ts';
import { TILE_WIDTH, tilePath, tileWidth } from '../../shared/audit-log/tiles.ts';

/**
 * The entries of one bundle of a log of so many entries. A full bundle stands in for the partial one that was removed since.
 *
 * @throws DomainError `log-corrupt` when it is missing or not one of entries
 */
export const readBundle = async (store: Pick<LogStore, 'getObject'>, bundle: number, size: number): Promise<readonly Uint8Array[]> => {
  const width = tileWidth(0, bundle, size);
  const path = tilePath({ level: 'entries', index: bundle, width });
  const bytes = await store.getObject(path);
  if (bytes !== undefined || width === TILE_WIDTH) return decodeEntries(bytes ?? await readObject(store, path), width, path);
  const whole = tilePath({ level: 'entries', index: bundle, width: TILE_WIDTH });
  return decodeEntries(await readObject(store, whole), TILE_WIDTH, whole).slice(0, width);
};
