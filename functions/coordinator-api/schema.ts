import * as z from 'zod';
import { contract } from '../_platform/contract.ts';
import { Empty, Identifier, PageQuery, pageOf } from '../_platform/fields.ts';

const READERS = ['network-coordinator', 'regulator', 'qualified-person'] as const;

export const NodeView = z.strictObject({ nodeId: z.string(), name: z.string(), country: z.string().optional(), region: z.string(), lastEventAt: z.string().optional(), batchCount: z.int() });
export const ListNodes = contract({
  operation: 'listNodes', method: 'GET', route: '/v1/nodes', summary: 'Hospitals of the network and when each was last heard of', roles: READERS, path: Empty, query: Empty, body: Empty,
  answer: z.strictObject({ items: z.array(NodeView) }),
});

export const NodeCheckpoint = z.strictObject({
  size: z.int(), root: z.string().regex(/^[0-9a-f]{64}$/), at: z.string(), checkpoint: z.string().describe('Text of the checkpoint (C2SP tlog-checkpoint)'), cosignature: z.string().describe('Line of this site\'s cosignature'),
});
export const ListCheckpoints = contract({
  operation: 'listCheckpoints', method: 'GET', route: '/v1/nodes/{nodeId}/checkpoints', summary: 'Checkpoints of a hospital\'s log that the control site has cosigned, newest first', roles: READERS,
  path: z.strictObject({ nodeId: Identifier }), query: PageQuery, body: Empty, answer: pageOf(NodeCheckpoint),
});

/** Status only: never a chain-of-identity identifier, a value or a name. */
export const NetworkBatchStatus = z.strictObject({
  nodeId: z.string(), batchId: z.string(), productId: z.string(), state: z.string(), disposition: z.string().optional(), openDeviationCount: z.int(), currentPhaseIds: z.array(z.string()), version: z.int(), at: z.string(),
});
export const ListNetworkBatches = contract({
  operation: 'listNetworkBatches', method: 'GET', route: '/v1/batches', summary: 'Status of the batches of one hospital', roles: READERS, path: Empty, query: PageQuery.extend({ nodeId: Identifier }), body: Empty,
  answer: pageOf(NetworkBatchStatus),
});
