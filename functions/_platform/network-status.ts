import * as z from 'zod';
import { BATCH_STATES, DEVIATION_SEVERITIES } from '../../shared/batch/events.ts';
import { FINDINGS, MOST_TOLD } from '../../shared/model-registry/use-at-hospital.ts';
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

/** A hospital tells how models fare there: its own drift, stops, and what its people found. Strict: no words, names or counts of a hospital pass. `version` is of its record of the model. */
export const MODEL_USE_EVENT = { source: STATUS_EVENT.source, detailType: 'model-use' } as const;
const Name = z.string().regex(/^[^#\s]{1,100}$/);
export const ModelUseSchema = z.strictObject({
  nodeId: z.string(), modelId: Name, version: z.int(), at: z.string(),
  versions: z.array(z.strictObject({
    version: z.int(), stoppedBy: z.enum(['person', 'rule']).optional(), judged: z.enum(['none', 'alarm', 'suspend', 'no-statement']).optional(),
    deviations: z.array(z.strictObject({ runId: Name, rule: Name, severity: z.enum(DEVIATION_SEVERITIES), finding: z.enum(FINDINGS) })).max(MOST_TOLD),
    assessments: z.array(z.strictObject({ runId: Name, acceptable: z.boolean() })).max(MOST_TOLD),
  })).max(100),
});
export type ModelUseMessage = z.infer<typeof ModelUseSchema>;

export const networkKeyOf = {
  batch: (nodeId: string, batchId: string) => ({ pk: `STATUS#${nodeId}`, sk: batchId }),
  modelUse: (modelId: string, nodeId: string) => ({ pk: `MODELUSE#${modelId}`, sk: nodeId }),
  node: (nodeId: string) => ({ pk: 'NODE', sk: nodeId }),
  announced: (nodeId: string) => ({ pk: 'ANNOUNCED', sk: nodeId }),
} as const;
