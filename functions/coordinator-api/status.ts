import type * as z from 'zod';
import { coverageOf, grantsOfNode, isCovered, type Coverage } from '../../shared/audit-grant/coverage.ts';
import type { AuditGrant } from '../../shared/audit-grant/grant.ts';
import { DomainError } from '../../shared/errors.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { endpoint, type AnyContract, type Endpoint } from '../_platform/contract.ts';
import { decodeCursor } from '../_platform/cursor.ts';
import { witnessTableKey } from '../_platform/directory.ts';
import { networkKeyOf, type NetworkStatusMessage } from '../_platform/network-status.ts';
import type { NodeRegister } from '../_platform/node-register.ts';
import type { Caller, Clock, OperationsStore } from '../_platform/ports.ts';
import { keptPage, walk } from '../_platform/walk.ts';
import { ListCheckpoints, ListNetworkBatches, ListNodes, type NodeCheckpoint } from './schema.ts';

export type StatusPorts = Readonly<{
  operations: Pick<OperationsStore, 'get' | 'list'>;
  /** The witness's table of the control site, with every checkpoint it has cosigned. */
  table: Pick<OperationsStore, 'list'>;
  nodes: NodeRegister;
  now: Clock;
}>;
/** What a caller may see of each hospital: all of it by role, or what grants cover for who is here as a regulator only. */
export type Sight = Readonly<{ isStaff: boolean; coverageAt(nodeId: string): Coverage }>;
type Item = NetworkStatusMessage & Readonly<{ sk: string }>;

export const sightOf = async ({ operations, now }: StatusPorts, { roles }: AnyContract, caller: Caller): Promise<Sight> => {
  if (caller.roles.some((role) => role !== 'regulator' && roles.includes(role))) return { isStaff: true, coverageAt: () => ({ type: 'everything', grantIds: [] }) };
  const grants: AuditGrant[] = [];
  for await (const each of walk<AuditGrant>(operations, keyOf.summary('audit-grant', '-').pk)) grants.push(each);
  const nowEpochMs = now().getTime();
  return { isStaff: false, coverageAt: (nodeId) => coverageOf(grantsOfNode(grants, nodeId, nowEpochMs), caller.username, nowEpochMs) };
};

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
  endpoint(ListNodes, async ({ caller }) => {
    const { coverageAt: sight } = await sightOf(ports, ListNodes, caller);
    return {
      items: await Promise.all(ports.nodes.filter(({ id }) => sight(id).type !== 'nothing').map(async ({ id, name, region, country }) => {
        const seen = await ports.operations.get<Readonly<{ lastEventAt?: string }>>(networkKeyOf.node(id));
        const batchCount = await countCovered(ports, id, sight(id));
        return { nodeId: id, name, region, batchCount, ...(country === undefined ? {} : { country }), ...(seen?.lastEventAt === undefined || sight(id).type !== 'everything' ? {} : { lastEventAt: seen.lastEventAt }) };
      })),
    };
  }),
  endpoint(ListCheckpoints, async ({ caller, path: { nodeId }, query: { limit, cursor } }) => {
    const { coverageAt } = await sightOf(ports, ListCheckpoints, caller);
    requireNode({ nodes: ports.nodes.filter(({ id }) => coverageAt(id).type !== 'nothing') }, nodeId);
    const page = await ports.table.list<z.input<typeof NodeCheckpoint>>(witnessTableKey.checkpoint(nodeId, 0).pk, { limit, ...(cursor === undefined ? {} : { cursor }) }, { newestFirst: true });
    return { ...page, items: page.items.map(({ size, root, at, checkpoint, cosignature }) => ({ size, root, at, checkpoint, cosignature })) };
  }),
  endpoint(ListNetworkBatches, async ({ caller, query: { nodeId, limit, cursor } }) => {
    const coverage = (await sightOf(ports, ListNetworkBatches, caller)).coverageAt(nodeId);
    const { pk } = networkKeyOf.batch(nodeId, '-');
    const page = await keptPage(walk<Item>(ports.operations, pk, { after: decodeCursor(cursor, pk) }), limit, (item) => (isCovered(coverage, item.productId) ? item : undefined), ({ sk }) => ({ pk, sk }));
    return {
      ...page,
      items: page.items.map(({ batchId, productId, state, disposition, openDeviationCount, currentPhaseIds, version, at }) =>
        ({ nodeId, batchId, productId, state, openDeviationCount, currentPhaseIds, version, at, ...(disposition === undefined ? {} : { disposition }) })),
    };
  }),
];
