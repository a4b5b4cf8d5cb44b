import { canonicalJson } from '../../shared/record/canonical-json.ts';
import { TABLE, keyOf } from '../../shared/storage/keys.ts';
import { openChunk } from '../../shared/telemetry/chunk.ts';
import type { Mark } from '../../shared/telemetry/mark.ts';
import { HOUR_MS, MINUTE_MS, hourOf, minuteLabel, objectKeyOf, parseMinuteLabel } from '../../shared/telemetry/minute.ts';
import { findGaps, type SequenceState } from '../../shared/telemetry/sequence.ts';
import { listAll, recordGaps } from './assignments.ts';
import type { SealPorts } from './ports.ts';

type Held = Readonly<{ sk: string; state: SequenceState }>;
type Last = Readonly<{ minute: string; state: SequenceState }>;

const KEPT_SECONDS = 8 * 86_400;
/** How far before a late minute the one before it is looked for. */
const HOURS_BACK = 24;
/** Minutes after a late one whose numbering is gone through again. */
const MINUTES_AFTER = 180;

const minutesOfHour = ({ operations }: SealPorts, edgeNodeId: string, hourEpochMs: number): Promise<readonly Held[]> =>
  listAll<Held>(operations, keyOf.sequence(edgeNodeId, '-').pk, { prefix: minuteLabel(hourEpochMs).slice(0, 13) });

export const lastOf = ({ operations }: Pick<SealPorts, 'operations'>, edgeNodeId: string): Promise<Last | undefined> => operations.get<Last>(keyOf.lastSequence(edgeNodeId));

/** Where the numbering stood before a minute. */
const stateBefore = async (ports: SealPorts, edgeNodeId: string, minuteEpochMs: number, last: Last | undefined): Promise<SequenceState | undefined> => {
  const label = minuteLabel(minuteEpochMs);
  if (last === undefined || last.minute < label) return last?.state;
  for (let back = 0; back <= HOURS_BACK; back += 1) {
    const held = (await minutesOfHour(ports, edgeNodeId, hourOf(minuteEpochMs) - back * HOUR_MS)).findLast(({ sk }) => sk < label);
    if (held !== undefined) return held.state;
  }
  return undefined;
};

const keep = async ({ operations, now }: SealPorts, edgeNodeId: string, minuteEpochMs: number, state: SequenceState): Promise<void> => {
  const minute = minuteLabel(minuteEpochMs);
  await operations.put(keyOf.sequence(edgeNodeId, minute), { state, [TABLE.timeToLive]: Math.floor(now().getTime() / 1000) + KEPT_SECONDS });
  const last = await lastOf({ operations }, edgeNodeId);
  if (last === undefined || last.minute <= minute) await operations.put(keyOf.lastSequence(edgeNodeId), { minute, state });
};

const marksOf = async ({ objects }: SealPorts, edgeNodeId: string, minuteEpochMs: number): Promise<readonly Mark[]> => {
  const object = await objects.get(objectKeyOf.chunk(edgeNodeId, undefined, minuteEpochMs));
  return object === undefined ? [] : openChunk(object.body).marks;
};

/** Minutes sealed after this one, in order. */
const minutesAfter = async (ports: SealPorts, edgeNodeId: string, minuteEpochMs: number, last: Last): Promise<readonly Held[]> => {
  const [label, found]: [string, Held[]] = [minuteLabel(minuteEpochMs), []];
  for (let hour = hourOf(minuteEpochMs); hour <= parseMinuteLabel(last.minute) && hour < minuteEpochMs + MINUTES_AFTER * MINUTE_MS; hour += HOUR_MS) {
    found.push(...(await minutesOfHour(ports, edgeNodeId, hour)).filter(({ sk }) => sk > label));
  }
  return found.slice(0, MINUTES_AFTER);
};

/** A late minute changes what stood before the next: go on until nothing changes. */
const followAfter = async (ports: SealPorts, edgeNodeId: string, start: SequenceState, later: readonly Held[]): Promise<void> => {
  let before = start;
  for (const { sk, state } of later) {
    const minute = parseMinuteLabel(sk);
    const { gaps, after } = findGaps(edgeNodeId, await marksOf(ports, edgeNodeId, minute), before);
    await recordGaps(ports, edgeNodeId, gaps);
    if (after === undefined || canonicalJson(after) === canonicalJson(state)) return;
    await keep(ports, edgeNodeId, minute, after);
    before = after;
  }
};

/**
 * Find the gaps of one gateway's minute, all its messages being known, against the minute before it, and put them on the record of every batch that has one of its
 * devices. In whatever order minutes come, the numbering kept ends the same.
 */
export const followNumbering = async (ports: SealPorts, edgeNodeId: string, minuteEpochMs: number, marks: readonly Mark[]): Promise<void> => {
  if (marks.length === 0) return;
  const last = await lastOf(ports, edgeNodeId);
  const { gaps, after } = findGaps(edgeNodeId, marks, await stateBefore(ports, edgeNodeId, minuteEpochMs, last));
  await recordGaps(ports, edgeNodeId, gaps);
  if (after === undefined) return;
  await keep(ports, edgeNodeId, minuteEpochMs, after);
  if (last !== undefined && last.minute > minuteLabel(minuteEpochMs)) await followAfter(ports, edgeNodeId, after, await minutesAfter(ports, edgeNodeId, minuteEpochMs, last));
};
