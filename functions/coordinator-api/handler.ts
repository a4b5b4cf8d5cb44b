import type * as z from 'zod';
import { DomainError } from '../../shared/errors.ts';
import { endpoint, type Endpoint } from '../_platform/contract.ts';
import { http } from '../_platform/http.ts';
import { networkKeyOf, type NetworkStatusMessage } from '../_platform/network-status.ts';
import { grantEndpoints, type GrantPorts } from './grants.ts';
import { ListCheckpoints, ListNetworkBatches, ListNodes, type NodeCheckpoint } from './schema.ts';

const COUNT_LIMIT = 1000;

/** What the control site sees of its hospitals: that they are there, and where their batches stand. */
const statusEndpoints = ({ operations, nodes }: Pick<GrantPorts, 'operations' | 'nodes'>): readonly Endpoint[] => [
  endpoint(ListNodes, async () => ({
    items: await Promise.all(nodes.map(async ({ id, name, region, country }) => {
      const seen = await operations.get<Readonly<{ lastEventAt?: string }>>(networkKeyOf.node(id));
      const { items } = await operations.list(networkKeyOf.batch(id, '-').pk, { limit: COUNT_LIMIT });
      return { nodeId: id, name, region, batchCount: items.length, ...(country === undefined ? {} : { country }), ...(seen?.lastEventAt === undefined ? {} : { lastEventAt: seen.lastEventAt }) };
    })),
  })),
  endpoint(ListCheckpoints, async ({ path: { nodeId }, query: { limit, cursor } }) => {
    if (!nodes.some(({ id }) => id === nodeId)) throw new DomainError('node-not-found', `no hospital ${nodeId} in this network`, { nodeId });
    const page = await operations.list<z.input<typeof NodeCheckpoint>>(networkKeyOf.checkpoint(nodeId, 0).pk, { limit, ...(cursor === undefined ? {} : { cursor }) }, { newestFirst: true });
    return { ...page, items: page.items.map(({ size, root, at, checkpoint, cosignature }) => ({ size, root, at, checkpoint, cosignature })) };
  }),
  endpoint(ListNetworkBatches, async ({ query: { nodeId, limit, cursor } }) => {
    const page = await operations.list<NetworkStatusMessage>(networkKeyOf.batch(nodeId, '-').pk, { limit, ...(cursor === undefined ? {} : { cursor }) });
    return {
      ...page,
      items: page.items.map(({ batchId, productId, state, disposition, openDeviationCount, currentPhaseIds, version, at }) =>
        ({ nodeId, batchId, productId, state, openDeviationCount, currentPhaseIds, version, at, ...(disposition === undefined ? {} : { disposition }) })),
    };
  }),
];

/** The interface of the control site's coordinator. */
export const createHandler = (ports: GrantPorts) => http([
  ...statusEndpoints(ports),
  ...grantEndpoints(ports),
]);
