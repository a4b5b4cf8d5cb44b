import { setTimeout as sleep } from 'node:timers/promises';
import { drawBatch } from '../../../models/twin/draw/batch.ts';
import { liveBatch, reportedNames } from '../../../models/twin/site/live-batch.ts';
import { EdgeGateway } from '../../client/edge-gateway.ts';
import { UsageError } from '../../run-script.ts';
import { createProgress } from '../progress.ts';
import { readWorld } from '../worlds.ts';
import { connectionOf } from './connection.ts';
import type { PublishOptions } from './options.ts';
import { playLive, type Command } from './play-live.ts';

const [MINUTE_MS, HOUR_MS, DAY_MS] = [60_000, 3_600_000, 86_400_000] as const;
/** A node takes no sample that was taken further back than 30 days, or ahead of now. */
const MOST_DAYS_BACK = 29;
const BIRTHS = 256;

/**
 * Time at which the samples of hour 0 are said to be taken. Faster than real time, the culture is dated back so that its last minute is played when it has come; nothing is dated ahead. Messages carry the time at which they are sent.
 *
 * @throws UsageError when the first or the last sample would be too far from now for a node to take it
 */
export const startOfPlay = ({ scale, batches, fromEpochMs }: Pick<PublishOptions, 'scale' | 'batches' | 'fromEpochMs'>, harvestHour: number, nowEpochMs: number): number => {
  const cultureMs = batches * harvestHour * HOUR_MS;
  const playedMs = scale === 0 ? 0 : cultureMs / scale;
  const start = fromEpochMs ?? nowEpochMs - Math.max(0, cultureMs - playedMs);
  const [back, ahead] = [(nowEpochMs - start) / DAY_MS, (start + cultureMs - nowEpochMs - playedMs) / DAY_MS];
  if (back > MOST_DAYS_BACK || ahead > 0) {
    throw new UsageError(`${fromEpochMs === undefined ? '--batches' : '--from'}: samples would be dated ${back > MOST_DAYS_BACK ? `${Math.round(back)} days back` : `${ahead.toFixed(1)} days ahead`}, want at most ${MOST_DAYS_BACK} days back and none ahead; play fewer batches, slower, or from another time`);
  }
  return start;
};

const createTell = (): ((text: string) => void) => (text) => { process.stderr.write(`${process.stderr.isTTY ? '\r\u001b[K' : ''}${text}\n`); };

/** Aborts at Ctrl-C, SIGTERM, or a lost connection, which it remembers. */
const createEnd = () => {
  const controller = new AbortController();
  const stop = (): void => { controller.abort(); };
  process.once('SIGINT', stop).once('SIGTERM', stop);
  let isLost = false;
  return {
    signal: controller.signal, isStopped: (): boolean => controller.signal.aborted, onLost: (): void => { isLost = true; stop(); }, isLost: (): boolean => isLost,
    release: (): void => { process.removeListener('SIGINT', stop).removeListener('SIGTERM', stop); },
  };
};

const sleepUntil = (signal: AbortSignal) => (ms: number): Promise<void> => sleep(ms, undefined, { signal }).catch(() => undefined);

type Playing = Readonly<{ gateway: EdgeGateway; commands: Command[]; end: ReturnType<typeof createEnd>; tell: (text: string) => void }>;

/** One batch after the other on one device. @returns minutes played of all */
const playBatches = async (options: PublishOptions, startEpochMs: number, { gateway, commands, end, tell }: Playing): Promise<number> => {
  const { scale, sensorCount, batches, seed } = options;
  const world = readWorld(options.world);
  let played = 0;
  for (let index = 0; index < batches && !end.isStopped(); index += 1) {
    const first = liveBatch(world, drawBatch(world, seed, index));
    const progress = createProgress(`batch ${index + 1} of ${batches}, minutes`, first.lastMinute);
    const batchStartMs = startEpochMs + played * MINUTE_MS;
    await gateway.birth();
    const { minute } = await playLive(first, { startEpochMs: batchStartMs, scale, sensorCount }, {
      gateway, takeCommands: () => commands.splice(0), elapsedMs: () => performance.now(), sleep: sleepUntil(end.signal), tell, signal: end.signal, onMinute: progress,
    });
    played += minute + 1;
    tell(`batch ${index + 1} of ${batches}: ${end.isStopped() ? 'left' : 'harvested'} at hour ${(minute / 60).toFixed(1)}`);
  }
  return played;
};

/** `--publish`: a bioreactor of the twin as a Sparkplug B device of a node, over mutual TLS, until its batches are harvested or someone stops it. */
export const publish = async (options: PublishOptions): Promise<void> => {
  const { node, gateway: edgeNodeId, device: deviceId, sensorCount } = options;
  const { harvestHour } = readWorld(options.world).recipe;
  const startEpochMs = startOfPlay(options, harvestHour, Date.now());
  const connection = await connectionOf(options);
  const [end, tell, commands]: [ReturnType<typeof createEnd>, (text: string) => void, Command[]] = [createEnd(), createTell(), []];
  const gateway = await EdgeGateway.connect({
    ...connection, groupId: node, edgeNodeId, deviceId, metricNames: reportedNames(sensorCount), now: Date.now, bdSeq: Math.floor(Date.now() / 1000) % BIRTHS,
    onCommand: (name, value) => { commands.push({ name, value }); }, onLost: end.onLost,
  });
  tell(`connected to ${connection.host}:${connection.port} as ${edgeNodeId}; device ${deviceId}, ${sensorCount} sensors, hour 0 at ${new Date(startEpochMs).toISOString()}; Ctrl-C ends it`);
  try {
    const played = await Promise.race([playBatches(options, startEpochMs, { gateway, commands, end, tell }), new Promise<number>((resolve) => { end.signal.addEventListener('abort', () => { if (end.isLost()) resolve(-1); }); })]);
    if (end.isLost()) throw new Error(`the connection to ${connection.host}:${connection.port} was lost: is ${edgeNodeId} connected twice, or its certificate revoked?`);
    process.stdout.write(`published ${played} minutes to ${node} as ${edgeNodeId}/${deviceId}${end.isStopped() ? ', stopped' : ''}\n`);
  } finally {
    end.release();
    if (!end.isLost()) await gateway.die();
  }
};
