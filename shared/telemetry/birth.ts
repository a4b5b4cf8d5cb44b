import { FIELD, type Metric } from './metric.ts';
import type { Received } from './received.ts';

/** What a birth certificate says of its metrics: name, alias (decimal, as text; empty when it has none), data type. */
export type BirthTable = readonly (readonly [name: string, alias: string, datatype: number])[];
export type Birth = Readonly<{ edgeNodeId: string; deviceId: string | undefined; timestampEpochMs: number; bdSeq: number | undefined; table: BirthTable }>;

/** Session number of an edge node: the metric that ties NBIRTH to its will. */
const BD_SEQ = 'bdSeq';

export const bdSeqOf = (metrics: readonly Metric[]): number | undefined => {
  const metric = metrics.find(({ name, field }) => name === BD_SEQ && (field === FIELD.long || field === FIELD.int));
  return metric === undefined ? undefined : metric.high * 2 ** 32 + metric.low;
};

/** The birth a birth message declares. */
export const birthOf = ({ address: { edgeNodeId, deviceId }, sentAtEpochMs, metrics }: Received): Birth => ({
  edgeNodeId, deviceId, timestampEpochMs: sentAtEpochMs, bdSeq: bdSeqOf(metrics),
  table: metrics.flatMap(({ name, alias, datatype }) => (name === undefined ? [] : [[name, alias ?? '', datatype] as const])),
});

/** Two births of one millisecond: the same one is taken whichever came first. */
export const isPreferred = (candidate: Birth, held: Birth): boolean => JSON.stringify([candidate.bdSeq ?? -1, candidate.table]) < JSON.stringify([held.bdSeq ?? -1, held.table]);

export type Entry = Readonly<{ name: string; datatype: number }>;
export type Session = Readonly<{ birth: Birth; byAlias: ReadonlyMap<string, Entry>; byName: ReadonlyMap<string, Entry> }>;

const sessionOf = (birth: Birth): Session => {
  const entries = birth.table.map(([name, alias, datatype]): readonly [string, Entry] => [alias, { name, datatype }]);
  return { birth, byAlias: new Map(entries.filter(([alias]) => alias !== '')), byName: new Map(entries.map(([, entry]) => [entry.name, entry])) };
};

/** Whether some alias means something else in the second table, or nothing. */
export const isConflict = (held: BirthTable, late: BirthTable): boolean => {
  const meaning = new Map(late.filter(([, alias]) => alias !== '').map(([name, alias, datatype]) => [alias, `${datatype} ${name}`]));
  return held.some(([name, alias, datatype]) => alias !== '' && meaning.get(alias) !== `${datatype} ${name}`);
};

/** A device's birth follows its edge node's; clocks of one gateway may differ by this much. */
const BIRTH_ORDER_TOLERANCE_MS = 2_000;

/**
 * The births of one edge node and its devices. A metric is looked up in the latest birth at or before its message, so the answer depends on the set of births
 * and not on when they came. A device's birth older than its edge node's latest is of an earlier session and names nothing: its aliases may mean something else now.
 *
 * @see Sparkplug 3.0, 6.4.7 (aliases), tck-id-payloads-alias-data-cmd-requirement, tck-id-payloads-dbirth-order
 */
export class BirthBook {
  readonly #sessions = new Map<string, Session[]>();

  constructor(births: Iterable<Birth> = []) {
    for (const birth of births) this.add(birth);
  }

  add(birth: Birth): void {
    const sessions = this.#sessions.get(birth.deviceId ?? '') ?? [];
    this.#sessions.set(birth.deviceId ?? '', sessions);
    const at = sessions.findIndex((session) => session.birth.timestampEpochMs === birth.timestampEpochMs);
    const held = sessions[at];
    if (held === undefined) sessions.push(sessionOf(birth));
    else if (isPreferred(birth, held.birth)) sessions[at] = sessionOf(birth);
    sessions.sort((a, b) => a.birth.timestampEpochMs - b.birth.timestampEpochMs);
  }

  #latest(deviceId: string, timestampEpochMs: number): Session | undefined {
    return this.#sessions.get(deviceId)?.findLast(({ birth }) => birth.timestampEpochMs <= timestampEpochMs);
  }

  /** The session a message of this time belongs to, or undefined when no birth of it is known. */
  sessionAt(deviceId: string | undefined, timestampEpochMs: number): Session | undefined {
    const own = this.#latest(deviceId ?? '', timestampEpochMs);
    const ofNode = this.#latest('', timestampEpochMs);
    if (own === undefined || ofNode === undefined) return own;
    return own.birth.timestampEpochMs + BIRTH_ORDER_TOLERANCE_MS < ofNode.birth.timestampEpochMs ? undefined : own;
  }

  /** Aliases that any birth of a device gives a metric. */
  aliasesOf(deviceId: string | undefined, metric: string): ReadonlySet<string> {
    const tables = (this.#sessions.get(deviceId ?? '') ?? []).map(({ birth }) => birth.table);
    return new Set(tables.flatMap((table) => table.flatMap(([name, alias]) => (name === metric && alias !== '' ? [alias] : []))));
  }

  /** The session before a birth, and the first one after it. */
  neighbours({ deviceId, timestampEpochMs }: Birth): Readonly<{ before: Birth | undefined; after: Birth | undefined }> {
    const sessions = this.#sessions.get(deviceId ?? '') ?? [];
    return {
      before: sessions.findLast(({ birth }) => birth.timestampEpochMs < timestampEpochMs)?.birth,
      after: sessions.find(({ birth }) => birth.timestampEpochMs > timestampEpochMs)?.birth,
    };
  }
}

const entryOf = (name: string | undefined, alias: string | undefined, session: Session | undefined): Entry | undefined => {
  if (session === undefined) return undefined;
  return name === undefined ? session.byAlias.get(alias ?? '') : session.byName.get(name);
};

/** What a metric or column is called by its own name or in a session. @returns undefined when nobody can say */
export const resolve = ({ name, alias, datatype }: Readonly<{ name: string | undefined; alias: string | undefined; datatype: number }>, session: Session | undefined): Entry | undefined => {
  const entry = entryOf(name, alias, session);
  if (name === undefined && entry === undefined) return undefined;
  return { name: name ?? entry?.name ?? '', datatype: datatype === 0 ? entry?.datatype ?? 0 : datatype };
};

/** Why a message's metrics can not be named by these births, if they can not. */
export const namingFault = ({ address, sentAtEpochMs, metrics }: Received, births: BirthBook): 'birth-missing' | 'alias-unknown' | undefined => {
  if (!address.messageType.endsWith('DATA')) return undefined;
  const session = births.sessionAt(address.deviceId, sentAtEpochMs);
  if (session === undefined) return 'birth-missing';
  return metrics.every((metric) => resolve(metric, session) !== undefined) ? undefined : 'alias-unknown';
};
