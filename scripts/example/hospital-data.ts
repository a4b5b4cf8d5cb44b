import type { MasterBatchRecordContent } from '../../shared/master-batch-record/model.ts';
import { ProblemError, type Person } from '../client/api-client.ts';

const DAY_MS = 86_400_000;
const at = (epochMs: number): string => new Date(epochMs).toISOString();

/** Repeatable: what is there already is left as it is. */
export const unlessThere = async (run: () => Promise<unknown>): Promise<boolean> => {
  try {
    await run();
    return true;
  } catch (error) {
    if (error instanceof ProblemError && error.status === 409) return false;
    throw error;
  }
};

export type HospitalDevices = Readonly<{ edgeNodeId: string; deviceIdByClass: Readonly<Record<string, string>> }>;
type Staff = Readonly<{ steward: Person; reviewer: Person; everyone: readonly Person[] }>;

export const lotIdOf = (materialId: string): string => `LOT-${materialId}-01`;
export const equipmentIdOf = (equipmentClassId: string): string => `${equipmentClassId}-1`;

const registerEquipment = async (content: MasterBatchRecordContent, { steward }: Staff, devices: HospitalDevices, now: number): Promise<void> => {
  for (const { id, title, calibrated } of content.equipmentClasses) {
    const deviceId = devices.deviceIdByClass[id];
    await unlessThere(() => steward.post('/v1/equipment', {
      equipmentId: equipmentIdOf(id), equipmentClassId: id, title: `${title} 1`,
      ...(calibrated ? { calibrationDueAt: at(now + 180 * DAY_MS) } : {}),
      ...(deviceId === undefined ? {} : { device: { edgeNodeId: devices.edgeNodeId, deviceId } }),
    }, `equipment-${id}`));
  }
};

const receiveMaterials = async (content: MasterBatchRecordContent, { steward, reviewer }: Staff, now: number): Promise<void> => {
  for (const material of content.materials.filter(({ kind }) => kind !== 'patient')) {
    const lotId = lotIdOf(material.id);
    const isNew = await unlessThere(() => steward.post('/v1/materials', {
      lotId, materialId: material.id, supplier: 'Example supplier', quantity: 1000, unit: material.unit, expiresAt: at(now + 365 * DAY_MS),
    }, `material-${material.id}`));
    if (isNew) await reviewer.sign(`/v1/materials/${lotId}/status`, 'approval', 1, { status: 'released', reason: 'Certificate of analysis conforms' });
  }
};

const trainPeople = async (content: MasterBatchRecordContent, { steward, everyone }: Staff, now: number): Promise<void> => {
  const courses = new Set(content.procedure.flatMap(({ operations }) => operations).flatMap(({ phases }) => phases).flatMap(({ training }) => training));
  for (const person of everyone) {
    const isNew = await unlessThere(() => steward.post('/v1/people', { personId: person.id, printedName: person.login.printedName, roles: person.login.roles }, `person-${person.id}`));
    if (!isNew) continue;
    for (const courseId of courses) {
      await steward.post(`/v1/people/${person.id}/trainings`, { courseId, completedAt: at(now - 30 * DAY_MS), validUntil: at(now + 335 * DAY_MS) });
    }
  }
};

/** Equipment, released lots and trained people that one master batch record needs, registered through the ordinary interface. */
export const prepareHospital = async (content: MasterBatchRecordContent, staff: Staff, devices: HospitalDevices, now: number): Promise<void> => {
  // People first: only who is registered signs, the release of a lot too.
  await trainPeople(content, staff, now);
  await registerEquipment(content, staff, devices, now);
  await receiveMaterials(content, staff, now);
};
