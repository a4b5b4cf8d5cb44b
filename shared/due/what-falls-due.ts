import type { Equipment } from '../registers/equipment.ts';
import type { MaterialLot } from '../registers/material-lot.ts';
import type { Person } from '../registers/person.ts';
import type { Role } from '../record/envelope.ts';

export const DUE_RULE_SET_VERSION = '1.3.0';
/** How far ahead a thing is announced. */
export const DUE_HORIZON_DAYS = 30;
const DAY_MS = 86_400_000;

export type DueKind = 'calibration' | 'training' | 'lot-expiry';
export type DueItem = Readonly<{ kind: DueKind; subject: string; title: string; dueAt: string; overdue: boolean; roles: readonly Role[] }>;
export type Registers = Readonly<{ equipment: readonly Equipment[]; people: readonly Pick<Person, 'personId' | 'printedName' | 'roles' | 'standing' | 'trainingValidUntil'>[]; lots: readonly MaterialLot[] }>;

const isNear = (dueAt: string, nowEpochMs: number): boolean => Date.parse(dueAt) <= nowEpochMs + DUE_HORIZON_DAYS * DAY_MS;
/** Whether somebody might still reach for it. What expired long ago is refused at the point of work all the same; the lot of each patient ever treated would be due for ever. */
const isAtHand = ({ status, drawn, quantity, expiresAt }: MaterialLot, nowEpochMs: number): boolean =>
  status !== 'rejected' && drawn < quantity && Date.parse(expiresAt) > nowEpochMs - DUE_HORIZON_DAYS * DAY_MS;
const isOver = (dueAt: string, nowEpochMs: number): boolean => Date.parse(dueAt) <= nowEpochMs;

/**
 * What falls due within the horizon, or is overdue: calibrations, for who uses the equipment too, of none that is out of use; trainings, on the list of the person whose it is, of nobody who was revoked; lots that expire or did so within as many days, unless they were rejected or used up. In a fixed order.
 *
 * @see 21 CFR 211.68(a) (calibration at suitable intervals), 211.25(a) (continuing training), 211.137 (expiry)
 */
export const whatFallsDue = ({ equipment, people, lots }: Registers, nowEpochMs: number): readonly DueItem[] => {
  const calibrations = equipment.filter(({ outOfUse }) => outOfUse === undefined).flatMap(({ equipmentId, title, calibrationDueAt }): readonly DueItem[] => (calibrationDueAt === undefined ? [] : [
    { kind: 'calibration', subject: equipmentId, title: `Calibration of ${title}`, dueAt: calibrationDueAt, overdue: isOver(calibrationDueAt, nowEpochMs), roles: ['site-engineer', 'master-data-steward', 'operator'] }]));
  const trainings = people.filter(({ standing }) => standing !== 'revoked').flatMap(({ personId, printedName, roles, trainingValidUntil }) => Object.entries(trainingValidUntil).map(([course, until]): DueItem =>
    ({ kind: 'training', subject: `${personId}/${course}`, title: `Training ${course} of ${printedName}`, dueAt: until, overdue: isOver(until, nowEpochMs), roles: [...new Set<Role>([...roles, 'master-data-steward'])] })));
  const expiries = lots.filter((lot) => isAtHand(lot, nowEpochMs)).map(({ lotId, materialId, expiresAt }): DueItem =>
    ({ kind: 'lot-expiry', subject: lotId, title: `Lot ${lotId} of ${materialId}`, dueAt: expiresAt, overdue: isOver(expiresAt, nowEpochMs), roles: ['master-data-steward', 'quality-reviewer'] }));
  return [...calibrations, ...trainings, ...expiries].filter(({ dueAt }) => isNear(dueAt, nowEpochMs))
    .toSorted((a, b) => (a.dueAt === b.dueAt ? (a.subject < b.subject ? -1 : 1) : a.dueAt < b.dueAt ? -1 : 1));
};
