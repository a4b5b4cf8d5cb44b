import { evolveBatch } from '../../shared/batch/fold.ts';
import type { BatchEvent } from '../../shared/batch/events.ts';
import type { Batch } from '../../shared/batch/state.ts';
import { summaryOf } from '../../shared/batch/status.ts';
import { evolveChainOfIdentity, type ChainOfIdentity, type ChainOfIdentityEvent } from '../../shared/identity/chain-of-identity.ts';
import { evolveEquipment, type Equipment, type EquipmentEvent } from '../../shared/registers/equipment.ts';
import { evolveMaterialLot, type MaterialLot, type MaterialLotEvent } from '../../shared/registers/material-lot.ts';
import { evolvePerson, type Person, type PersonEvent } from '../../shared/registers/person.ts';
import type { RecordStore } from './ports.ts';
import { createStreamRecords, type StreamRecords } from './stream-records.ts';

/** Every kind of record a hospital node keeps. */
export type NodeRecords = Readonly<{
  batches: StreamRecords<Batch, BatchEvent>;
  chainsOfIdentity: StreamRecords<ChainOfIdentity, ChainOfIdentityEvent>;
  materialLots: StreamRecords<MaterialLot, MaterialLotEvent>;
  equipment: StreamRecords<Equipment, EquipmentEvent>;
  people: StreamRecords<Person, PersonEvent>;
}>;

export const createNodeRecords = (store: RecordStore): NodeRecords => ({
  batches: createStreamRecords<Batch, BatchEvent>({ kind: 'batch', evolve: evolveBatch, summaryOf }, store),
  chainsOfIdentity: createStreamRecords<ChainOfIdentity, ChainOfIdentityEvent>({ kind: 'chain-of-identity', evolve: evolveChainOfIdentity, summaryOf: (state) => ({ ...state }) }, store),
  materialLots: createStreamRecords<MaterialLot, MaterialLotEvent>({ kind: 'material-lot', evolve: evolveMaterialLot, summaryOf: (state) => ({ ...state }) }, store),
  equipment: createStreamRecords<Equipment, EquipmentEvent>({ kind: 'equipment', evolve: evolveEquipment, summaryOf: (state) => ({ ...state }) }, store),
  people: createStreamRecords<Person, PersonEvent>({ kind: 'person', evolve: evolvePerson, summaryOf: (state) => ({ ...state }) }, store),
});
