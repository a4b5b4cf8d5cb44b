import * as z from 'zod';
import { CONTROL_SITE, type DirectoryEntry } from '../../shared/audit-log/directory.ts';
import type { OperationsStore } from './ports.ts';

/** Object of the library's bucket in which the control site tells every hospital who is in the network. */
export const DIRECTORY_OBJECT = 'network/directory.json';
/** More sites than a network has. */
const SITES_AT_MOST = 500;

export const ApiUrl = z.string().regex(/^https?:\/\/[^\s/?#]+$/, 'want a URL without path, such as https://example.org').max(200);
const Key = z.string().min(1).max(300);
export const DirectorySchema = z.strictObject({
  formatVersion: z.literal(1),
  sites: z.array(z.strictObject({ siteId: z.string().min(1).max(40), witnessKey: Key, logKey: Key.optional(), apiUrl: ApiUrl.optional() })).max(SITES_AT_MOST),
});
export type Directory = z.infer<typeof DirectorySchema>;

/** A registered site, as a witness table holds it. */
export type RegisteredSite = DirectoryEntry & Readonly<{ registeredAt: string; registeredBy: string }>;

const SIZE_DIGITS = 16;
/** Keys of a witness table: who is in the network, what was cosigned last of each log, and every checkpoint that was cosigned. */
export const witnessTableKey = {
  site: (siteId: string) => ({ pk: 'SITE', sk: siteId }),
  state: (origin: string) => ({ pk: 'STATE', sk: origin }),
  checkpoint: (nodeId: string, size: number) => ({ pk: `CHECKPOINT#${nodeId}`, sk: String(size).padStart(SIZE_DIGITS, '0') }),
} as const;

/** Every site that a witness table holds, the control site first. */
export const readSites = async ({ list }: Pick<OperationsStore, 'list'>): Promise<readonly RegisteredSite[]> => {
  const { items } = await list<RegisteredSite & Readonly<{ sk: string }>>(witnessTableKey.site('-').pk, { limit: SITES_AT_MOST });
  const sites = items.map(({ siteId, witnessKey, logKey, apiUrl, registeredAt, registeredBy }) => ({ siteId, witnessKey, logKey, apiUrl, registeredAt, registeredBy }));
  return sites.toSorted((a, b) => Number(b.siteId === CONTROL_SITE) - Number(a.siteId === CONTROL_SITE));
};
