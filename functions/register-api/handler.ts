import type * as z from 'zod';
import { putBackToUse, recordCalibration, registerEquipment, takeOutOfUse, type Equipment, type EquipmentEvent } from '../../shared/registers/equipment.ts';
import { decideMaterialLot, receiveMaterialLot, type MaterialLot, type MaterialLotEvent } from '../../shared/registers/material-lot.ts';
import { confirmCredential, recordTraining, type Person, type PersonEvent } from '../../shared/registers/person.ts';
import { requireNotErased, requireRegistered } from '../../shared/identity/chain-of-identity.ts';
import { requireChainOfIdentityId } from '../../shared/identity/identifiers.ts';
import { DomainError } from '../../shared/errors.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { runCommand, signed, type CommandPorts } from '../_platform/command.ts';
import { endpoint, type Endpoint } from '../_platform/contract.ts';
import type { DeviceAssignment } from '../_platform/device-assignment.ts';
import { deviceLockKey } from '../_platform/equipment-companions.ts';
import type { PageQuery } from '../_platform/fields.ts';
import { http } from '../_platform/http.ts';
import { inParallel } from '../_platform/in-parallel.ts';
import type { NodeRecords } from '../_platform/node-records.ts';
import type { OperationsStore, Page } from '../_platform/ports.ts';
import type { RefusalLog } from '../_platform/refusals.ts';
import { identityEndpoints } from './chain-of-identity.ts';
import { decideOnPerson, peopleEndpoints, type PeoplePorts } from './people.ts';
import * as Routes from './schema.ts';

type Ports = CommandPorts & Readonly<{ records: NodeRecords; operations: OperationsStore; refusals?: RefusalLog; randomBytes(count: number): Uint8Array }>;
type Paging = z.output<typeof PageQuery>;

const listSummaries = <Item>({ operations }: Ports, kind: string, { limit, cursor }: Paging): Promise<Page<Item>> =>
  operations.list<Item>(keyOf.summary(kind, '-').pk, { limit, ...(cursor === undefined ? {} : { cursor }) });

type Versioned<State> = State & Readonly<{ version: number }>;

/** @throws DomainError `batch-not-found`: a lot that comes from a batch we do not know has no way back */
const requireSource = async ({ records }: Ports, batchId: string | undefined): Promise<void> => {
  if (batchId === undefined || (await records.batches.load(batchId)).state !== undefined) return;
  throw new DomainError('batch-not-found', `no batch ${batchId} at this hospital that a lot could come from`, { batchId });
};

/** A patient's material is of a therapy event that was registered here: a mistyped one could not be told from another patient's. @throws DomainError `label-malformed`, `chain-of-identity-not-found`, `personal-data-erased` */
const requirePatient = async ({ records }: Ports, text: string): Promise<string> => {
  const id = requireChainOfIdentityId(text);
  requireNotErased(requireRegistered((await records.chainsOfIdentity.load(id)).state, id));
  return id;
};

const materialEndpoints = (ports: Ports): readonly Endpoint[] => [
  endpoint(Routes.ReceiveMaterial, async (request) => {
    const { chainOfIdentityId, sourceBatchId, ...lot } = request.body;
    await requireSource(ports, sourceBatchId);
    const identity = chainOfIdentityId === undefined ? {} : { chainOfIdentityId: await requirePatient(ports, chainOfIdentityId) };
    return runCommand<MaterialLot, MaterialLotEvent>(ports, {
      records: ports.records.materialLots, id: lot.lotId, request,
      decide: ({ state }) => receiveMaterialLot(state, { ...lot, ...identity, ...(sourceBatchId === undefined ? {} : { sourceBatchId }) }, ports.now().getTime()),
    });
  }),
  endpoint(Routes.DecideMaterial, (request) => {
    const { status, reason } = request.body;
    return runCommand<MaterialLot, MaterialLotEvent>(ports, {
      records: ports.records.materialLots, id: request.path.lotId, request,
      decide: ({ state }, signature) => decideMaterialLot(state, request.path.lotId, { status, reason, signature: signed(signature) }),
    });
  }),
  endpoint(Routes.ListMaterials, async ({ query }) => {
    const page = await listSummaries<Versioned<MaterialLot>>(ports, 'material-lot', query);
    return { ...page, items: page.items.map(({ lotId, materialId, status, expiresAt, version }) => ({ lotId, materialId, status, expiresAt, version })) };
  }),
];

/** Which batch has a piece of equipment, by the lock that keeps a second batch away from it. */
const useOf = async ({ operations }: Ports, { equipmentId, device }: Readonly<{ equipmentId: string; device: Equipment['device'] }>): Promise<Readonly<{ inUse?: Readonly<{ batchId: string; since: string }> }>> => {
  const lock = await operations.get<DeviceAssignment>(deviceLockKey(equipmentId, device));
  return lock?.equipmentId === equipmentId ? { inUse: { batchId: lock.batchId, since: lock.from } } : {};
};

const equipmentEndpoints = (ports: Ports): readonly Endpoint[] => [
  endpoint(Routes.RegisterEquipment, (request) => {
    const { calibrationDueAt, device, ...equipment } = request.body;
    const input: Equipment = { ...equipment, ...(calibrationDueAt === undefined ? {} : { calibrationDueAt }), ...(device === undefined ? {} : { device }) };
    return runCommand<Equipment, EquipmentEvent>(ports, { records: ports.records.equipment, id: input.equipmentId, request, decide: ({ state }) => registerEquipment(state, input) });
  }),
  endpoint(Routes.RecordCalibration, (request) => runCommand<Equipment, EquipmentEvent>(ports, {
    records: ports.records.equipment, id: request.path.equipmentId, request,
    decide: ({ state }) => recordCalibration(state, request.path.equipmentId, request.body, ports.now().getTime()),
  })),
  endpoint(Routes.TakeOutOfUse, (request) => runCommand<Equipment, EquipmentEvent>(ports, {
    records: ports.records.equipment, id: request.path.equipmentId, request, decide: ({ state }) => takeOutOfUse(state, request.path.equipmentId, request.body.reason),
  })),
  endpoint(Routes.PutBackToUse, (request) => runCommand<Equipment, EquipmentEvent>(ports, {
    records: ports.records.equipment, id: request.path.equipmentId, request, decide: ({ state }) => putBackToUse(state, request.path.equipmentId, request.body.reason),
  })),
  endpoint(Routes.ListEquipment, async ({ query }) => {
    const page = await listSummaries<Versioned<Equipment>>(ports, 'equipment', query);
    return {
      ...page, items: [...await inParallel(page.items, async ({ equipmentId, equipmentClassId, title, calibrationDueAt, device, outOfUse, version }) => ({
        equipmentId, equipmentClassId, title, version, ...(calibrationDueAt === undefined ? {} : { calibrationDueAt }), ...(device === undefined ? {} : { device }), ...(outOfUse === undefined ? {} : { outOfUse }), ...await useOf(ports, { equipmentId, device }),
      }))],
    };
  }),
];

/** What only a hospital keeps of its people: training for its work, and changed credentials. */
const hospitalEndpoints = (ports: PeoplePorts): readonly Endpoint[] => [
  endpoint(Routes.RecordTraining, (request) => runCommand<Person, PersonEvent>(ports, {
    records: ports.people, id: request.path.personId, request,
    decide: ({ state }) => recordTraining(state, request.path.personId, request.body, { by: request.caller.id, nowEpochMs: ports.now().getTime() }),
  })),
  endpoint(Routes.ConfirmCredential, (request) => decideOnPerson(ports, request, confirmCredential)),
];

/** Therapy events, material lots, equipment and people: what work is checked against. Each change is an event, like everything else. */
export const createHandler = (ports: Ports) => {
  const people = { ...ports, people: ports.records.people };
  return http([...identityEndpoints(ports), ...materialEndpoints(ports), ...equipmentEndpoints(ports), ...peopleEndpoints(people, Routes), ...hospitalEndpoints(people)], ports.refusals, ports.personOf);
};
