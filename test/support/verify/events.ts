import { createHash } from 'node:crypto';
import { canonicalJson } from '../../../shared/record/canonical-json.ts';
import { chainEvents, type Draft } from '../../../shared/record/chain.ts';
import { GENESIS_HASH, type Actor, type Recorded, type StreamId } from '../../../shared/record/envelope.ts';
import { executeSignature } from '../../../shared/record/signature.ts';
import { PEOPLE, type TestPerson } from '../people.ts';

/** Events as the platform records them, in the order of acceptance: batches beside lots and people, signed and not, with telemetry. */
export type Event = Readonly<{ type: string } & Record<string, unknown>>;
export type Sample = Readonly<{ recorded: readonly Recorded<Event>[]; chunks: ReadonlyMap<string, Buffer> }>;

export const START = Date.parse('2026-03-02T14:05:09.120Z');
const SECOND = 1000;

const actorOf = ({ id, name, roles }: TestPerson): Actor => ({ kind: 'person', id, printedName: name, roles });
const SYSTEM: Actor = { kind: 'system', id: 'telemetry-seal', version: '1.0.0' };

export const entryOf = (recorded: unknown): Buffer => Buffer.from(canonicalJson(recorded));

/** Appends events to streams, as a store would. */
export class Recorder {
  readonly recorded: Recorded<Event>[] = [];
  readonly chunks = new Map<string, Buffer>();
  readonly #heads = new Map<string, Readonly<{ version: number; hash: string }>>();
  nowEpochMs = START;
  #count = 0;

  headOf({ kind, id }: StreamId): Readonly<{ version: number; hash: string }> {
    return this.#heads.get(`${kind} ${id}`) ?? { version: 0, hash: GENESIS_HASH };
  }

  append(stream: StreamId, actor: Actor, event: Event, deviceTime?: string): void {
    const { version, hash } = this.headOf(stream);
    const draft: Draft<Event> = { stream, version: version + 1, recordedAt: new Date(this.nowEpochMs).toISOString(), ...(deviceTime === undefined ? {} : { deviceTime }), actor, event };
    const [recorded] = chainEvents(hash, [draft]);
    this.#count++;
    this.recorded.push(recorded!);
    this.#heads.set(`${stream.kind} ${stream.id}`, { version: version + 1, hash: recorded!.hash });
  }

  sign(stream: StreamId, person: TestPerson, event: Event): void {
    const position = this.headOf(stream);
    const signature = executeSignature({
      caller: { id: person.id, printedName: person.name, signInId: 'session', authenticatedAt: new Date(this.nowEpochMs - 60 * SECOND).toISOString() }, meaning: 'performed', signedVersion: position.version, position, nowEpochMs: this.nowEpochMs,
      reauthentication: { personId: person.id, authenticatedAtEpochMs: Math.floor((this.nowEpochMs - 20 * SECOND) / SECOND) * SECOND, tokenId: `token-${this.#count}` },
    });
    this.append(stream, actorOf(person), { ...event, signature });
  }

  /** Seal chunks; one that was sealed before is changed by late messages, and what it was is kept. */
  seal(stream: StreamId, keys: readonly string[]): void {
    const chunks = keys.map((key) => {
      const before = this.chunks.get(key);
      if (before !== undefined) this.chunks.set(`superseded/${createHash('sha256').update(before).digest('hex')}.chunk`, before);
      const bytes = createHash('sha512').update(`${key} ${this.#count}`).digest();
      this.chunks.set(key, bytes);
      return { key, sha256: createHash('sha256').update(bytes).digest('hex') };
    });
    this.append(stream, SYSTEM, { type: 'telemetry-sealed', deviceId: 'bioreactor-1', chunks });
  }
}

/** One event of a batch's life; every kind of entry the verifier treats differently comes round. */
const step = (recorder: Recorder, batch: number, turn: number): void => {
  const id = `north-20260302-TEST${String(batch).padStart(2, '0')}`;
  const stream: StreamId = { kind: 'batch', id };
  const { version } = recorder.headOf(stream);
  recorder.nowEpochMs += 1 + (turn % 7) * SECOND;
  if (version === 0) recorder.append(stream, actorOf(PEOPLE.operator), { type: 'batch-created', batchId: id, nodeId: 'north', productId: 'cd19-car-t', chainOfIdentityId: 'CABCDEFGHJKY' });
  else if (turn % 5 === 0) recorder.sign(stream, turn % 2 === 0 ? PEOPLE.operator : PEOPLE.second, { type: 'phase-signed', phaseId: `phase-${turn}` });
  else if (turn % 11 === 0) recorder.seal(stream, [`north/gateway-1/bioreactor-1/${recorder.nowEpochMs}.chunk`, `north/gateway-1/bioreactor-1/${id}-${turn % 7}.chunk`]);
  else if (turn % 13 === 0) recorder.append({ kind: 'material-lot', id: `MED-${batch}` }, actorOf(PEOPLE.steward), { type: 'lot-received', lotId: `MED-${batch}`, title: 'Nährlösung 2 µL “frisch”', quantity: 1000.5, tiny: 1e-7 });
  else {
    const deviceTime = turn % 3 === 0 ? new Date(recorder.nowEpochMs - 40).toISOString() : undefined;
    recorder.append(stream, actorOf(PEOPLE.operator), { type: 'value-recorded', phaseId: 'culture', valueId: `viability-${turn}`, value: 90 + (turn % 100) / 10, unit: '%', source: { kind: 'entered' }, note: turn % 4 === 0 ? 'measured twice\nsame "value"' : null }, deviceTime);
  }
};

const turnOf = (recorder: Recorder, turn: number, batches: number): void => { step(recorder, (turn * 7 + Math.floor(turn / 10)) % batches, turn); };

/** The own record of who signs: registered, and trained. */
export const register = (recorder: Recorder, { id, name, roles }: TestPerson): void => {
  const stream: StreamId = { kind: 'person', id };
  recorder.append(stream, actorOf(PEOPLE.steward), { type: 'person-registered', personId: id, printedName: name, roles });
  recorder.append(stream, actorOf(PEOPLE.steward), { type: 'training-recorded', courseId: 'aseptic', completedAt: '2026-01-05T08:00:00.000Z', validUntil: '2027-01-05T08:00:00.000Z' });
};

/** @param batches that run side by side */
export const sampleOf = (count: number, batches = 6): Sample => {
  const recorder = new Recorder();
  for (const person of [PEOPLE.operator, PEOPLE.second]) register(recorder, person);
  for (let turn = 0; recorder.recorded.length < count; turn++) turnOf(recorder, turn, batches);
  return recorder;
};

/** The entries of the same events, one at a time: more than fit in memory. */
export function* entriesOf(count: number, batches: number): Generator<Buffer> {
  const recorder = new Recorder();
  for (const person of [PEOPLE.operator, PEOPLE.second]) register(recorder, person);
  for (let turn = 0, given = 0; given < count; turn++) {
    turnOf(recorder, turn, batches);
    for (const recorded of recorder.recorded.splice(0, count - given)) {
      given++;
      yield entryOf(recorded);
    }
    recorder.chunks.clear();
  }
}
