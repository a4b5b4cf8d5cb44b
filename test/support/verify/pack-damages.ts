import { createHash } from 'node:crypto';
import { canonicalJson } from '../../../shared/record/canonical-json.ts';
import { chainEvents } from '../../../shared/record/chain.ts';
import { GENESIS_HASH, type Recorded, type Signature } from '../../../shared/record/envelope.ts';
import { PEOPLE } from '../people.ts';
import { ENTRIES, RECORDED, SIGNERS, type Damaged, type Pick } from './damages.ts';
import { entryOf, Recorder, type Event } from './events.ts';
import { checkpointOf } from './naive-log.ts';
import { BATCH, eventsOf, packOf, peopleFile, PERSON_LINES, personLine, peopleOf, proofs, proofsFile, proofsIn, recordFile, SIGNERS_OF_BATCH } from './packs.ts';

/** Ways to damage what a pack holds of its signers; sums are made anew or left out, so that only the log tells. */
const PERSON_EVENTS = peopleOf(SIGNERS_OF_BATCH);
const choose = <Value>(values: readonly Value[], pick: Pick): Value => values[pick(values.length)]!;
const names = ({ stream, version }: Recorded<Event>): Damaged['isNamed'] => (damages) =>
  damages.some(({ file, batch }) => file === 'people.json' && batch?.kind === 'person' && batch.id === stream.id && batch.version === version);
const withLines = (lines: readonly string[]) => packOf({ 'people.json': peopleFile(lines) });
const without = (at: number): readonly string[] => PERSON_LINES.filter((_, i) => i !== at);
const rehashed = ({ hash: _, previousHash, ...draft }: Recorded<Event>): Recorded<Event> => chainEvents(previousHash, [draft])[0]!;
const isLastOf = (at: number): boolean => PERSON_EVENTS[at + 1]?.stream.id !== PERSON_EVENTS[at]!.stream.id;
const followed = (pick: Pick): number => choose(PERSON_EVENTS.flatMap((_, i) => (isLastOf(i) ? [] : [i])), pick);

/** The whole log with a stop taken in before a signature of the batch, and the pack of it. */
const stoppedBefore = (at: number, earlierMs: number): Damaged => {
  const signed = RECORDED[at]!, { signerId } = signed.event['signature'] as Signature;
  const before = peopleOf([signerId]);
  const recorder = new Recorder();
  recorder.nowEpochMs = Date.parse(signed.recordedAt) - 30_001 - earlierMs;
  for (const { event } of before) recorder.append({ kind: 'person', id: signerId }, { kind: 'system', id: 'test', version: '1' }, event);
  recorder.sign({ kind: 'person', id: signerId }, PEOPLE.qualified, { type: 'person-revoked', reason: 'left' });
  const { event } = recorder.recorded.at(-1)!;
  const { version, hash } = before.at(-1)!, signature = { ...(event['signature'] as Signature), signedHash: hash, reauthenticationId: 'token-of-the-stop' };
  const [stop] = chainEvents(hash, [{ ...recorder.recorded.at(-1)!, version: version + 1, event: { ...event, signature } }]);
  const place = Math.max(RECORDED.findIndex(({ recordedAt }) => recordedAt > stop!.recordedAt), RECORDED.findIndex(({ hash: each }) => each === hash) + 1);
  const all = [...RECORDED.slice(0, place), stop!, ...RECORDED.slice(place)], entries = all.map(entryOf);
  const people = SIGNERS_OF_BATCH.flatMap((id) => all.filter(({ stream }) => stream.kind === 'person' && stream.id === id));
  const files = packOf({
    checkpoint: checkpointOf(entries, SIGNERS), 'proofs.json': proofsFile(proofsIn(BATCH, all, entries)), 'people.json': peopleFile(people.map((each) => personLine(each, all.indexOf(each), entries)), entries.length),
  });
  return { files, isNamed: (damages) => damages.some(({ file, batch, message }) => file === 'batch-record.json' && batch?.version === signed.version && message.includes('who was revoked')) };
};

/** An event changed in the record and all after it chained anew; the maker of the pack finds the log's own entries, or does not look. */
const replacedFrom = (version: number, isShown: boolean): Damaged => {
  const own = eventsOf(BATCH), { proofs: proven, ...rest } = proofs();
  const before = own.filter((each) => each.version < version);
  const forged = chainEvents(before.at(-1)?.hash ?? GENESIS_HASH, own.slice(before.length).map(({ hash: _, previousHash: __, ...draft }, i) => (i === 0 ? { ...draft, event: { ...draft.event, note: 'altered' } } : draft)));
  const replaced = proven.slice(before.length).map((each, i) => ({ ...each, entry: canonicalJson(own[before.length + i]) }));
  const waiting = forged.map((each) => ({ version: each.version, leafHash: createHash('sha256').update(Buffer.concat([Buffer.of(0), entryOf(each)])).digest('hex') }));
  const file = { ...rest, proofs: proven.slice(0, before.length), waiting, ...(isShown ? { replaced } : {}) };
  const files = packOf({ 'batch-record.json': recordFile(BATCH, [...before, ...forged]), 'proofs.json': proofsFile(file) });
  const why = isShown ? 'was replaced: the log holds' : 'is not in the log';
  return { files, isNamed: (damages) => damages.some((each) => each.file === 'batch-record.json' && each.batch?.version === version && each.message.includes(why)) };
};

export const PACK_DAMAGES: Readonly<Record<string, (pick: Pick) => Damaged>> = {
  'its sums taken out': () => ({ files: packOf({ SHA256SUMS: undefined }), isNamed: (damages) => damages.some(({ file }) => file === 'SHA256SUMS') }),
  'a bit of an event of a signer flipped': (pick) => {
    const at = pick(PERSON_LINES.length), event = PERSON_EVENTS[at]!, file = peopleFile(PERSON_LINES), text = Buffer.from(canonicalJson(event));
    const offset = file.indexOf(text) + pick(text.length);
    file[offset] = file[offset]! ^ (1 << pick(8));
    // A flip in the stream's own name moves the event to another's record: then the next of the two is named.
    return { files: packOf({ 'people.json': file }), isNamed: (damages) => damages.some((damage) => damage.file === 'people.json') };
  },
  'an event of a signer left out': (pick) => {
    const at = followed(pick);
    return { files: withLines(without(at)), isNamed: names(PERSON_EVENTS[at + 1]!) };
  },
  'a signer left out': (pick) => {
    const id = choose(SIGNERS_OF_BATCH, pick);
    return { files: withLines(PERSON_LINES.filter((_, i) => PERSON_EVENTS[i]!.stream.id !== id)), isNamed: (damages) => damages.some(({ file, message }) => file === 'people.json' && message.includes(`${id}, who signed version`)) };
  },
  'the records of all signers taken out': () => {
    return { files: packOf({ 'people.json': undefined }), isNamed: (damages) => damages.some(({ file, message }) => file === 'people.json' && SIGNERS_OF_BATCH.every((id) => message.includes(`${id}, who signed version`))) };
  },
  'an event of a signer changed and hashed anew': (pick) => {
    const at = pick(PERSON_LINES.length), event = PERSON_EVENTS[at]!;
    const changed = rehashed({ ...event, event: { ...event.event, note: 'altered' } });
    return { files: withLines(PERSON_LINES.map((line, i) => (i === at ? line.replace(canonicalJson(event), canonicalJson(changed)) : line))), isNamed: names(event) };
  },
  'two events of signers swapped in their places': (pick) => {
    const at = pick(PERSON_LINES.length - 1), [a, b] = [PERSON_LINES[at]!, PERSON_LINES[at + 1]!];
    const headOf = (line: string): string => line.slice(0, line.indexOf('"event":'));
    const swapped = [b.replace(headOf(b), headOf(a)), a.replace(headOf(a), headOf(b))];
    return { files: withLines([...PERSON_LINES.slice(0, at), ...swapped.toReversed(), ...PERSON_LINES.slice(at + 2)]), isNamed: (damages) => names(PERSON_EVENTS[at]!)(damages, []) && names(PERSON_EVENTS[at + 1]!)(damages, []) };
  },
  'the record of a signer made up': (pick) => {
    const at = followed(pick), { stream } = PERSON_EVENTS[at]!;
    const own = chainEvents(GENESIS_HASH, PERSON_EVENTS.filter((each) => each.stream.id === stream.id).map(({ hash: _, previousHash: __, ...draft }) => ({ ...draft, event: { ...draft.event, made: 'up' } })));
    return { files: withLines(PERSON_LINES.map((line, i) => {
      const madeUp = own.find(({ version }) => PERSON_EVENTS[i]!.stream.id === stream.id && PERSON_EVENTS[i]!.version === version);
      return madeUp === undefined ? line : personLine(madeUp, RECORDED.findIndex(({ hash }) => hash === PERSON_EVENTS[i]!.hash), ENTRIES);
    })), isNamed: names(PERSON_EVENTS[at]!) };
  },
  'a signature of who was revoked before': (pick) => stoppedBefore(choose(RECORDED.flatMap(({ stream, event }, i) => (stream.id === BATCH && event['signature'] !== undefined ? [i] : [])), pick), pick(100)),
  'an event replaced in the record after the log took it in': (pick) => replacedFrom(1 + pick(eventsOf(BATCH).length), pick(2) === 0),
  'an event of a signer that waits for its proof': (pick) => {
    const at = pick(PERSON_LINES.length), line = PERSON_LINES[at]!;
    return { files: withLines(PERSON_LINES.map((each, i) => (i === at ? `{${line.slice(line.indexOf('"event":'))}` : each))), isNamed: names(PERSON_EVENTS[at]!) };
  },
};
