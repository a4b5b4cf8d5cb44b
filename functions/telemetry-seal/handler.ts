import { MINUTE_MS, OPEN_PREFIX, hourOf, minuteOfSegment } from '../../shared/telemetry/minute.ts';
import { task } from '../_platform/batch.ts';
import { logger } from '../_platform/log.ts';
import { endOpenOffline } from './offline.ts';
import { closeTelemetry, nameChunks } from './name-chunks.ts';
import { GRACE_MS, type NamingPorts, type SealPorts } from './ports.ts';
import { HourSealer, type Sealed } from './seal-hour.ts';

/** Minutes of one run; what is left over is the next run's. */
const MAXIMUM_MINUTES = 3000;

/** Segments that are old enough, by minute, oldest first. */
const dueMinutes = (keys: readonly string[], nowEpochMs: number): readonly (readonly [minuteEpochMs: number, keys: readonly string[]])[] =>
  [...Map.groupBy(keys, minuteOfSegment)].filter(([minute]) => minute + MINUTE_MS + GRACE_MS <= nowEpochMs).sort(([a], [b]) => a - b).slice(0, MAXIMUM_MINUTES);

export type SealResult = Readonly<{ minutes: number; hours: number; chunks: readonly Readonly<{ key: string; sha256: string }>[] }>;

/** An hour that can not be sealed does not hold up the others. */
const sealHours = async (ports: SealPorts, due: ReturnType<typeof dueMinutes>): Promise<Readonly<{ sealed: readonly Sealed[]; failures: Error[] }>> => {
  const sealer = new HourSealer(ports);
  const sealed: Sealed[] = [];
  const failures: Error[] = [];
  const attempt = async (what: string, run: () => Promise<Sealed>): Promise<void> => {
    try {
      sealed.push(await run());
    } catch (error) {
      failures.push(new Error(`${what} could not be sealed`, { cause: error }));
    }
  };
  for (const [hour, minutes] of Map.groupBy(due, ([minute]) => hourOf(minute))) await attempt(`hour ${new Date(hour).toISOString()}`, () => sealer.seal(minutes));
  await attempt('the last hour', () => sealer.finish());
  return { sealed, failures };
};

/**
 * Turn segments into chunks, oldest first, hour by hour, and put the chunks on the records that rely on them. Safe to run again, and beside itself. An hour that can not be sealed does not hold up the others; the run then
 * fails, so that people hear of it.
 *
 * @returns what was written, with the SHA-256 of each chunk
 */
export const seal = async (ports: SealPorts & NamingPorts): Promise<SealResult> => {
  const due = dueMinutes(await ports.objects.list(OPEN_PREFIX), ports.now().getTime());
  const { sealed, failures } = await sealHours(ports, due);
  await endOpenOffline(ports);
  failures.push(...await nameChunks(ports));
  if (failures.length > 0) throw new AggregateError(failures, `${failures.length} failure(s): ${failures.map(({ message, cause }) => `${message}: ${String(cause)}`).join('; ')}`);
  const result = { minutes: due.length, hours: sealed.reduce((sum, { hours }) => sum + hours, 0), chunks: sealed.flatMap(({ chunks }) => chunks) };
  if (due.length > 0) logger.info('sealed', { minutes: result.minutes, hours: result.hours, chunks: result.chunks.length });
  return result;
};

/** The release workflow names a batch; the schedule names none. */
export type SealInput = Readonly<{ batchId?: unknown }>;

export const createHandler = (ports: SealPorts & NamingPorts) =>
  task<SealInput, SealResult | Readonly<{ isSealed: boolean }>>(({ batchId }) => (typeof batchId === 'string' ? closeTelemetry(ports, batchId) : seal(ports)));
