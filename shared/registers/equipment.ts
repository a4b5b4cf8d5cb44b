import { DomainError } from '../errors.ts';
import type { Recorded } from '../record/envelope.ts';
import { requireDone } from './done-at.ts';

type Device = Readonly<{ edgeNodeId: string; deviceId: string }>;
export type EquipmentEvent =
  | Readonly<{ type: 'equipment-registered'; equipmentId: string; equipmentClassId: string; title: string; calibrationDueAt?: string; device?: Device }>
  | Readonly<{ type: 'equipment-calibrated'; calibratedAt: string; dueAt: string; certificateReference: string }>
  | Readonly<{ type: 'equipment-taken-out-of-use'; reason: string }>
  | Readonly<{ type: 'equipment-put-back-to-use'; reason: string }>;

/** `device` is the Sparkplug device that publishes its telemetry. No due date: the class needs no calibration. `calibratedAt` is of the calibration that says the due date; absent while the registration does. `outOfUse`: no batch may take it from then on; its history stays. */
export type Equipment = Readonly<{ equipmentId: string; equipmentClassId: string; title: string; calibrationDueAt?: string; calibratedAt?: string; registeredAt?: string; device?: Device; outOfUse?: Readonly<{ since: string; reason: string }> }>;

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
  if (event.type === 'equipment-taken-out-of-use') return { ...equipment, outOfUse: { since: recordedAt, reason: event.reason } };
  if (event.type === 'equipment-put-back-to-use') {
    const { outOfUse: _, ...back } = equipment;
    return back;
  }
  return counts(equipment, event) ? { ...equipment, calibrationDueAt: event.dueAt, calibratedAt: event.calibratedAt } : equipment;
};

/** @throws DomainError `register-entry-exists` */
export const registerEquipment = (existing: Equipment | undefined, input: Equipment): readonly EquipmentEvent[] => {
  if (existing !== undefined) throw new DomainError('register-entry-exists', `equipment ${input.equipmentId} is registered already`, { equipmentId: input.equipmentId });
  return [{ type: 'equipment-registered', ...input }];
};

/** @throws DomainError `equipment-not-found` */
const requireRegistered = (equipment: Equipment | undefined, equipmentId: string): Equipment => {
  if (equipment === undefined) throw new DomainError('equipment-not-found', `no equipment ${equipmentId}`, { equipmentId });
  return equipment;
};

/**
 * No batch takes it from now on, whether it broke, is under repair or is gone for good. A batch that has it keeps it until it is taken out of that batch.
 *
 * @throws DomainError `equipment-not-found`, `equipment-out-of-use` when it is out of use already
 * @see 21 CFR 211.65, 211.67 (equipment fit for its use); EU GMP Part I 3.44 (defective equipment removed or labelled)
 */
export const takeOutOfUse = (equipment: Equipment | undefined, equipmentId: string, reason: string): readonly EquipmentEvent[] => {
  const { outOfUse } = requireRegistered(equipment, equipmentId);
  if (outOfUse !== undefined) throw new DomainError('equipment-out-of-use', `equipment ${equipmentId} is out of use since ${outOfUse.since} already: ${outOfUse.reason}`, { equipmentId });
  return [{ type: 'equipment-taken-out-of-use', reason }];
};

/** Let batches take it again; its calibration must be in date as for any other. What is in use changes nothing. @throws DomainError `equipment-not-found` */
export const putBackToUse = (equipment: Equipment | undefined, equipmentId: string, reason: string): readonly EquipmentEvent[] =>
  (requireRegistered(equipment, equipmentId).outOfUse === undefined ? [] : [{ type: 'equipment-put-back-to-use', reason }]);

type Calibration = Omit<Extract<EquipmentEvent, { type: 'equipment-calibrated' }>, 'type'>;

/** @throws DomainError `equipment-not-found`, `request-malformed` when the calibration is yet to come, or the next date is not after it */
export const recordCalibration = (equipment: Equipment | undefined, equipmentId: string, input: Calibration, nowEpochMs: number): readonly EquipmentEvent[] => {
  requireRegistered(equipment, equipmentId);
  requireDone('calibratedAt', input.calibratedAt, nowEpochMs);
  if (Date.parse(input.dueAt) <= Date.parse(input.calibratedAt)) throw new DomainError('request-malformed', `dueAt ${input.dueAt}: want a time after calibratedAt ${input.calibratedAt}`, { paths: ['body.dueAt'] });
  return [{ type: 'equipment-calibrated', ...input }];
};
