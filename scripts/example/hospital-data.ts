import type { MasterBatchRecordContent } from '../../shared/master-batch-record/model.ts';
import { ProblemError, type Person } from '../client/api-client.ts';

const DAY_MS = 86_400_000;
const PAGE = 200;
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
type Member = Pick<Person, 'id' | 'login' | 'get' | 'post' | 'sign'>;
/** Who registers, who releases lots, and everybody who is registered and trained. */
export type HospitalStaff = Readonly<{ steward: Member; reviewer: Member; everyone: readonly Member[] }>;

export const lotIdOf = (materialId: string): string => `LOT-${materialId}-01`;
export const equipmentIdOf = (equipmentClassId: string): string => `${equipmentClassId}-1`;

const registerEquipment = async (content: MasterBatchRecordContent, { steward }: HospitalStaff, devices: HospitalDevices, now: number): Promise<void> => {
  for (const { id, title, calibrated } of content.equipmentClasses) {
    const deviceId = devices.deviceIdByClass[id];
    await unlessThere(() => steward.post('/v1/equipment', {
      equipmentId: equipmentIdOf(id), equipmentClassId: id, title: `${title} 1`,
      ...(calibrated ? { calibrationDueAt: at(now + 180 * DAY_MS) } : {}),
      ...(deviceId === undefined ? {} : { device: { edgeNodeId: devices.edgeNodeId, deviceId } }),
    }, `equipment-${id}`));
  }
};

/** All items of a list, page by page. */
const listed = async <Item>(person: Member, path: string): Promise<readonly Item[]> => {
  const found: Item[] = [];
  let cursor: string | undefined;
  do {
    const page = await person.get(`${path}?limit=${PAGE}${cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`}`) as Readonly<{ items: readonly Item[]; nextCursor?: string }>;
    found.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return found;
};

type Lot = Readonly<{ lotId: string; status: string; version: number }>;
/** Of a lot that was received, and about which nobody has decided. */
const RECEIVED_VERSION = 1;

/** By what is held, not by what this start has done: an earlier one may have been cut off in between. A lot that people have judged stays as it is. */
const receiveMaterials = async (content: MasterBatchRecordContent, { steward, reviewer }: HospitalStaff, now: number): Promise<void> => {
  const materials = content.materials.filter(({ kind }) => kind !== 'patient');
  for (const { id, unit } of materials) {
    await unlessThere(() => steward.post('/v1/materials', { lotId: lotIdOf(id), materialId: id, supplier: 'Example supplier', quantity: 100_000, unit, expiresAt: at(now + 365 * DAY_MS) }, `material-${id}`));
  }
  const own = new Set(materials.map(({ id }) => lotIdOf(id)));
  const undecided = (await listed<Lot>(reviewer, '/v1/materials')).filter(({ lotId, status, version }) => own.has(lotId) && status === 'quarantine' && version === RECEIVED_VERSION);
  for (const { lotId, version } of undecided) await reviewer.sign(`/v1/materials/${lotId}/status`, 'approval', version, { status: 'released', reason: 'Certificate of analysis conforms' });
};

type Trained = Readonly<{ personId: string; trainings: readonly Readonly<{ courseId: string }>[] }>;

const trainPeople = async (content: MasterBatchRecordContent, { steward, everyone }: HospitalStaff, now: number): Promise<void> => {
  const courses = new Set(content.procedure.flatMap(({ operations }) => operations).flatMap(({ phases }) => phases).flatMap(({ training }) => training));
  for (const { id, login } of everyone) await unlessThere(() => steward.post('/v1/people', { personId: id, printedName: login.printedName, roles: login.roles }, `person-${id}`));
  const people = new Map((await listed<Trained>(steward, '/v1/people')).map((each) => [each.personId, each]));
  // Nobody records their own training; the steward works in no phase.
  for (const { id } of everyone.filter((each) => each.id !== steward.id)) {
    const held = new Set(people.get(id)?.trainings.map(({ courseId }) => courseId));
    for (const courseId of courses) {
      if (!held.has(courseId)) await steward.post(`/v1/people/${id}/trainings`, { courseId, completedAt: at(now - 30 * DAY_MS), validUntil: at(now + 335 * DAY_MS) });
    }
  }
};

/** Equipment, released lots and trained people that one master batch record needs, registered through the ordinary interface. */
export const prepareHospital = async (content: MasterBatchRecordContent, staff: HospitalStaff, devices: HospitalDevices, now: number): Promise<void> => {
  // People first: only who is registered signs, the release of a lot too.
  await trainPeople(content, staff, now);
  await registerEquipment(content, staff, devices, now);
  await receiveMaterials(content, staff, now);
};
