import type * as z from 'zod';
import { DomainError } from '../../shared/errors.ts';
import { endpoint } from '../_platform/contract.ts';
import { witnessTableKey } from '../_platform/directory.ts';
import { http } from '../_platform/http.ts';
import { networkKeyOf, type NetworkStatusMessage } from '../_platform/network-status.ts';
import type { OperationsStore } from '../_platform/ports.ts';
import { readDirectory, registerNode, type RegistrationPorts } from './registration.ts';
import { ListCheckpoints, ListNetworkBatches, ListNodes, ReadDirectory, RegisterNode, type NodeCheckpoint } from './schema.ts';

type Ports = RegistrationPorts & Readonly<{ operations: Pick<OperationsStore, 'get' | 'list'> }>;
const COUNT_LIMIT = 1000;

const requireNode = ({ nodes }: Pick<Ports, 'nodes'>, nodeId: string): void => {
  if (!nodes.some(({ id }) => id === nodeId)) throw new DomainError('node-not-found', `no hospital ${nodeId} in this network`, { nodeId });
};

/** What the control site sees of its hospitals: that they are there, where their batches stand, whose keys are registered. And the one act: registering a hospital's keys. */
export const createHandler = (ports: Ports) => http([
  endpoint(ListNodes, async () => ({
    items: await Promise.all(ports.nodes.map(async ({ id, name, region, country }) => {
      const seen = await ports.operations.get<Readonly<{ lastEventAt?: string }>>(networkKeyOf.node(id));
      const { items } = await ports.operations.list(networkKeyOf.batch(id, '-').pk, { limit: COUNT_LIMIT });
      return { nodeId: id, name, region, batchCount: items.length, ...(country === undefined ? {} : { country }), ...(seen?.lastEventAt === undefined ? {} : { lastEventAt: seen.lastEventAt }) };
    })),
  })),
  endpoint(ListCheckpoints, async ({ path: { nodeId }, query: { limit, cursor } }) => {
    requireNode(ports, nodeId);
    const page = await ports.table.list<z.input<typeof NodeCheckpoint>>(witnessTableKey.checkpoint(nodeId, 0).pk, { limit, ...(cursor === undefined ? {} : { cursor }) }, { newestFirst: true });
    return { ...page, items: page.items.map(({ size, root, at, checkpoint, cosignature }) => ({ size, root, at, checkpoint, cosignature })) };
  }),
  endpoint(ReadDirectory, () => readDirectory(ports)),
  endpoint(RegisterNode, async ({ path: { nodeId }, body, caller }) => {
    requireNode(ports, nodeId);
    return registerNode(ports, nodeId, body, caller.id);
  }),
  endpoint(ListNetworkBatches, async ({ query: { nodeId, limit, cursor } }) => {
    const page = await ports.operations.list<NetworkStatusMessage>(networkKeyOf.batch(nodeId, '-').pk, { limit, ...(cursor === undefined ? {} : { cursor }) });
    return {
      ...page,
      items: page.items.map(({ batchId, productId, state, disposition, openDeviationCount, currentPhaseIds, version, at }) =>
        ({ nodeId, batchId, productId, state, openDeviationCount, currentPhaseIds, version, at, ...(disposition === undefined ? {} : { disposition }) })),
    };
  }),
]);
