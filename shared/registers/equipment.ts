import { DomainError } from '../errors.ts';
import type { Recorded } from '../record/envelope.ts';

type Device = Readonly<{ edgeNodeId: string; deviceId: string }>;
export type EquipmentEvent =
  | Readonly<{ type: 'equipment-registered'; equipmentId: string; equipmentClassId: string; title: string; calibrationDueAt?: string; device?: Device }>
  | Readonly<{ type: 'equipment-calibrated'; calibratedAt: string; dueAt: string; certificateReference: string }>;

/** `device` is the Sparkplug device that publishes its telemetry. No due date: the class needs no calibration. */
export type Equipment = Readonly<{ equipmentId: string; equipmentClassId: string; title: string; calibrationDueAt?: string; device?: Device }>;

export const evolveEquipment = (equipment: Equipment | undefined, { event, stream }: Recorded<EquipmentEvent>): Equipment => {
  if (event.type === 'equipment-registered') {
    const { type: _, ...registered } = event;
    return registered;
  }
  if (equipment === undefined) throw new DomainError('record-corrupt', `equipment ${stream.id} does not begin with its registration`, { id: stream.id });
  return { ...equipment, calibrationDueAt: event.dueAt };
};

/** @throws DomainError `register-entry-exists` */
export const registerEquipment = (existing: Equipment | undefined, input: Equipment): readonly EquipmentEvent[] => {
  if (existing !== undefined) throw new DomainError('register-entry-exists', `equipment ${input.equipmentId} is registered already`, { equipmentId: input.equipmentId });
  return [{ type: 'equipment-registered', ...input }];
};

/** @throws DomainError `equipment-not-found`, `request-malformed` when the next date is not after the calibration */
export const recordCalibration = (equipment: Equipment | undefined, equipmentId: string, input: Omit<Extract<EquipmentEvent, { type: 'equipment-calibrated' }>, 'type'>): readonly EquipmentEvent[] => {
  if (equipment === undefined) throw new DomainError('equipment-not-found', `no equipment ${equipmentId}`, { equipmentId });
  if (Date.parse(input.dueAt) <= Date.parse(input.calibratedAt)) throw new DomainError('request-malformed', `dueAt ${input.dueAt}: want a time after calibratedAt ${input.calibratedAt}`, { paths: ['body.dueAt'] });
  return [{ type: 'equipment-calibrated', ...input }];
};
