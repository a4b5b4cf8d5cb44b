import * as z from 'zod';
import { BATCH_STATES } from '../../shared/batch/events.ts';

/** Event on the network's bus. `source` and `detail-type` are what the rule at the control site matches. */
export const STATUS_EVENT = { source: 'bedside.node', detailType: 'batch-status' } as const;

/** Strict: a field that is not status is refused at the border, whatever a node sends. */
export const NetworkStatusSchema = z.strictObject({
  nodeId: z.string(), batchId: z.string(), productId: z.string(), state: z.enum(BATCH_STATES), disposition: z.string().optional(),
  openDeviationCount: z.int(), currentPhaseIds: z.array(z.string()), version: z.int(), at: z.string(),
});
export type NetworkStatusMessage = z.infer<typeof NetworkStatusSchema>;

export const networkKeyOf = {
  batch: (nodeId: string, batchId: string) => ({ pk: `STATUS#${nodeId}`, sk: batchId }),
  node: (nodeId: string) => ({ pk: 'NODE', sk: nodeId }),
} as const;
