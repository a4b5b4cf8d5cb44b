import type { Endpoints } from '../client/endpoints.ts';
import { signInAs } from '../example/seed-network.ts';

type Partners = Readonly<{ own: Readonly<{ siteId: string; fingerprint?: string }>; items: readonly Readonly<{ siteId: string; isConfirmed: boolean; version: number }>[] }>;

/** At each hospital quality confirms the others, by the fingerprint each tells of itself; on the example network it is read where in life it is told by telephone. */
export const confirmPartners = async ({ nodes }: Endpoints): Promise<void> => {
  const quality = await Promise.all(Object.values(nodes).map((node) => signInAs(node, 'reviewer')));
  const lists = await Promise.all(quality.map(async (person) => await person.get('/v1/training-partners') as unknown as Partners));
  const told = new Map(lists.map(({ own }) => [own.siteId, own.fingerprint]));
  for (const [i, person] of quality.entries()) {
    for (const { siteId, version } of lists[i]?.items.filter(({ isConfirmed }) => !isConfirmed) ?? []) {
      await person.sign('/v1/training-partners', 'approval', version, { siteId, fingerprint: told.get(siteId) ?? '', comparedBy: 'Read at the interface of that hospital; for the example network only' });
    }
  }
};
