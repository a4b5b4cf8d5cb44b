import type * as z from 'zod';
import { admit, CONTROL_SITE, quorumOf, type DirectoryEntry } from '../../shared/audit-log/directory.ts';
import { DomainError } from '../../shared/errors.ts';
import { DIRECTORY_OBJECT, readSites, witnessTableKey, type Directory, type RegisteredSite } from '../_platform/directory.ts';
import { networkKeyOf, type AnnouncedKeys } from '../_platform/network-status.ts';
import type { NodeRegister } from '../_platform/node-register.ts';
import type { Clock, ObjectStore, OperationsStore } from '../_platform/ports.ts';
import type { ReadDirectory, RegisteredSite as SiteView } from './schema.ts';

type Keys = Readonly<{ logKey: string; witnessKey: string }>;
export type RegistrationPorts = Readonly<{
  operations: Pick<OperationsStore, 'get'>;
  /** The witness's table of the control site; its sites are the directory. */
  table: Pick<OperationsStore, 'put' | 'list'>;
  /** Bucket that every hospital may read. */
  library: Pick<ObjectStore, 'get' | 'put'>;
  /** Verifier keys of the control site: of its log and of its witness. */
  ownKeys(): Promise<Keys>;
  nodes: NodeRegister;
  now: Clock;
}>;

const MAXIMUM_ATTEMPTS = 8;

/** Hold a site for good. The first registration keeps its time and name; only the URL may move. @throws DomainError `node-key-changed`, `node-key-refused` */
const keepSite = async ({ table, now }: RegistrationPorts, site: DirectoryEntry, by: string): Promise<void> => {
  const sites = await readSites(table);
  const verdict = admit(sites, site);
  if (verdict === 'same') return;
  const { registeredAt = now().toISOString(), registeredBy = by } = sites.find(({ siteId }) => siteId === site.siteId) ?? {};
  const isKept = await table.put(witnessTableKey.site(site.siteId), { ...site, registeredAt, registeredBy }, verdict === 'new' ? { onlyIfAbsent: true } : {});
  if (!isKept) admit(await readSites(table), site);
};

/** Tell every hospital. What is written was read after what it replaces, so that of two registrations at once neither is lost. @throws DomainError `log-busy` */
const publishDirectory = async ({ table, library }: RegistrationPorts): Promise<void> => {
  for (let attempt = 0; attempt < MAXIMUM_ATTEMPTS; attempt += 1) {
    const there = await library.get(DIRECTORY_OBJECT);
    const sites = (await readSites(table)).map(({ siteId, witnessKey, logKey, apiUrl }) => ({ siteId, witnessKey, logKey, apiUrl }));
    const directory: Directory = { formatVersion: 1, sites };
    if (await library.put(DIRECTORY_OBJECT, Buffer.from(JSON.stringify(directory)), { ifMatch: there?.etag ?? null, contentType: 'application/json' })) return;
  }
  throw new DomainError('log-busy', `could not publish the directory ${MAXIMUM_ATTEMPTS} times because other registrations came first`);
};

const viewOf = (sites: readonly RegisteredSite[], nodes: NodeRegister, { siteId, witnessKey, logKey, apiUrl, registeredAt, registeredBy }: RegisteredSite): z.input<typeof SiteView> => {
  const witnesses = sites.length - 1;
  return {
    siteId, witnessKey, registeredAt, registeredBy, ...(apiUrl === undefined ? {} : { apiUrl }),
    ...(logKey === undefined ? {} : { logKey, witnesses, quorum: quorumOf(witnesses, nodes.find(({ id }) => id === siteId)?.witnessQuorum) }),
  };
};

/**
 * Register the keys of a hospital. They come by two ways that must agree: from the coordinator, who has them from the hospital, and from the hospital's own AWS account, which announced
 * them on the network's bus. The same again publishes the directory anew, and takes a URL that moved.
 *
 * @throws DomainError `node-not-announced`, `node-key-refused` when the two ways differ or a key is not this hospital's own, `node-key-changed`, `verifier-key-malformed`
 */
export const registerNode = async (ports: RegistrationPorts, nodeId: string, { logKey, witnessKey }: Keys, by: string): Promise<z.input<typeof SiteView>> => {
  const announced = await ports.operations.get<AnnouncedKeys>(networkKeyOf.announced(nodeId));
  if (announced === undefined) throw new DomainError('node-not-announced', `${nodeId} has announced no keys yet; it does so within a minute of its deployment`, { nodeId });
  if (announced.logKey !== logKey || announced.witnessKey !== witnessKey) throw new DomainError('node-key-refused', `${nodeId}: got other keys than those its account announced at ${announced.at}, want the same by both ways`, { nodeId });
  await keepSite(ports, { siteId: CONTROL_SITE, ...await ports.ownKeys() }, by);
  await keepSite(ports, { siteId: nodeId, logKey, witnessKey, apiUrl: announced.apiUrl }, by);
  await publishDirectory(ports);
  const sites = await readSites(ports.table);
  const site = sites.find(({ siteId }) => siteId === nodeId);
  if (site === undefined) throw new Error(`site ${nodeId} was registered and is not there`);
  return viewOf(sites, ports.nodes, site);
};

/** Who is registered, and who waits to be. */
export const readDirectory = async ({ operations, table, nodes }: RegistrationPorts): Promise<z.input<typeof ReadDirectory.answer>> => {
  const sites = await readSites(table);
  const announced = await Promise.all(nodes.filter(({ id }) => !sites.some(({ siteId }) => siteId === id)).map(({ id }) => operations.get<AnnouncedKeys>(networkKeyOf.announced(id))));
  return {
    sites: sites.map((site) => viewOf(sites, nodes, site)),
    announced: announced.flatMap((each) => (each === undefined ? [] : [{ nodeId: each.nodeId, logKey: each.logKey, witnessKey: each.witnessKey, apiUrl: each.apiUrl, at: each.at }])),
  };
};
