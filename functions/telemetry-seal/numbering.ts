import { canonicalJson } from '../../shared/record/canonical-json.ts';
import { TABLE, keyOf } from '../../shared/storage/keys.ts';
import { openChunk } from '../../shared/telemetry/chunk.ts';
import type { Mark } from '../../shared/telemetry/mark.ts';
import { HOUR_MS, MINUTE_MS, hourOf, minuteLabel, objectKeyOf, parseMinuteLabel } from '../../shared/telemetry/minute.ts';
import { findGaps, YET_UNKNOWN, type SequenceState } from '../../shared/telemetry/sequence.ts';
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

/** Where the numbering stood before a minute, and since which. */
const lastBefore = async (ports: SealPorts, edgeNodeId: string, minuteEpochMs: number, last: Last | undefined): Promise<Last | undefined> => {
  const label = minuteLabel(minuteEpochMs);
  if (last === undefined || last.minute < label) return last;
  for (let back = 0; back <= HOURS_BACK; back += 1) {
    const held = (await minutesOfHour(ports, edgeNodeId, hourOf(minuteEpochMs) - back * HOUR_MS)).findLast(({ sk }) => sk < label);
    if (held !== undefined) return { minute: held.sk, state: held.state };
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

/** Minutes sealed after this one and before another, in order. */
const minutesBetween = async (ports: SealPorts, edgeNodeId: string, minuteEpochMs: number, untilEpochMs: number, last: Last): Promise<readonly Held[]> => {
  const [label, found]: [string, Held[]] = [minuteLabel(minuteEpochMs), []];
  const end = Math.min(untilEpochMs, parseMinuteLabel(last.minute) + MINUTE_MS, minuteEpochMs + MINUTES_AFTER * MINUTE_MS);
  for (let hour = hourOf(minuteEpochMs); hour < end; hour += HOUR_MS) found.push(...(await minutesOfHour(ports, edgeNodeId, hour)).filter(({ sk }) => sk > label && parseMinuteLabel(sk) < untilEpochMs));
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

/** A gateway's own messages of one minute, all that are known. */
export type NumberedMinute = Readonly<{ startEpochMs: number; marks: readonly Mark[] }>;

const followMinute = async (ports: SealPorts, edgeNodeId: string, { startEpochMs, marks }: NumberedMinute, { unsealedBeforeEpochMs, nextEpochMs }: Readonly<{ unsealedBeforeEpochMs: number; nextEpochMs: number }>): Promise<void> => {
  const last = await lastOf(ports, edgeNodeId);
  const before = await lastBefore(ports, edgeNodeId, startEpochMs, last);
  const isUnknown = unsealedBeforeEpochMs > -Infinity && (before === undefined || parseMinuteLabel(before.minute) < unsealedBeforeEpochMs);
  const { gaps, after } = findGaps(edgeNodeId, marks, isUnknown ? YET_UNKNOWN : before?.state);
  await recordGaps(ports, edgeNodeId, gaps);
  if (after === undefined) return;
  await keep(ports, edgeNodeId, startEpochMs, after);
  if (last !== undefined && last.minute > minuteLabel(startEpochMs)) await followAfter(ports, edgeNodeId, after, await minutesBetween(ports, edgeNodeId, startEpochMs, nextEpochMs, last));
};

/**
 * Find the gaps of one gateway's minutes, each against the minute before it, and put them on the record of every batch that has one of its devices. In whatever order minutes come, the numbering kept ends the same. What was sealed
 * after a minute is held against it when no other of these minutes lies between: of an hour that comes late, only the last one meets the hour after it.
 *
 * @param minutes               oldest first
 * @param unsealedBeforeEpochMs end of an hour that is known and could not be sealed: what stood before it says nothing of what came after, which is held against that hour once it is sealed
 */
export const followNumbering = async (ports: SealPorts, edgeNodeId: string, minutes: readonly NumberedMinute[], unsealedBeforeEpochMs = -Infinity): Promise<void> => {
  const numbered = minutes.filter(({ marks }) => marks.length > 0);
  for (const [i, minute] of numbered.entries()) await followMinute(ports, edgeNodeId, minute, { unsealedBeforeEpochMs, nextEpochMs: numbered[i + 1]?.startEpochMs ?? Infinity });
};
