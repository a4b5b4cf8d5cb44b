import { criticalParameters, type CriticalParameter } from '../../shared/batch/critical-parameters.ts';
import type { Batch, EquipmentUse } from '../../shared/batch/state.ts';
import type { Role } from '../../shared/record/envelope.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { longestSilenceMs } from '../../shared/telemetry/silence.ts';
import { recentBatches } from '../_platform/recent-batches.ts';
import type { TelemetryReader } from '../_platform/telemetry-reader.ts';
import { walk } from '../_platform/walk.ts';
import type { MonitoringPorts } from './ports.ts';

/** Of a silence: which parameter of which device, and since when at least. `isRaised` from the second look on that finds it: what is only under way when one looks is no silence. */
type Silent = Readonly<{ edgeNodeId: string; deviceId: string; metric: string; sinceEpochMs: number; isRaised: boolean }>;
type Known = Readonly<{ sk: string; silent: readonly Silent[] }>;
type Summary = Readonly<{ batchId: string; state: string; disposition?: string }>;

/** Who is near the device, who mends it, and who judges what the cells went through. */
const TOLD: readonly Role[] = ['operator', 'site-engineer', 'process-scientist'];
/** Nearly every parameter has a sample of the last minutes, so that no more is read. */
const RECENT_MS = 3 * 60_000;

const subjectOf = (batchId: string, { deviceId, metric }: Silent): string => `silence/${batchId}/${deviceId}/${metric}`;
const nameOf = ({ edgeNodeId, deviceId, metric }: Silent): string => [edgeNodeId, deviceId, metric].join('/');

/** Of these metrics those without a good sample since a time. */
const without = async (reader: TelemetryReader, device: Readonly<{ edgeNodeId: string; deviceId: string }>, wanted: readonly CriticalParameter[], fromEpochMs: number, toEpochMs: number): Promise<readonly CriticalParameter[]> => {
  if (wanted.length === 0) return [];
  const series = await reader.series([{ ...device, fromEpochMs, toEpochMs }], wanted.map(({ metric }) => metric));
  return wanted.filter((_, i) => series[i]?.values.some((value) => Number.isFinite(value)) !== true);
};

/** Critical parameters of a device in use that had no good sample for longer than the master batch record allows, while the batch had the device all that time. */
const silentOf = async (reader: TelemetryReader, batch: Batch, use: EquipmentUse, nowEpochMs: number): Promise<readonly Silent[]> => {
  const { device, from, to } = use;
  if (device === undefined || to !== undefined) return [];
  const due = criticalParameters(batch, use).filter(({ longestMs }) => nowEpochMs - Date.parse(from) > longestMs);
  const quiet = await without(reader, device, due, nowEpochMs - RECENT_MS, nowEpochMs);
  const silent: Silent[] = [];
  for (const [longestMs, same] of Map.groupBy(quiet, (each) => each.longestMs)) {
    for (const { metric } of await without(reader, device, same, nowEpochMs - longestMs, nowEpochMs)) silent.push({ ...device, metric, sinceEpochMs: nowEpochMs - longestMs, isRaised: false });
  }
  return silent;
};

const raise = async ({ operations, now }: MonitoringPorts, batch: Batch, silent: Silent): Promise<void> => {
  const { deviceId, metric } = silent;
  const { title, ...parameter } = batch.recipe.content.parameters.find((each) => each.metric === metric) ?? { title: metric };
  const subject = subjectOf(batch.batchId, silent);
  for (const role of TOLD) {
    await operations.put(keyOf.work(role, subject), {
      subject, kind: 'parameter-silent', title: `${title} is not measured: ${batch.batchId}`, raisedAt: now().toISOString(),
      detail: `no good sample of ${metric} from ${deviceId} for more than ${longestSilenceMs(parameter) / 60_000} min. Look at the sensor, the device and its gateway; the batch can not be released before somebody has assessed the gap`,
    });
  }
};

const settle = async ({ operations }: MonitoringPorts, batchId: string, silent: Silent): Promise<void> => {
  for (const role of TOLD) await operations.delete(keyOf.work(role, subjectOf(batchId, silent)));
};

/** A silence as the look before knew it: raised when nothing came in since it began; another one, where its samples were only late. */
const confirmed = async ({ reader, now }: MonitoringPorts, each: Silent, before: Silent | undefined): Promise<Silent> => {
  if (before === undefined || before.isRaised) return before ?? each;
  const { edgeNodeId, deviceId, metric, sinceEpochMs } = before;
  const still = await without(reader, { edgeNodeId, deviceId }, [{ metric, longestMs: 0 }], sinceEpochMs, now().getTime());
  return still.length > 0 ? { ...before, isRaised: true } : each;
};

/** Keep what is silent now; tell of what was so at the look before, once, and take back what has spoken again. */
const follow = async (ports: MonitoringPorts, batch: Batch, before: readonly Silent[], found: readonly Silent[]): Promise<void> => {
  const [known, still] = [new Map(before.map((each) => [nameOf(each), each])), new Set(found.map(nameOf))];
  const now: Silent[] = [];
  for (const each of found) now.push(await confirmed(ports, each, known.get(nameOf(each))));
  const raised = now.filter((each) => each.isRaised && known.get(nameOf(each))?.isRaised !== true);
  for (const each of raised) await raise(ports, batch, each);
  for (const each of before) if (each.isRaised && !still.has(nameOf(each))) await settle(ports, batch.batchId, each);
  if (before.length === 0 && now.length === 0) return;
  const key = keyOf.silentParameters(batch.batchId);
  await (now.length === 0 ? ports.operations.delete(key) : ports.operations.put(key, { silent: now }));
  // After it is kept: a run that breaks off before counts at the next.
  ports.count('CriticalParametersSilent', raised.length);
};

/** Those of batches that are made no more. */
const settleEnded = async (ports: MonitoringPorts, known: ReadonlyMap<string, readonly Silent[]>, running: ReadonlySet<string>): Promise<void> => {
  for (const [batchId, silent] of known) {
    if (running.has(batchId)) continue;
    for (const each of silent) await settle(ports, batchId, each);
    await ports.operations.delete(keyOf.silentParameters(batchId));
  }
};

/**
 * Tell people while a batch is made that a critical parameter is not measured: when the batch is closed the gap is put on its record (ADR 0030), and the cells are past helping. Once a silence, as work and as an alarm; taken back
 * when it is measured again, or the batch has ended.
 */
export const watchSilence = async (ports: MonitoringPorts): Promise<void> => {
  const nowEpochMs = ports.now().getTime();
  const known = new Map<string, readonly Silent[]>();
  for await (const { sk, silent } of walk<Known>(ports.operations, keyOf.silentParameters('-').pk)) known.set(sk, silent);
  const running = new Set<string>();
  for await (const { batchId, state, disposition } of recentBatches<Summary>(ports.operations, nowEpochMs)) {
    if (disposition !== undefined || (state !== 'running' && state !== 'held')) continue;
    running.add(batchId);
    const batch = (await ports.batches.load(batchId)).state?.batch;
    if (batch === undefined) continue;
    const found: Silent[] = [];
    for (const use of batch.equipment) found.push(...await silentOf(ports.reader, batch, use, nowEpochMs));
    await follow(ports, batch, known.get(batchId) ?? [], found);
  }
  await settleEnded(ports, known, running);
};
