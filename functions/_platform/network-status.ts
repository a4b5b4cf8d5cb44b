import * as z from 'zod';
import { BATCH_STATES } from '../../shared/batch/events.ts';

/** Event on the network's bus. `source` and `detail-type` are what the rule at the control site matches. */
export const STATUS_EVENT = { source: 'bedside.node', detailType: 'batch-status' } as const;

/** A node tells the key its log signs with, so that the control site can be its witness. */
export const LOG_KEY_EVENT = { source: STATUS_EVENT.source, detailType: 'log-key' } as const;
export const LogKeySchema = z.strictObject({ nodeId: z.string(), logKey: z.string() });
export type LogKeyMessage = z.infer<typeof LogKeySchema>;

/** Strict: a field that is not status is refused at the border, whatever a node sends. */
export const NetworkStatusSchema = z.strictObject({
  nodeId: z.string(), batchId: z.string(), productId: z.string(), state: z.enum(BATCH_STATES), disposition: z.string().optional(),
  openDeviationCount: z.int(), currentPhaseIds: z.array(z.string()), version: z.int(), at: z.string(),
});
export type NetworkStatusMessage = z.infer<typeof NetworkStatusSchema>;

const SIZE_DIGITS = 16;
export const networkKeyOf = {
  batch: (nodeId: string, batchId: string) => ({ pk: `STATUS#${nodeId}`, sk: batchId }),
  node: (nodeId: string) => ({ pk: 'NODE', sk: nodeId }),
  witness: (origin: string) => ({ pk: 'WITNESS', sk: origin }),
  checkpoint: (nodeId: string, size: number) => ({ pk: `CHECKPOINT#${nodeId}`, sk: String(size).padStart(SIZE_DIGITS, '0') }),
} as const;
