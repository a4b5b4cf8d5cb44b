import { createHash } from 'node:crypto';
import type { Damage } from '../../../scripts/verify/damage.ts';
import { canonicalJson } from '../../../shared/record/canonical-json.ts';
import type { Recorded, Signature } from '../../../shared/record/envelope.ts';
import { PEOPLE } from '../people.ts';
import { entryOf, Recorder, sampleOf, START, type Event } from './events.ts';
import { bundleOf, checkpointOf, createSigner, logOf, tilesOf, type Files, type Signer, type Signers } from './naive-log.ts';

/** Ways to damage a log, each with where the damage must be named. */
export const NOW = START + 3_600_000_000;
export const LOG = createSigner('bedside.network/north', 1);
export const WITNESSES = [createSigner('bedside.network/witness/control', 4), createSigner('bedside.network/witness/south', 4)];
export const SIGNERS: Signers = { log: LOG, witnesses: WITNESSES, epochSeconds: Math.floor(NOW / 1000) - 60 };
export const SIZE = 600;
/** A checkpoint of the first entries, cosigned right after the last of them. */
export const earlierOf = (entries: readonly Buffer[]): Buffer => checkpointOf(entries, { ...SIGNERS, epochSeconds: Math.ceil(Date.parse(RECORDED[entries.length - 1]!.recordedAt) / 1000) + 1 });
const WIDTH = 256;
const EARLIER = [3, 100, 300];

const sample = sampleOf(SIZE);
export const RECORDED = sample.recorded.slice(0, SIZE);
export const ENTRIES = RECORDED.map(entryOf);
export const CHUNKS: Files = new Map([...sample.chunks].map(([key, bytes]) => [`chunks/${key}`, bytes]));
export const SOUND: Files = new Map([...logOf(ENTRIES, SIGNERS, EARLIER), ...CHUNKS]);

/** `pick(n)` is a whole number from 0, below n. */
export type Pick = (below: number) => number;
export type Damaged = Readonly<{ files: Files; previous?: Buffer; /** Witnesses asked for, and how many of them are enough; both of the log, by default. */ asked?: Readonly<{ witnesses: readonly Signer[]; quorum: number }>; isNamed(damages: readonly Damage[], notices: readonly string[]): boolean }>;

export const covers = (index: number) => (damages: readonly Damage[]): boolean => damages.some(({ entry, lastEntry }) => entry !== undefined && entry <= index && index <= (lastEntry ?? entry));
const namesFile = (file: string) => (damages: readonly Damage[]): boolean => damages.some((damage) => damage.file === file);
export const choose = <Value>(values: readonly Value[], pick: Pick): Value => values[pick(values.length)]!;
const bundlePath = (unit: number): string => `tile/entries/00${unit}${unit === 2 ? `.p/${SIZE - 2 * WIDTH}` : ''}`;
const withBundle = (unit: number, entries: readonly Uint8Array[]): Files => new Map([...SOUND, [bundlePath(unit), bundleOf(entries)]]);
const unitOf = (unit: number, entries: readonly Buffer[] = ENTRIES): readonly Buffer[] => entries.slice(unit * WIDTH, (unit + 1) * WIDTH);
const replaced = (index: number, entry: Buffer): readonly Buffer[] => ENTRIES.map((each, i) => (i === index ? entry : each));

export const rehashed = <E>({ hash: _, ...rest }: Recorded<E>): Recorded<E> => ({ ...rest, hash: createHash('sha256').update(canonicalJson(rest)).digest('hex') });

/** What the keeper of the log can do: write any events, chain them anew and sign the lot again. */
export const rewritten = (events: readonly Recorded<Event>[], isChained = true): Files => {
  const heads = new Map<string, string>();
  const chained = events.map((event) => {
    const stream = `${event.stream.kind} ${event.stream.id}`;
    const linked = isChained ? rehashed({ ...event, previousHash: heads.get(stream) ?? '0'.repeat(64) }) : event;
    heads.set(stream, linked.hash);
    return linked;
  });
  return new Map([...logOf(chained.map(entryOf), SIGNERS), ...CHUNKS]);
};

const entryAtOffset = (bytes: Buffer, offset: number): number => {
  let index = 0;
  for (let at = 0; at + 2 + bytes.readUInt16BE(at) <= offset; at += 2 + bytes.readUInt16BE(at)) index++;
  return index;
};

/** Flips may shift every later bound of a bundle: the named entry is the first that differs. */
const flip = (file: string, pick: Pick): Damaged => {
  const bytes = Buffer.from(SOUND.get(file)!);
  const at = pick(bytes.length);
  const [, unit] = /^tile\/entries\/00(\d)/.exec(file) ?? [];
  const entry = unit === undefined ? undefined : Number(unit) * WIDTH + entryAtOffset(bytes, at);
  bytes[at] = bytes[at]! ^ (1 << pick(8));
  const files = new Map([...SOUND, [file, bytes]]);
  return { files, isNamed: (damages) => namesFile(file)(damages) && (entry === undefined || covers(entry)(damages)) };
};

const filesLike = (form: RegExp): readonly string[] => [...SOUND.keys()].filter((file) => form.test(file));
const NEEDED = [...tilesOf(ENTRIES).keys(), 'checkpoint'];
const isSigned = ({ event }: Recorded<Event>): boolean => event['signature'] !== undefined;
const SIGNED = RECORDED.flatMap((each, i) => (isSigned(each) ? [i] : []));
const changed = (index: number): Recorded<Event> => {
  const recorded = RECORDED[index]!;
  return rehashed({ ...recorded, event: { ...recorded.event, note: 'altered' } });
};
const streamOf = (index: number): string => `${RECORDED[index]!.stream.kind} ${RECORDED[index]!.stream.id}`;
const laterInStream = (index: number): number => RECORDED.findIndex((_, i) => i > index && streamOf(i) === streamOf(index));
/** An entry with a follower in its stream. */
const followed = (pick: Pick): number => {
  const start = pick(SIZE);
  for (let i = 0; ; i++) if (laterInStream((start + i) % SIZE) > 0) return (start + i) % SIZE;
};
const sizeOfFork = (pick: Pick): number => 1 + pick(SIZE - 1);
const forked = (from: number): readonly Buffer[] => ENTRIES.map((entry, i) => (i < from ? entry : entryOf(changed(i))));

/** A third witness, so that two are enough. */
export const THREE = [...WITNESSES, createSigner('bedside.network/witness/west', 4)];
export const THREE_COSIGNED = checkpointOf(ENTRIES, { ...SIGNERS, witnesses: THREE });

export const DAMAGES: Readonly<Record<string, (pick: Pick) => Damaged>> = {
  'a bit of an entry': (pick) => flip(choose(filesLike(/^tile\/entries/), pick), pick),
  'a bit of a tile': (pick) => flip(choose(filesLike(/^tile\/\d/), pick), pick),
  'a bit of the checkpoint or its signatures': (pick) => flip('checkpoint', pick),
  'a bit of the checkpoint, where two of three witnesses are enough': (pick) => {
    const checkpoint = Buffer.from(THREE_COSIGNED), at = pick(checkpoint.length);
    checkpoint[at] = checkpoint[at]! ^ (1 << pick(8));
    return { files: new Map([...SOUND, ['checkpoint', checkpoint]]), asked: { witnesses: THREE, quorum: 2 }, isNamed: namesFile('checkpoint') };
  },
  'a bit of a chunk': (pick) => flip(choose([...CHUNKS.keys()], pick), pick),
  'a bit of the earlier checkpoint': (pick) => {
    const previous = Buffer.from(checkpointOf(ENTRIES.slice(0, 300), { ...SIGNERS, witnesses: [] }));
    const at = pick(previous.length);
    previous[at] = previous[at]! ^ (1 << pick(8));
    return { files: SOUND, previous, isNamed: (damages) => damages.some(({ file, message }) => file.endsWith('previous') || message.includes('previous')) };
  },
  'a deleted file': (pick) => {
    const file = choose(NEEDED, pick);
    return { files: new Map([...SOUND].filter(([path]) => path !== file)), isNamed: namesFile(file) };
  },
  'a deleted chunk': (pick) => {
    const file = choose([...CHUNKS.keys()], pick);
    return { files: new Map([...SOUND].filter(([path]) => path !== file)), isNamed: namesFile(file) };
  },
  'the folder of chunks deleted': () => ({ files: new Map([...SOUND].filter(([path]) => !path.startsWith('chunks/'))), isNamed: namesFile('chunks') }),
  'a truncated file': (pick) => {
    const file = choose([...SOUND.keys()], pick), bytes = SOUND.get(file)!;
    return { files: new Map([...SOUND, [file, bytes.subarray(0, pick(bytes.length))]]), isNamed: namesFile(file) };
  },
  'a deleted entry': (pick) => {
    const index = pick(SIZE), unit = Math.floor(index / WIDTH);
    return { files: withBundle(unit, unitOf(unit).filter((_, i) => i !== index % WIDTH)), isNamed: covers(index) };
  },
  'two swapped entries': (pick) => {
    const a = pick(SIZE), b = (a + 1 + pick(SIZE - 1)) % SIZE, entries = ENTRIES.map((entry, i) => (i === a ? ENTRIES[b]! : i === b ? ENTRIES[a]! : entry));
    const files = new Map([...SOUND, ...[0, 1, 2].map((unit) => [bundlePath(unit), bundleOf(unitOf(unit, entries))] as const)]);
    return { files, isNamed: covers(Math.min(a, b)) };
  },
  'a back-dated entry': (pick) => {
    const index = pick(SIZE), recorded = RECORDED[index]!, unit = Math.floor(index / WIDTH);
    const entry = entryOf(rehashed({ ...recorded, recordedAt: new Date(Date.parse(recorded.recordedAt) - 1 - pick(1e9)).toISOString() }));
    return { files: withBundle(unit, unitOf(unit, replaced(index, entry))), isNamed: covers(index) };
  },
  'an entry replaced with its level-0 tile': (pick) => {
    const index = pick(SIZE), unit = Math.floor(index / WIDTH), entries = replaced(index, entryOf(changed(index)));
    const tile = bundlePath(unit).replace('entries', '0');
    return { files: new Map([...withBundle(unit, unitOf(unit, entries)), [tile, tilesOf(entries).get(tile)!]]), isNamed: covers(index) };
  },
  'an entry replaced with all tiles above it': (pick) => {
    const index = pick(SIZE);
    return { files: new Map([...SOUND, ...tilesOf(replaced(index, entryOf(changed(index))))]), isNamed: covers(index) };
  },
  'a fork under the old checkpoint': (pick) => {
    const from = sizeOfFork(pick);
    return { files: new Map([...SOUND, ...tilesOf(forked(from))]), isNamed: covers(from) };
  },
  'a fork signed by the log and not by witnesses': (pick) => {
    const from = sizeOfFork(pick);
    return { files: new Map([...tilesOf(forked(from)), ['checkpoint', checkpointOf(forked(from), { ...SIGNERS, witnesses: WITNESSES.slice(1) })]]), isNamed: namesFile('checkpoint') };
  },
  'an earlier checkpoint of a fork': (pick) => {
    const from = sizeOfFork(pick);
    return { files: SOUND, previous: earlierOf(forked(from).slice(0, from + 1 + pick(SIZE - from))), isNamed: (damages) => damages.length === 1 && damages[0]!.file.endsWith('previous') };
  },
  'an old checkpoint put back': (pick) => {
    const size = pick(SIZE);
    return { files: new Map([...SOUND, ...logOf(ENTRIES.slice(0, size), SIGNERS)]), previous: SOUND.get('checkpoint')!, isNamed: namesFile('checkpoint') };
  },
  'a transplanted signature, signed anew': (pick) => {
    const at = pick(SIGNED.length), from = SIGNED[at]!, to = SIGNED[(at + 1 + pick(SIGNED.length - 1)) % SIGNED.length]!;
    const events = RECORDED.map((each, i) => (i === to ? { ...each, event: { ...each.event, signature: RECORDED[from]!.event['signature'] } } : each));
    return { files: rewritten(events), isNamed: covers(to) };
  },
  'a back-dated event, signed anew': (pick) => {
    const before = followed(pick), index = laterInStream(before);
    const recordedAt = new Date(Date.parse(RECORDED[before]!.recordedAt) - 1 - pick(1e6)).toISOString();
    return { files: rewritten(RECORDED.map((each, i) => (i === index ? { ...each, recordedAt } : each))), isNamed: covers(index) };
  },
  'a removed event, signed anew': (pick) => {
    const index = followed(pick);
    return { files: rewritten(RECORDED.filter((_, i) => i !== index)), isNamed: covers(laterInStream(index) - 1) };
  },
  'an altered event, signed anew without its followers': (pick) => {
    const index = followed(pick);
    return { files: rewritten(RECORDED.map((each, i) => (i === index ? changed(i) : each)), false), isNamed: covers(laterInStream(index)) };
  },
  'an entry that is not canonical, signed anew': (pick) => {
    const index = pick(SIZE), { stream, ...rest } = RECORDED[index]!;
    const text = choose([JSON.stringify({ stream, ...rest }), canonicalJson(RECORDED[index]).replace(',"hash"', ', "hash"'), canonicalJson(RECORDED[index]).replace('}}', '},"x":1}').slice(0, -1)], pick);
    return { files: new Map([...logOf(replaced(index, Buffer.from(text)), SIGNERS), ...CHUNKS]), isNamed: covers(index) };
  },
  'a signature of who was revoked before, signed anew': (pick) => {
    const at = choose(SIGNED, pick), signed = RECORDED[at]!, { signerId } = signed.event['signature'] as Signature;
    const recorder = new Recorder();
    recorder.nowEpochMs = Date.parse(signed.recordedAt) - 30_001 - pick(1e5);
    recorder.sign({ kind: 'person', id: signerId }, PEOPLE.qualified, { type: 'person-revoked', reason: 'left' });
    const { event, ...stop } = recorder.recorded[0]!;
    const revoked = { ...stop, event: { ...event, signature: { ...(event['signature'] as Signature), reauthenticationId: 'token-of-the-stop' } } };
    const place = RECORDED.findIndex(({ recordedAt }) => recordedAt > revoked.recordedAt);
    return { files: rewritten([...RECORDED.slice(0, place), revoked, ...RECORDED.slice(place)]), isNamed: covers(at + 1) };
  },
};
