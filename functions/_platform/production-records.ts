import { evolveBatch, foldBatch } from '../../shared/batch/fold.ts';
import type { BatchEvent } from '../../shared/batch/events.ts';
import type { Batch } from '../../shared/batch/state.ts';
import { summaryOf } from '../../shared/batch/status.ts';
import { evolveChainOfIdentity, type ChainOfIdentity, type ChainOfIdentityEvent } from '../../shared/identity/chain-of-identity.ts';
import { evolveEquipment, type Equipment, type EquipmentEvent } from '../../shared/registers/equipment.ts';
import { evolveMaterialLot, type MaterialLot, type MaterialLotEvent } from '../../shared/registers/material-lot.ts';
import type { Person, PersonEvent } from '../../shared/registers/person.ts';
import type { Refusals, SecurityEvent } from '../../shared/security/refusals.ts';
import { PEOPLE } from './people.ts';
import type { RecordStore } from './ports.ts';
import { SECURITY } from './refusals.ts';
import { createStreamRecords, type StreamRecords, type StreamType } from './stream-records.ts';

/** Every kind of record that making a product writes or is checked against. */
export type ProductionRecords = Readonly<{
  batches: StreamRecords<Batch, BatchEvent>;
  chainsOfIdentity: StreamRecords<ChainOfIdentity, ChainOfIdentityEvent>;
  materialLots: StreamRecords<MaterialLot, MaterialLotEvent>;
  equipment: StreamRecords<Equipment, EquipmentEvent>;
  people: StreamRecords<Person, PersonEvent>;
  security: StreamRecords<Refusals, SecurityEvent>;
}>;

/** How each of them becomes state. */
export const BATCHES = { kind: 'batch', evolve: evolveBatch, fold: foldBatch, summaryOf } satisfies StreamType<Batch, BatchEvent>;
export const CHAINS_OF_IDENTITY = { kind: 'chain-of-identity', evolve: evolveChainOfIdentity, summaryOf: (state) => ({ ...state }) } satisfies StreamType<ChainOfIdentity, ChainOfIdentityEvent>;
export const MATERIAL_LOTS = { kind: 'material-lot', evolve: evolveMaterialLot, summaryOf: (state) => ({ ...state }) } satisfies StreamType<MaterialLot, MaterialLotEvent>;
export const EQUIPMENT = { kind: 'equipment', evolve: evolveEquipment, summaryOf: (state) => ({ ...state }) } satisfies StreamType<Equipment, EquipmentEvent>;

export const createProductionRecords = (store: RecordStore): ProductionRecords => ({
  batches: createStreamRecords<Batch, BatchEvent>(BATCHES, store),
  chainsOfIdentity: createStreamRecords<ChainOfIdentity, ChainOfIdentityEvent>(CHAINS_OF_IDENTITY, store),
  materialLots: createStreamRecords<MaterialLot, MaterialLotEvent>(MATERIAL_LOTS, store),
  equipment: createStreamRecords<Equipment, EquipmentEvent>(EQUIPMENT, store),
  people: createStreamRecords<Person, PersonEvent>(PEOPLE, store),
  security: createStreamRecords<Refusals, SecurityEvent>(SECURITY, store),
});
