import { DomainError } from '../errors.ts';
import type { Recorded } from '../record/envelope.ts';
import { requireDone } from './done-at.ts';

type Device = Readonly<{ edgeNodeId: string; deviceId: string }>;
export type EquipmentEvent =
  | Readonly<{ type: 'equipment-registered'; equipmentId: string; equipmentClassId: string; title: string; calibrationDueAt?: string; device?: Device }>
  | Readonly<{ type: 'equipment-calibrated'; calibratedAt: string; dueAt: string; certificateReference: string }>;

/** `device` is the Sparkplug device that publishes its telemetry. No due date: the class needs no calibration. `calibratedAt` is of the calibration that says the due date; absent while the registration does. */
export type Equipment = Readonly<{ equipmentId: string; equipmentClassId: string; title: string; calibrationDueAt?: string; calibratedAt?: string; registeredAt?: string; device?: Device }>;

/**
 * The latest calibration counts, in whatever order they are entered: one of long ago stands in the record and sets no due date back. A registration says no calibration date; what was calibrated before it
 * counts where it sets the due date on.
 */
const counts = ({ calibratedAt, registeredAt = '', calibrationDueAt }: Equipment, next: Readonly<{ calibratedAt: string; dueAt: string }>): boolean => {
  if (calibratedAt !== undefined) return Date.parse(next.calibratedAt) >= Date.parse(calibratedAt);
  return calibrationDueAt === undefined || Date.parse(next.dueAt) >= Date.parse(calibrationDueAt) || Date.parse(next.calibratedAt) >= Date.parse(registeredAt);
};

export const evolveEquipment = (equipment: Equipment | undefined, { event, recordedAt, stream }: Recorded<EquipmentEvent>): Equipment => {
  if (event.type === 'equipment-registered') {
    const { type: _, ...registered } = event;
    return { ...registered, registeredAt: recordedAt };
  }
  if (equipment === undefined) throw new DomainError('record-corrupt', `equipment ${stream.id} does not begin with its registration`, { id: stream.id });
  return counts(equipment, event) ? { ...equipment, calibrationDueAt: event.dueAt, calibratedAt: event.calibratedAt } : equipment;
};

/** @throws DomainError `register-entry-exists` */
export const registerEquipment = (existing: Equipment | undefined, input: Equipment): readonly EquipmentEvent[] => {
  if (existing !== undefined) throw new DomainError('register-entry-exists', `equipment ${input.equipmentId} is registered already`, { equipmentId: input.equipmentId });
  return [{ type: 'equipment-registered', ...input }];
};

type Calibration = Omit<Extract<EquipmentEvent, { type: 'equipment-calibrated' }>, 'type'>;

/** @throws DomainError `equipment-not-found`, `request-malformed` when the calibration is yet to come, or the next date is not after it */
export const recordCalibration = (equipment: Equipment | undefined, equipmentId: string, input: Calibration, nowEpochMs: number): readonly EquipmentEvent[] => {
  if (equipment === undefined) throw new DomainError('equipment-not-found', `no equipment ${equipmentId}`, { equipmentId });
  requireDone('calibratedAt', input.calibratedAt, nowEpochMs);
  if (Date.parse(input.dueAt) <= Date.parse(input.calibratedAt)) throw new DomainError('request-malformed', `dueAt ${input.dueAt}: want a time after calibratedAt ${input.calibratedAt}`, { paths: ['body.dueAt'] });
  return [{ type: 'equipment-calibrated', ...input }];
};
