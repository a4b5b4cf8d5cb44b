import { admit, type DirectoryEntry } from '../../shared/audit-log/directory.ts';
import { DomainError } from '../../shared/errors.ts';
import { task } from '../_platform/batch.ts';
import { DirectorySchema, readSites, witnessTableKey } from '../_platform/directory.ts';
import { logger } from '../_platform/log.ts';
import type { NodeKeysMessage } from '../_platform/network-status.ts';
import type { Clock, OperationsStore } from '../_platform/ports.ts';

export type DirectoryIntakePorts = Readonly<{
  /** The witness's table of this node. */
  table: Pick<OperationsStore, 'put' | 'list'>;
  /** Keys and interface of this node, as they are. */
  own(): Promise<NodeKeysMessage>;
  /** Tell the control site, in this node's name. */
  announce(keys: NodeKeysMessage): Promise<void>;
  /** Bytes of the network's directory; undefined while nobody is registered. */
  directory(): Promise<Uint8Array | undefined>;
  count(name: 'DirectoryKeysRefused', value: number): void;
  now: Clock;
}>;
export type DirectoryTaken = Readonly<{ sites: number; refused: readonly string[]; announced: boolean }>;

const isSame = (one: DirectoryEntry, other: DirectoryEntry): boolean => one.logKey === other.logKey && one.witnessKey === other.witnessKey && one.apiUrl === other.apiUrl;

/** @throws Error when the object is not a directory; what is held stays in force */
const parseDirectory = (bytes: Uint8Array | undefined): readonly DirectoryEntry[] => (bytes === undefined ? [] : DirectorySchema.parse(JSON.parse(Buffer.from(bytes).toString('utf8'))).sites);

/** Take one site, unless its keys are others than those held, or this node's own keys are others than the directory says. @returns why it was refused */
const take = async ({ table, now }: DirectoryIntakePorts, held: Map<string, DirectoryEntry>, own: DirectoryEntry, site: DirectoryEntry): Promise<string | undefined> => {
  try {
    admit([own, ...[...held.values()].filter(({ siteId }) => siteId !== own.siteId)], site);
    const stored = held.get(site.siteId);
    if (stored !== undefined && isSame(stored, site)) return undefined;
    await table.put(witnessTableKey.site(site.siteId), { ...site, registeredAt: now().toISOString(), registeredBy: 'directory' }, stored === undefined ? { onlyIfAbsent: true } : {});
    held.set(site.siteId, site);
    return undefined;
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    logger.error('a site of the directory is refused', { siteId: site.siteId, code: error.code, cause: error.message });
    return site.siteId;
  }
};

/**
 * What a hospital knows of its network: the sites that the coordinator registered, each kept with the keys it came with, for good. A key that changes is refused and named; a site that
 * is left out stays, so that the directory can not shrink the quorum; while the control site does not answer, what is held goes on. Until this hospital is registered it announces its
 * own keys.
 *
 * @throws Error when the directory can not be read
 */
export const takeDirectory = async (ports: DirectoryIntakePorts): Promise<DirectoryTaken> => {
  const { table, own, announce, directory, count } = ports;
  const keys = await own();
  const { nodeId, ...rest } = keys;
  const self: DirectoryEntry = { siteId: nodeId, ...rest };
  const held = new Map((await readSites(table)).map((site): [string, DirectoryEntry] => [site.siteId, site]));
  const registered = held.get(nodeId);
  const announced = registered === undefined || !isSame(registered, self);
  if (announced) await announce(keys);
  const refused: string[] = [];
  for (const site of parseDirectory(await directory())) {
    const fault = await take(ports, held, self, site);
    if (fault !== undefined) refused.push(fault);
  }
  count('DirectoryKeysRefused', refused.length);
  return { sites: held.size, refused, announced };
};

export const createHandler = (ports: DirectoryIntakePorts) => task<unknown, DirectoryTaken>(() => takeDirectory(ports));
