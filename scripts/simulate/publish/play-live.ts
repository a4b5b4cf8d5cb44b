import { MINUTES_AN_HOUR } from '../../../models/twin/culture/culture.ts';
import { commanded, reportedAt, type LiveBatch } from '../../../models/twin/site/live-batch.ts';
import type { EdgeGateway } from '../../client/edge-gateway.ts';

export type Command = Readonly<{ name: string; value: number }>;
export type LivePorts = Readonly<{
  gateway: Pick<EdgeGateway, 'data' | 'report'>;
  /** Commands that came since they were last asked for. */
  takeCommands(): readonly Command[];
  /** Milliseconds that pass steadily. */
  elapsedMs(): number;
  /** Resolves after so long, or as soon as the signal is aborted. */
  sleep(ms: number): Promise<void>;
  tell(text: string): void;
  onMinute(minute: number, live: LiveBatch): void;
  signal: AbortSignal;
}>;
/** `startEpochMs`: time of the samples of minute 0. `scale`: minutes of culture in a minute, 0 for as fast as it is taken. `sensorCount`: of the catalogue. */
export type LiveSettings = Readonly<{ startEpochMs: number; scale: number; sensorCount: number }>;

const MINUTE_MS = 60_000;
/** Messages sent and not yet acknowledged; AWS IoT Core allows a client 100. */
const IN_FLIGHT = 50;
/** How often commands are looked for while nothing is due. */
const LONGEST_SLEEP_MS = 200;
const SECOND_MS = 1000;

/** Messages on their way, never more than IN_FLIGHT; a failure of one is thrown by whoever waits next. */
export const createWindow = (limit = IN_FLIGHT) => {
  const open = new Set<Promise<void>>();
  let failure: Readonly<{ error: unknown }> | undefined;
  const check = (): void => { if (failure !== undefined) throw failure.error; };
  return {
    async add(message: Promise<void>): Promise<void> {
      const settled: Promise<void> = message.catch((error: unknown) => { failure ??= { error }; }).finally(() => { open.delete(settled); });
      open.add(settled);
      while (open.size >= limit) await Promise.race(open);
      check();
    },
    async drain(): Promise<void> {
      await Promise.all(open);
      check();
    },
  };
};

/**
 * Play one batch to its harvest, a message a minute of culture. Commanded set-points act from the next minute on and are reported back at once; a command that can not be done is told, and the set-points that hold are reported.
 *
 * @returns the last minute played, and the batch as it went
 */
export const playLive = async (first: LiveBatch, { startEpochMs, scale, sensorCount }: LiveSettings, ports: LivePorts): Promise<Readonly<{ minute: number; live: LiveBatch }>> => {
  const { gateway, tell } = ports;
  const isStopped = (): boolean => ports.signal.aborted;
  const window = createWindow();
  const beganMs = ports.elapsedMs();
  let [live, minute, answers] = [first, 0, 0];
  const obey = async (): Promise<void> => {
    for (const { name, value } of ports.takeCommands()) {
      try {
        live = commanded(live, name, value, minute);
        tell(`hour ${(minute / MINUTES_AN_HOUR).toFixed(2)}: ${name} is now ${value}`);
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        tell(`hour ${(minute / MINUTES_AN_HOUR).toFixed(2)}: refused: ${error.message}`);
      }
      // Between the last row and the next, each answer at a second of its own.
      answers = Math.min(answers + 1, 59);
      await window.add(gateway.report(live.setPoints, startEpochMs + (minute - 1) * MINUTE_MS + answers * SECOND_MS));
    }
  };
  for (; minute <= live.lastMinute && !isStopped(); minute += 1, answers = 0) {
    const dueMs = scale === 0 ? 0 : beganMs + (minute * MINUTE_MS) / scale;
    await obey();
    for (let left = dueMs - ports.elapsedMs(); left > 0 && !isStopped(); left = dueMs - ports.elapsedMs()) {
      await ports.sleep(Math.min(left, LONGEST_SLEEP_MS));
      await obey();
    }
    if (isStopped() || minute > live.lastMinute) break;
    const atEpochMs = startEpochMs + minute * MINUTE_MS;
    await window.add(gateway.data([{ atEpochMs, values: reportedAt(live, sensorCount, minute) }]));
    ports.onMinute(minute, live);
  }
  await window.drain();
  return { minute: Math.max(0, minute - 1), live };
};
