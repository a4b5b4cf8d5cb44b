import type { Recorded, Role, Signature, StreamId } from '../../../shared/record/envelope.ts';
import { PEOPLE } from '../people.ts';
import { checkpointOf } from './naive-log.ts';
import { choose, covers, ENTRIES, RECORDED, SIGNERS, rewritten, SIZE, type Damaged, type Pick } from './damages.ts';
import { Recorder, register, type Event } from './events.ts';

/** What the keeper of a log can do who may write any event and sign the lot again: only what the events say of each other tells. */
const { operator, second, scientist, qualified } = PEOPLE;
/** The longest a request lasts, and the longest an event that was stored waits until it is in the log. */
const PASSING_MS = 30_000, TAKEN_IN_MS = 120_000;
/** Times of the log may stand back so far. */
const LATE_MS = 70 * 60_000;
const BATCH: StreamId = { kind: 'batch', id: 'north-20260302-KEEPER' };

const timeOf = (index: number): number => Date.parse(RECORDED[index]!.recordedAt);
const newestBefore = (index: number): number => Math.max(...RECORDED.slice(0, index).map(({ recordedAt }) => Date.parse(recordedAt)));
/** Whoever gave the verifier a place in words: the entry is named, and why. */
const names = (index: number, why: string): Damaged['isNamed'] => (damages) => covers(index)(damages.filter(({ message }) => message.includes(why)));

/** Events made beside the log, with sign-ins of their own. */
const made = (make: (recorder: Recorder, at: (epochMs: number) => Recorder) => void): readonly Recorded<Event>[] => {
  const recorder = new Recorder();
  make(recorder, (epochMs) => {
    recorder.nowEpochMs = epochMs;
    return recorder;
  });
  return recorder.recorded.map(({ event, ...rest }, i) => {
    const signature = event['signature'] as Signature | undefined;
    return { ...rest, event: signature === undefined ? event : { ...event, signature: { ...signature, reauthenticationId: `token-of-the-keeper-${i}` } } };
  });
};

/** The log with events put in before these places, chained and signed anew. @param put in the order of their places */
const withPut = (put: readonly Readonly<{ before: number; events: readonly Recorded<Event>[] }>[]): Damaged['files'] => {
  const events = RECORDED.flatMap((each, i) => [...put.filter(({ before }) => before === i).flatMap((one) => one.events), each]);
  return rewritten([...events, ...put.filter(({ before }) => before === SIZE).flatMap((one) => one.events)], true);
};

const MAY_STOP: Role[] = ['operator', 'quality-reviewer'];

/** The first place before which the log holds something newer than this. */
const later = (epochMs: number): number => RECORDED.findIndex((_, i) => i > 0 && newestBefore(i) > epochMs);
const early = (pick: Pick): number => 20 + pick(SIZE / 3);

export const KEEPER_DAMAGES: Readonly<Record<string, (pick: Pick) => Damaged>> = {
  'an event of a new batch dated back in the log, signed anew': (pick) => {
    const index = 20 + pick(SIZE - 20), epochMs = newestBefore(index) - LATE_MS - 1 - pick(choose([1, 1e6, 1e11], pick));
    return { files: withPut([{ before: index, events: made((_, at) => { at(epochMs).append(BATCH, { kind: 'system', id: 'test', version: '1' }, { type: 'batch-created', batchId: BATCH.id }); }) }]), isNamed: names(index, 'dated back') };
  },
  'an event dated back behind an earlier checkpoint, in a log that was quiet, signed anew': (pick) => {
    const lastMs = newestBefore(SIZE), cosignedSeconds = Math.ceil((lastMs + LATE_MS) / 1000) + 60 + pick(86_400), epochMs = cosignedSeconds * 1000 - LATE_MS - 1 - pick(50_000);
    const previous = checkpointOf(ENTRIES, { ...SIGNERS, epochSeconds: cosignedSeconds });
    return { previous, files: withPut([{ before: SIZE, events: made((_, at) => { at(epochMs).append(BATCH, { kind: 'system', id: 'test', version: '1' }, { type: 'batch-created', batchId: BATCH.id }); }) }]), isNamed: names(SIZE, 'dated back') };
  },
  'an event dated ahead of every witness, signed anew': (pick) => {
    const index = 20 + pick(SIZE - 20), epochMs = Date.parse('2026-05-01T00:00:00.000Z') + pick(1e10);
    return { files: withPut([{ before: index, events: made((_, at) => { at(epochMs).append(BATCH, { kind: 'system', id: 'test', version: '1' }, { type: 'batch-created', batchId: BATCH.id }); }) }]), isNamed: names(index, 'dated ahead') };
  },
  'a signature put in after a stop, dated to pass it': (pick) => {
    const at = early(pick), stoppedMs = timeOf(at), index = later(stoppedMs + PASSING_MS + TAKEN_IN_MS + pick(60_000));
    const before = made((recorder, time) => {
      register(time(stoppedMs), scientist);
      register(recorder, { ...second, roles: MAY_STOP, id: 'op-3' });
      recorder.sign({ kind: 'person', id: scientist.id }, { ...second, roles: MAY_STOP, id: 'op-3' }, { type: 'person-revoked', reason: 'left' });
    });
    const signed = made((_, time) => { time(stoppedMs - PASSING_MS + pick(2 * PASSING_MS)).sign(BATCH, scientist, { type: 'deviation-assessed', deviationId: 'D-1' }); });
    return { files: withPut([{ before: at, events: before }, { before: index, events: signed }]), isNamed: names(index + before.length, `is signed by ${scientist.id}`) };
  },
  'a signature by who is in no register': (pick) => {
    const index = 20 + pick(SIZE - 20);
    return { files: withPut([{ before: index, events: made((_, at) => { at(timeOf(index - 1)).sign(BATCH, qualified, { type: 'disposition-recorded', disposition: 'release' }); }) }]), isNamed: names(index, 'no register') };
  },
  'a signature by who has lost the role for it': (pick) => {
    const at = early(pick), changedMs = timeOf(at), index = later(changedMs + PASSING_MS + TAKEN_IN_MS + pick(60_000));
    const before = made((recorder, time) => {
      register(time(changedMs), scientist);
      register(recorder, qualified);
      recorder.sign({ kind: 'person', id: scientist.id }, qualified, { type: 'roles-changed', roles: ['operator', 'site-engineer'], reason: 'another post' });
    });
    const signed = made((_, time) => { time(newestBefore(index)).sign(BATCH, scientist, { type: 'deviation-assessed', deviationId: 'D-1' }); });
    return { files: withPut([{ before: at, events: before }, { before: index, events: signed }]), isNamed: names(index + before.length, 'without a role') };
  },
  'a release by who is registered, and not as a qualified person': (pick) => {
    const index = 20 + pick(SIZE - 20);
    return { files: withPut([{ before: index, events: made((_, at) => { at(timeOf(index - 1)).sign(BATCH, { ...operator, roles: ['operator', 'qualified-person'] }, { type: 'disposition-recorded', disposition: 'release' }); }) }]), isNamed: names(index, 'without a role') };
  },
  'a signature of another in place of one\'s own, where a rule might have acted': (pick) => {
    const index = 20 + pick(SIZE - 20), { event: { signature } } = choose(RECORDED.filter(({ event }) => event['signature'] !== undefined), pick);
    const events = made((_, at) => { at(timeOf(index - 1)).append({ kind: 'model-record', id: 'cd19-car-t' }, { kind: 'person', id: operator.id, printedName: operator.name, roles: operator.roles }, { type: 'model-suspended', version: 1, reason: 'r', by: { kind: 'person', signature } }); });
    return { files: withPut([{ before: index, events }]), isNamed: names(index, 'its signature is of') };
  },
  'a signature deep in an event, where none belongs': (pick) => {
    const index = 20 + pick(SIZE - 20), { event: { signature } } = choose(RECORDED.filter(({ event }) => event['signature'] !== undefined), pick);
    const content = choose<Record<string, unknown>>([{ approval: signature }, { list: [1, [signature]] }, { a: { b: { c: signature } } }], pick);
    const events = made((_, at) => { at(timeOf(index - 1)).append(BATCH, { kind: 'system', id: 'test', version: '1' }, { type: 'batch-created', batchId: BATCH.id, content }); });
    return { files: withPut([{ before: index, events }]), isNamed: names(index, 'where none belongs') };
  },
};
