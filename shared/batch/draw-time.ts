import { DomainError } from '../errors.ts';
import type { ValueHeld } from './state.ts';

/** Between what the moment of a sample lies: the start of its phase, and the moment its result was recorded. Epoch ms, server time. */
export type DrawBounds = Readonly<{ phaseStartedAt: string; recordedAtEpochMs: number }>;

/**
 * The moment a sample was drawn, as a person or device says it, in UTC. It may lie hours before its result; a result without a sample, and a sample of another phase, are faults.
 *
 * @param drawnAt RFC 3339, with offset
 * @throws DomainError `value-draw-time-wrong` before the phase started or after the record, by the server's clock
 */
export const drawTime = (valueId: string, drawnAt: string, { phaseStartedAt, recordedAtEpochMs }: DrawBounds): string => {
  const at = Date.parse(drawnAt);
  if (!(at >= Date.parse(phaseStartedAt) && at <= recordedAtEpochMs)) {
    throw new DomainError('value-draw-time-wrong', `drawnAt of value ${valueId}: got ${drawnAt}, want a time from ${phaseStartedAt}, when its phase started, to ${new Date(recordedAtEpochMs).toISOString()}, when it was recorded`, { valueId });
  }
  return new Date(at).toISOString();
};

/** When what a value says was so: as the sample was drawn; where nobody said, as the value was first recorded. A correction does not move it. */
export const sampledAt = ({ drawnAt, firstRecordedAt }: Pick<ValueHeld, 'drawnAt' | 'firstRecordedAt'>): string => drawnAt ?? firstRecordedAt;
