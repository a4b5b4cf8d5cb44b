import { createHospital } from './hospital.ts';
import { MINUTE } from './sparkplug-writer.ts';

export type Hospital = ReturnType<typeof createHospital>;
export const LATER = MINUTE + 10 * 60_000;
export const sealedAt = async (hospital: Hospital, epochMs: number) => {
  hospital.time.epochMs = Math.max(hospital.time.epochMs, epochMs);
  return hospital.seal();
};
export const readTemperature = ({ reader }: Hospital, fromEpochMs = 0, toEpochMs = Infinity) => reader.series([{ edgeNodeId: 'gateway-1', deviceId: 'bioreactor-1', fromEpochMs, toEpochMs }], ['Temperature']).then(([series]) => series!);
