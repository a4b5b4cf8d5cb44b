import { evolveBelief, type Belief, type BeliefEvent } from '../../shared/model-registry/belief.ts';
import { evolveNodeModel, nodeModelSummary, type ModelRecordEvent, type NodeModel } from '../../shared/model-registry/node-record.ts';
import { evolveGovernanceTable, tableSummary, type GovernanceTableEvent, type TableRecord } from '../../shared/prediction-governance/table.ts';
import { PEOPLE } from './people.ts';
import type { RecordStore } from './ports.ts';
import { BATCHES, CHAINS_OF_IDENTITY, createProductionRecords, EQUIPMENT, MATERIAL_LOTS, type ProductionRecords } from './production-records.ts';
import { SECURITY } from './refusals.ts';
import { createStreamRecords, type StreamRecords, type StreamType } from './stream-records.ts';

/** Every kind of record a hospital node keeps. */
export type NodeRecords = ProductionRecords & Readonly<{
  models: StreamRecords<NodeModel, ModelRecordEvent>;
  governanceTables: StreamRecords<TableRecord, GovernanceTableEvent>;
  /** What was believed of what the control site publishes, by name. */
  publications: StreamRecords<Belief, BeliefEvent>;
}>;

/** How each kind of stream of a hospital node becomes state. */
export const NODE_STREAMS = {
  batches: BATCHES,
  chainsOfIdentity: CHAINS_OF_IDENTITY,
  materialLots: MATERIAL_LOTS,
  equipment: EQUIPMENT,
  people: PEOPLE,
  security: SECURITY,
  models: { kind: 'model-record', evolve: evolveNodeModel, summaryOf: nodeModelSummary } satisfies StreamType<NodeModel, ModelRecordEvent>,
  governanceTables: { kind: 'governance-table', evolve: evolveGovernanceTable, summaryOf: tableSummary } satisfies StreamType<TableRecord, GovernanceTableEvent>,
  publications: { kind: 'publication', evolve: evolveBelief, summaryOf: ({ believed, refused }) => ({ ...believed, ...(refused !== undefined && { refused: refused.code }) }) } satisfies StreamType<Belief, BeliefEvent>,
} as const;

export const createNodeRecords = (store: RecordStore): NodeRecords => ({
  ...createProductionRecords(store),
  models: createStreamRecords<NodeModel, ModelRecordEvent>(NODE_STREAMS.models, store),
  governanceTables: createStreamRecords<TableRecord, GovernanceTableEvent>(NODE_STREAMS.governanceTables, store),
  publications: createStreamRecords<Belief, BeliefEvent>(NODE_STREAMS.publications, store),
});
