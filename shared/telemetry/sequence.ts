import { createHash } from 'node:crypto';
import { closeMarks, type Mark } from './mark.ts';
import { SEQUENCE_MODULUS } from './message.ts';

/**
 * How a gap was found: a number missing in the sequence; a time offline; a session begun anew, before which any number of messages may be lost; no good sample of a critical parameter for too long; samples that a birth which came late names otherwise, or none names.
 */
export type GapCause = 'sequence' | 'offline' | 'rebirth' | 'unmeasured' | 'session-conflict';

/** Telemetry that was sent and did not arrive, or was not sent. Without a device it concerns every device of the edge node: whose message was lost, nobody can say. */
export type Gap = Readonly<{
  gapId: string; edgeNodeId: string; deviceId: string | undefined; fromEpochMs: number; toEpochMs: number; lostMessages: number; cause: GapCause;
  /** Of those that were not measured, where it is not the whole device. */
  metrics?: readonly string[];
}>;

/** Where an edge node's numbering stands after some message; the `before` of the messages that follow. */
export type SequenceState = Readonly<{
  timeEpochMs: number;
  seq?: number | undefined;
  /** Session of the last NBIRTH. */
  bdSeq?: number | undefined;
  /** Set between NDEATH and the next sign of life. */
  deadSinceEpochMs?: number | undefined;
  /** Devices between DDEATH and the next sign of life, with the time of death. */
  deadDevices: Readonly<Record<string, number>>;
  /** Of those, whose death was heard and not what came before it, so that they may have been dead for longer; the edge node itself as {@link EDGE_NODE}. */
  unsureDeaths?: readonly string[];
}>;

/** No device has this name. */
const EDGE_NODE = '';

/** That there were messages before, which are not known yet: they will be, and what hangs on them is found then. */
export const YET_UNKNOWN = 'yet-unknown';

/** A message may be numbered this far behind one sent up to this much before it: its sender's clock was set back a little. */
const REORDERED_MESSAGES = 32;
const REORDERED_MS = 1_000;

/** A gap under the name its content gives it, so that finding it again is finding the same. */
export const gapOf = (gap: Omit<Gap, 'gapId'>): Gap => {
  const what = [gap.edgeNodeId, gap.deviceId ?? '', gap.fromEpochMs, gap.toEpochMs, gap.lostMessages, gap.cause, ...gap.metrics ?? []].join('|');
  return { ...gap, gapId: `GAP-${createHash('sha256').update(what).digest('hex').slice(0, 16)}` };
};

type Numbered = Readonly<{ index: number; timeEpochMs: number }>;

/** Numbers of one session, unwound: 255 is followed by 256. */
class Session {
  readonly #numbered: Numbered[] = [];
  readonly #taken = new Set<number>();
  #highest: Numbered | undefined;

  add(timeEpochMs: number, seq: number): void {
    const index = this.#indexOf(timeEpochMs, seq);
    const numbered = { index, timeEpochMs };
    this.#numbered.push(numbered);
    this.#taken.add(index);
    if (this.#highest === undefined || index > this.#highest.index) this.#highest = numbered;
  }

  #indexOf(timeEpochMs: number, seq: number): number {
    if (this.#highest === undefined) return seq;
    const ahead = (seq - this.#highest.index % SEQUENCE_MODULUS + SEQUENCE_MODULUS) % SEQUENCE_MODULUS;
    const behind = this.#highest.index - (SEQUENCE_MODULUS - ahead);
    const isReordered = ahead >= SEQUENCE_MODULUS - REORDERED_MESSAGES && timeEpochMs - this.#highest.timeEpochMs <= REORDERED_MS && behind >= 0 && !this.#taken.has(behind);
    if (isReordered) return behind;
    return this.#highest.index + (ahead === 0 ? SEQUENCE_MODULUS : ahead);
  }

  get lastSeq(): number | undefined {
    return this.#highest === undefined ? undefined : this.#highest.index % SEQUENCE_MODULUS;
  }

  gaps(edgeNodeId: string): readonly Gap[] {
    const ordered = this.#numbered.toSorted((a, b) => a.index - b.index);
    return ordered.flatMap((after, i) => {
      const before = ordered[i - 1];
      if (before === undefined || after.index - before.index <= 1) return [];
      const [fromEpochMs, toEpochMs] = [Math.min(before.timeEpochMs, after.timeEpochMs), Math.max(before.timeEpochMs, after.timeEpochMs)];
      return gapOf({ edgeNodeId, deviceId: undefined, fromEpochMs, toEpochMs, lostMessages: after.index - before.index - 1, cause: 'sequence' });
    });
  }
}

/** Goes through an edge node's messages in the order of their times. */
class SequenceFold {
  readonly #edgeNodeId: string;
  readonly #gaps: Gap[] = [];
  readonly #deadDevices: Map<string, number>;
  readonly #unsure: Set<string>;
  /** Of whom something is known: they lived, or since when they do not. */
  readonly #known = new Set<string>();
  readonly #isBeforeUnknown: boolean;
  #session = new Session();
  #timeEpochMs: number | undefined;
  #bdSeq: number | undefined;
  #deadSince: number | undefined;

  constructor(edgeNodeId: string, start: SequenceState | typeof YET_UNKNOWN | undefined) {
    const before = start === YET_UNKNOWN ? undefined : start;
    this.#edgeNodeId = edgeNodeId;
    this.#isBeforeUnknown = start === YET_UNKNOWN;
    this.#unsure = new Set(before?.unsureDeaths ?? []);
    this.#timeEpochMs = before?.timeEpochMs;
    this.#bdSeq = before?.bdSeq;
    this.#deadSince = before?.deadSinceEpochMs;
    this.#deadDevices = new Map(Object.entries(before?.deadDevices ?? {}));
    if (before?.seq !== undefined) this.#session.add(before.timeEpochMs, before.seq);
  }

  /** Dead since now, or since a time that is not known yet. */
  #dies(who: string): void {
    if (this.#isBeforeUnknown && !this.#known.has(who)) this.#unsure.add(who);
  }

  /** Offline until now: a gap, if it is known since when. */
  #offline(deviceId: string | undefined, fromEpochMs: number, toEpochMs: number): void {
    if (this.#unsure.delete(deviceId ?? EDGE_NODE)) return;
    this.#gaps.push(gapOf({ edgeNodeId: this.#edgeNodeId, deviceId, fromEpochMs, toEpochMs, lostMessages: 0, cause: 'offline' }));
  }

  /** Numbers begin again, and nobody can tell how many came after the last one heard: also when it was Bedside that asked for the birth, because something was lost. */
  #begin({ timeEpochMs, bdSeq }: Mark): void {
    const fromEpochMs = this.#timeEpochMs;
    if (this.#deadSince === undefined && fromEpochMs !== undefined && fromEpochMs < timeEpochMs) {
      // Another session whose predecessor's death was not heard of, or the same one again.
      const isReconnect = bdSeq !== undefined && this.#bdSeq !== undefined && bdSeq !== this.#bdSeq;
      this.#gaps.push(gapOf({ edgeNodeId: this.#edgeNodeId, deviceId: undefined, fromEpochMs, toEpochMs: timeEpochMs, lostMessages: 0, cause: isReconnect ? 'offline' : 'rebirth' }));
    }
    this.#closeSession();
    this.#bdSeq = bdSeq;
  }

  #closeSession(): void {
    this.#gaps.push(...this.#session.gaps(this.#edgeNodeId));
    this.#session = new Session();
  }

  /** A will of an earlier session, sent late, ends nothing. */
  #end({ timeEpochMs, bdSeq }: Mark): void {
    const isOfThisSession = bdSeq === undefined || this.#bdSeq === undefined || bdSeq === this.#bdSeq;
    if (!isOfThisSession || this.#deadSince !== undefined) return;
    this.#deadSince = timeEpochMs;
    this.#dies(EDGE_NODE);
  }

  #live(mark: Mark): void {
    const { timeEpochMs, type, seq, deviceId } = mark;
    if (type === 'NBIRTH') this.#begin(mark);
    if (this.#deadSince !== undefined) {
      this.#offline(undefined, this.#deadSince, timeEpochMs);
      if (type !== 'NBIRTH') this.#closeSession();
      this.#deadSince = undefined;
    }
    this.#known.add(EDGE_NODE);
    if (deviceId !== undefined) this.#device(deviceId, mark);
    if (seq !== undefined) this.#session.add(timeEpochMs, seq);
  }

  #device(deviceId: string, { type, timeEpochMs }: Mark): void {
    const diedAt = this.#deadDevices.get(deviceId);
    if (type === 'DDEATH' && diedAt === undefined) {
      this.#deadDevices.set(deviceId, timeEpochMs);
      this.#dies(deviceId);
    } else if (type !== 'DDEATH' && diedAt !== undefined) {
      this.#offline(deviceId, diedAt, timeEpochMs);
      this.#deadDevices.delete(deviceId);
    }
    this.#known.add(deviceId);
  }

  add(mark: Mark): void {
    if (mark.type === 'NDEATH') this.#end(mark);
    else this.#live(mark);
    this.#timeEpochMs = Math.max(mark.timeEpochMs, this.#timeEpochMs ?? 0);
  }

  finish(): Readonly<{ gaps: readonly Gap[]; after: SequenceState | undefined }> {
    const gaps = [...this.#gaps, ...this.#session.gaps(this.#edgeNodeId)].sort((a, b) => a.fromEpochMs - b.fromEpochMs || (a.gapId < b.gapId ? -1 : 1));
    if (this.#timeEpochMs === undefined) return { gaps, after: undefined };
    const deadDevices = Object.fromEntries([...this.#deadDevices].sort(([a], [b]) => (a < b ? -1 : 1)));
    return { gaps, after: { timeEpochMs: this.#timeEpochMs, seq: this.#session.lastSeq, bdSeq: this.#bdSeq, deadSinceEpochMs: this.#deadSince, deadDevices, ...(this.#unsure.size > 0 && { unsureDeaths: [...this.#unsure].sort() }) } };
  }
}

/**
 * Gaps of one edge node within a set of its messages, and against the state before them. A function of the set: order and duplicates do not matter. A loss of an exact
 * multiple of 256 messages can not be seen in `seq`; it shows as a hole in the samples. What was lost just before a rebirth can not either: each rebirth is a gap from the last message to it.
 *
 * @param marks  of the edge node and its devices, none before `before`
 * @param before where the numbering stood; none when nothing came before
 * @returns gaps in time order, and the state after, to be `before` of the next set
 * @see Sparkplug 3.0, tck-id-payloads-sequence-num-incrementing, tck-id-payloads-ndeath-bdseq
 */
export const findGaps = (edgeNodeId: string, marks: readonly Mark[], before: SequenceState | typeof YET_UNKNOWN | undefined): Readonly<{ gaps: readonly Gap[]; after: SequenceState | undefined }> => {
  const fold = new SequenceFold(edgeNodeId, before);
  for (const mark of closeMarks(marks)) fold.add(mark);
  return fold.finish();
};
