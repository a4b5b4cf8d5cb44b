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

const Key = z.string().min(1).max(300).describe('Verifier key (C2SP signed-note): name+id+base64');
const Keys = { logKey: Key, witnessKey: Key } as const;
export const RegisteredSite = z.strictObject({
  siteId: z.string().describe('`control`, or a hospital\'s id'), witnessKey: Key, logKey: Key.optional().describe('Of a hospital; the control site has no log'), apiUrl: z.string().optional(),
  witnesses: z.int().optional().describe('How many sites cosign this hospital\'s log'), quorum: z.int().optional().describe('How many of them a checkpoint needs before it is published'), registeredAt: z.string(), registeredBy: z.string(),
});
export const ReadDirectory = contract({
  operation: 'readDirectory', method: 'GET', route: '/v1/directory', summary: 'Sites of the network with the keys of their logs and witnesses, and hospitals whose keys wait to be registered', roles: READERS, path: Empty, query: Empty, body: Empty,
  answer: z.strictObject({ sites: z.array(RegisteredSite), announced: z.array(z.strictObject({ nodeId: z.string(), ...Keys, apiUrl: z.string(), at: z.string() })) }),
});
export const RegisterNode = contract({
  operation: 'registerNode', method: 'POST', route: '/v1/nodes/{nodeId}/registration', roles: ['network-coordinator'], path: z.strictObject({ nodeId: Identifier }), query: Empty,
  summary: 'Register the keys of a hospital\'s log and witness, got from the hospital itself: they must be those its account announced, and never change', body: z.strictObject(Keys),
  answer: RegisteredSite,
});

/** Status only: never a chain-of-identity identifier, a value or a name. */
export const NetworkBatchStatus = z.strictObject({
  nodeId: z.string(), batchId: z.string(), productId: z.string(), state: z.string(), disposition: z.string().optional(), openDeviationCount: z.int(), currentPhaseIds: z.array(z.string()), version: z.int(), at: z.string(),
});
export const ListNetworkBatches = contract({
  operation: 'listNetworkBatches', method: 'GET', route: '/v1/batches', summary: 'Status of the batches of one hospital', roles: READERS, path: Empty, query: PageQuery.extend({ nodeId: Identifier }), body: Empty,
  answer: pageOf(NetworkBatchStatus),
});
