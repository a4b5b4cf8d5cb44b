import { evolveBatch, foldBatch } from '../../shared/batch/fold.ts';
import type { BatchEvent } from '../../shared/batch/events.ts';
import type { Batch } from '../../shared/batch/state.ts';
import { summaryOf } from '../../shared/batch/status.ts';
import { evolveChainOfIdentity, type ChainOfIdentity, type ChainOfIdentityEvent } from '../../shared/identity/chain-of-identity.ts';
import { evolveNodeModel, nodeModelSummary, type ModelRecordEvent, type NodeModel } from '../../shared/model-registry/node-record.ts';
import { evolveGovernanceTable, tableSummary, type GovernanceTableEvent, type TableRecord } from '../../shared/prediction-governance/table.ts';
import { evolveEquipment, type Equipment, type EquipmentEvent } from '../../shared/registers/equipment.ts';
import { evolveMaterialLot, type MaterialLot, type MaterialLotEvent } from '../../shared/registers/material-lot.ts';
import type { Person, PersonEvent } from '../../shared/registers/person.ts';
import type { Refusals, SecurityEvent } from '../../shared/security/refusals.ts';
import { PEOPLE } from './people.ts';
import type { RecordStore } from './ports.ts';
import { SECURITY } from './refusals.ts';
import { createStreamRecords, type StreamRecords, type StreamType } from './stream-records.ts';

/** Every kind of record a hospital node keeps. */
export type NodeRecords = Readonly<{
  batches: StreamRecords<Batch, BatchEvent>;
  chainsOfIdentity: StreamRecords<ChainOfIdentity, ChainOfIdentityEvent>;
  materialLots: StreamRecords<MaterialLot, MaterialLotEvent>;
  equipment: StreamRecords<Equipment, EquipmentEvent>;
  people: StreamRecords<Person, PersonEvent>;
  security: StreamRecords<Refusals, SecurityEvent>;
  models: StreamRecords<NodeModel, ModelRecordEvent>;
  governanceTables: StreamRecords<TableRecord, GovernanceTableEvent>;
}>;

/** How each kind of stream of a hospital node becomes state. */
export const NODE_STREAMS = {
  batches: { kind: 'batch', evolve: evolveBatch, fold: foldBatch, summaryOf } satisfies StreamType<Batch, BatchEvent>,
  chainsOfIdentity: { kind: 'chain-of-identity', evolve: evolveChainOfIdentity, summaryOf: (state) => ({ ...state }) } satisfies StreamType<ChainOfIdentity, ChainOfIdentityEvent>,
  materialLots: { kind: 'material-lot', evolve: evolveMaterialLot, summaryOf: (state) => ({ ...state }) } satisfies StreamType<MaterialLot, MaterialLotEvent>,
  equipment: { kind: 'equipment', evolve: evolveEquipment, summaryOf: (state) => ({ ...state }) } satisfies StreamType<Equipment, EquipmentEvent>,
  people: PEOPLE,
  security: SECURITY,
  models: { kind: 'model-record', evolve: evolveNodeModel, summaryOf: nodeModelSummary } satisfies StreamType<NodeModel, ModelRecordEvent>,
  governanceTables: { kind: 'governance-table', evolve: evolveGovernanceTable, summaryOf: tableSummary } satisfies StreamType<TableRecord, GovernanceTableEvent>,
} as const;

export const createNodeRecords = (store: RecordStore): NodeRecords => ({
  batches: createStreamRecords<Batch, BatchEvent>(NODE_STREAMS.batches, store),
  chainsOfIdentity: createStreamRecords<ChainOfIdentity, ChainOfIdentityEvent>(NODE_STREAMS.chainsOfIdentity, store),
  materialLots: createStreamRecords<MaterialLot, MaterialLotEvent>(NODE_STREAMS.materialLots, store),
  equipment: createStreamRecords<Equipment, EquipmentEvent>(NODE_STREAMS.equipment, store),
  people: createStreamRecords<Person, PersonEvent>(NODE_STREAMS.people, store),
  security: createStreamRecords<Refusals, SecurityEvent>(NODE_STREAMS.security, store),
  models: createStreamRecords<NodeModel, ModelRecordEvent>(NODE_STREAMS.models, store),
  governanceTables: createStreamRecords<TableRecord, GovernanceTableEvent>(NODE_STREAMS.governanceTables, store),
});
