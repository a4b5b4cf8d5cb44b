import * as z from 'zod';
import { BATCH_STATES } from '../../shared/batch/events.ts';
import { ApiUrl } from './directory.ts';

/** Event on the network's bus. `source` and `detail-type` are what the rule at the control site matches. */
export const STATUS_EVENT = { source: 'bedside.node', detailType: 'batch-status' } as const;

/** A node tells the keys of its log and its witness, and where it is reached, so that the coordinator can register them. */
export const NODE_KEYS_EVENT = { source: STATUS_EVENT.source, detailType: 'node-keys' } as const;
export const NodeKeysSchema = z.strictObject({ nodeId: z.string(), logKey: z.string().max(300), witnessKey: z.string().max(300), apiUrl: ApiUrl });
export type NodeKeysMessage = z.infer<typeof NodeKeysSchema>;
/** What a node told last; registered is something else. */
export type AnnouncedKeys = NodeKeysMessage & Readonly<{ at: string }>;

/** Strict: a field that is not status is refused at the border, whatever a node sends. */
export const NetworkStatusSchema = z.strictObject({
  nodeId: z.string(), batchId: z.string(), productId: z.string(), state: z.enum(BATCH_STATES), disposition: z.string().optional(),
  openDeviationCount: z.int(), currentPhaseIds: z.array(z.string()), version: z.int(), at: z.string(),
});
export type NetworkStatusMessage = z.infer<typeof NetworkStatusSchema>;

export const networkKeyOf = {
  batch: (nodeId: string, batchId: string) => ({ pk: `STATUS#${nodeId}`, sk: batchId }),
  node: (nodeId: string) => ({ pk: 'NODE', sk: nodeId }),
  announced: (nodeId: string) => ({ pk: 'ANNOUNCED', sk: nodeId }),
} as const;
