import type { Message, Metric } from './message.ts';

/** What a birth certificate says of its metrics: name, alias (decimal, as text; empty when it has none), data type. */
export type BirthTable = readonly (readonly [name: string, alias: string, datatype: number])[];
export type Birth = Readonly<{ edgeNodeId: string; deviceId: string | undefined; timestampEpochMs: number; bdSeq: number | undefined; table: BirthTable }>;

/** Session number of an edge node: the metric that ties NBIRTH to its will. */
const BD_SEQ = 'bdSeq';

export const bdSeqOf = ({ metrics }: Message): number | undefined => {
  const value = metrics.find(({ name }) => name === BD_SEQ)?.value;
  return typeof value === 'bigint' || typeof value === 'number' ? Number(value) : undefined;
};

export const birthOf = (message: Message, edgeNodeId: string, deviceId: string | undefined): Birth => ({
  edgeNodeId, deviceId, timestampEpochMs: message.timestampEpochMs, bdSeq: bdSeqOf(message),
  table: message.metrics.flatMap(({ name, alias, datatype }) => (name === undefined ? [] : [[name, alias?.toString() ?? '', datatype] as const])),
});

type Entry = Readonly<{ name: string; datatype: number }>;
type Session = Readonly<{ timestampEpochMs: number; byAlias: ReadonlyMap<string, Entry>; byName: ReadonlyMap<string, Entry> }>;

const sessionOf = ({ timestampEpochMs, table }: Birth): Session => {
  const entries = table.map(([name, alias, datatype]): readonly [string, Entry] => [alias, { name, datatype }]);
  return { timestampEpochMs, byAlias: new Map(entries.filter(([alias]) => alias !== '')), byName: new Map(entries.map(([, entry]) => [entry.name, entry])) };
};

export type Resolution = Readonly<{ outcome: 'known'; name: string; datatype: number }> | Readonly<{ outcome: 'birth-missing' | 'alias-unknown' }>;

/**
 * The births of one edge node and its devices. A metric is looked up in the latest birth at or before its message, so the answer depends on the set of births
 * and not on when they came.
 *
 * @see Sparkplug 3.0, 6.4.7 (aliases), tck-id-payloads-alias-data-cmd-requirement
 */
export class BirthBook {
  readonly #sessions = new Map<string, Session[]>();

  constructor(births: Iterable<Birth> = []) {
    for (const birth of births) this.add(birth);
  }

  add(birth: Birth): void {
    const key = birth.deviceId ?? '';
    const sessions = this.#sessions.get(key) ?? [];
    if (sessions.some(({ timestampEpochMs }) => timestampEpochMs === birth.timestampEpochMs)) return;
    sessions.push(sessionOf(birth));
    sessions.sort((a, b) => a.timestampEpochMs - b.timestampEpochMs);
    this.#sessions.set(key, sessions);
  }

  /** The session a message of this time belongs to, or undefined when no birth is at or before it. */
  sessionAt(deviceId: string | undefined, timestampEpochMs: number): Session | undefined {
    return this.#sessions.get(deviceId ?? '')?.findLast((session) => session.timestampEpochMs <= timestampEpochMs);
  }

  static resolve(session: Session | undefined, { name, alias, datatype }: Metric): Resolution {
    if (name !== undefined) return { outcome: 'known', name, datatype: datatype === 0 ? session?.byName.get(name)?.datatype ?? 0 : datatype };
    if (session === undefined) return { outcome: 'birth-missing' };
    const entry = alias === undefined ? undefined : session.byAlias.get(alias.toString());
    return entry === undefined ? { outcome: 'alias-unknown' } : { outcome: 'known', name: entry.name, datatype: entry.datatype };
  }
}
