import type * as z from 'zod';
import { isCovered, type Coverage } from '../../shared/audit-grant/coverage.ts';
import { DomainError } from '../../shared/errors.ts';
import type { Endpoint } from '../_platform/contract.ts';
import { decodeCursor } from '../_platform/cursor.ts';
import { witnessTableKey } from '../_platform/directory.ts';
import { networkKeyOf, type NetworkStatusMessage } from '../_platform/network-status.ts';
import { loggedAtControlSite } from '../_platform/network-view.ts';
import type { NodeRegister } from '../_platform/node-register.ts';
import type { OperationsStore } from '../_platform/ports.ts';
import type { LoggingPorts } from '../_platform/read-log.ts';
import { keptPage, walk } from '../_platform/walk.ts';
import { ListCheckpoints, ListNetworkBatches, ListNodes, type NodeCheckpoint } from './schema.ts';

export type StatusPorts = LoggingPorts & Readonly<{
  /** The witness's table of the control site, with every checkpoint it has cosigned. */
  table: Pick<OperationsStore, 'list'>;
  nodes: NodeRegister;
}>;
type Item = NetworkStatusMessage & Readonly<{ sk: string }>;

/** @throws DomainError `node-not-found` */
export const requireNode = ({ nodes }: Pick<StatusPorts, 'nodes'>, nodeId: string): void => {
  if (!nodes.some(({ id }) => id === nodeId)) throw new DomainError('node-not-found', `no hospital ${nodeId} in this network`, { nodeId });
};

const countCovered = async ({ operations }: StatusPorts, nodeId: string, coverage: Coverage): Promise<number> => {
  let count = 0;
  for await (const { productId } of walk<Item>(operations, networkKeyOf.batch(nodeId, '-').pk)) count += isCovered(coverage, productId) ? 1 : 0;
  return count;
};

/** What the control site sees of its hospitals: that they are there, and where their batches stand. A hospital or product without a grant is not there for a regulator. */
export const statusEndpoints = (ports: StatusPorts): readonly Endpoint[] => [
  loggedAtControlSite(ports, ListNodes, async (_, { coverageAt: sight }) => ({
    items: await Promise.all(ports.nodes.filter(({ id }) => sight(id).type !== 'nothing').map(async ({ id, name, region, country }) => {
      const seen = await ports.operations.get<Readonly<{ lastEventAt?: string }>>(networkKeyOf.node(id));
      const batchCount = await countCovered(ports, id, sight(id));
      return { nodeId: id, name, region, batchCount, ...(country === undefined ? {} : { country }), ...(seen?.lastEventAt === undefined || sight(id).type !== 'everything' ? {} : { lastEventAt: seen.lastEventAt }) };
    })),
  })),
  loggedAtControlSite(ports, ListCheckpoints, async ({ path: { nodeId }, query: { limit, cursor } }, { coverageAt }) => {
    requireNode({ nodes: ports.nodes.filter(({ id }) => coverageAt(id).type !== 'nothing') }, nodeId);
    const page = await ports.table.list<z.input<typeof NodeCheckpoint>>(witnessTableKey.checkpoint(nodeId, 0).pk, { limit, ...(cursor === undefined ? {} : { cursor }) }, { newestFirst: true });
    return { ...page, items: page.items.map(({ size, root, at, checkpoint, cosignature }) => ({ size, root, at, checkpoint, cosignature })) };
  }),
  loggedAtControlSite(ports, ListNetworkBatches, async ({ query: { nodeId, limit, cursor } }, { coverageAt }) => {
    const coverage = coverageAt(nodeId);
    const { pk } = networkKeyOf.batch(nodeId, '-');
    const page = await keptPage(walk<Item>(ports.operations, pk, { after: decodeCursor(cursor, pk) }), limit, (item) => (isCovered(coverage, item.productId) ? item : undefined), ({ sk }) => ({ pk, sk }));
    return {
      ...page,
      items: page.items.map(({ batchId, productId, state, disposition, openDeviationCount, currentPhaseIds, version, at }) =>
        ({ nodeId, batchId, productId, state, openDeviationCount, currentPhaseIds, version, at, ...(disposition === undefined ? {} : { disposition }) })),
    };
  }),
];
