import { modelFileOf } from '../../../models/federated/model-text.ts';
import { requirePlan } from '../../../models/federated/plan.ts';
import { advance } from '../../../models/federated/run.ts';
import { LEAST_SITES, quorumOf, sha256, type Ask } from '../../../models/federated/secure/messages.ts';
import { ATTEMPTS_AT_MOST, isOpen, notAgreeing, type Attempt, type Training, type TrainingEvent } from '../../../models/federated/workflow/coordination.ts';
import { BEFORE_ROUNDS, mailboxKey } from '../../../models/federated/workflow/mailbox.ts';
import { pauseSeconds } from '../../../models/federated/workflow/pace.ts';
import { decodeMessage, encodeAsk, encodeMessage, requireBytes } from '../../../models/federated/workflow/wire.ts';
import { encodeRun } from '../../../models/federated/workflow/stored.ts';
import { DomainError } from '../../../shared/errors.ts';
import { modelObject } from '../../_platform/model-objects.ts';
import { collectUnawaited } from '../messages.ts';
import { AttemptFiles, integersOf, readRun } from './attempt.ts';
import { putByHash, putUp } from './board.ts';
import { collectAttempt, collectJoins, collectLate } from './collect.ts';
import { stepOf } from './step.ts';
import { ACTOR, GRACE_MS, type CoordinatePorts } from './ports.ts';

export type Phase = 'joining' | 'answers' | 'confirmations' | 'reveals' | 'finished' | 'aborted';
/** Where a run stands, and how long the workflow waits before it looks again. */
export type Standing = Readonly<{ runId: string; phase: Phase; waitSeconds: number }>;

/** Events of one transaction, which also holds companions. */
const EVENTS_AT_ONCE = 40;
const PHASES = { answer: 'answers', confirm: 'confirmations', reveal: 'reveals' } as const;

/** Hospitals read models; a sum of drift is for the control site. */
const resultKey = ({ plan }: Training, hash: string): string => (plan.drift === undefined ? modelObject.artefact(hash) : modelObject.monitoring(hash));

/** One run, moved on as far as what has arrived allows. Whatever it needs it reads from the record and the mailbox, so that it can be cut off anywhere. */
export class Coordination {
  readonly #ports: CoordinatePorts;
  readonly #runId: string;

  constructor(ports: CoordinatePorts, runId: string) {
    this.#ports = ports;
    this.#runId = runId;
  }

  /** @throws DomainError `training-not-found` */
  async advance(): Promise<Standing> {
    let training = await this.#load();
    if (isOpen(training)) training = await this.#endUntrainable(training);
    if (isOpen(training)) {
      await putUp(this.#ports, training);
      training = await this.#record(training.attempt === undefined ? await collectJoins(this.#ports, training) : await collectAttempt(this.#ports, training, training.attempt), training);
      training = await this.#moveOn(training);
    }
    training = await this.#record(isOpen(training) ? await collectLate(this.#ports, training) : (await collectUnawaited(this.#ports, training)).refused, training);
    await putUp(this.#ports, training);
    const phase = training.attempt === undefined ? training.status : PHASES[stepOf(training.attempt)];
    return { runId: this.#runId, phase: phase === 'running' ? 'answers' : phase, waitSeconds: pauseSeconds(training, GRACE_MS, this.#ports.now().getTime()) };
  }

  async #load(): Promise<Training> {
    const { state } = await this.#ports.trainings.load(this.#runId);
    if (state === undefined) throw new DomainError('training-not-found', `no training ${this.#runId}`, { runId: this.#runId });
    return state;
  }

  /** A plan that an earlier version let in and this one does not train ends its run here, before anything of it is read: what was asked in it is no question any more. */
  async #endUntrainable(training: Training): Promise<Training> {
    try {
      requirePlan(training.plan);
      return training;
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== 'training-plan-malformed') throw error;
      return this.#abort(training, error.code, error.message);
    }
  }

  /** Decided on what was seen: should the run have moved on meanwhile, nothing is written and the next call looks again. */
  async #record(events: readonly TrainingEvent[], seen: Training): Promise<Training> {
    let before = seen;
    for (let at = 0; at < events.length; at += EVENTS_AT_ONCE) {
      const expected = JSON.stringify(before);
      const { state } = await this.#ports.trainings.change(this.#runId, (held) => {
        if (JSON.stringify(held.state) !== expected) throw new DomainError('version-conflict', `training ${this.#runId} moved on meanwhile`);
        return events.slice(at, at + EVENTS_AT_ONCE);
      }, { actor: ACTOR, attempts: 1 });
      before = state;
    }
    return before;
  }

  async #moveOn(training: Training): Promise<Training> {
    const { attempt, status } = training;
    if (status === 'joining') return this.#afterJoining(training);
    if (attempt === undefined) return this.#ask(training, training.attempts + 1);
    try {
      return await this.#inAttempt(training, attempt);
    } catch (error) {
      if (!(error instanceof DomainError) || !error.code.startsWith('training-')) throw error;
      if (error.code.startsWith('training-shares') || error.code === 'training-round-answered') return this.#giveUp(training, attempt, error.code, []);
      return this.#abort(training, error.code, error.message);
    }
  }

  async #afterJoining(training: Training): Promise<Training> {
    const { invited, joined, left, joinUntilEpochMs } = training;
    const silent = invited.filter((siteId) => joined[siteId] === undefined && left[siteId] === undefined);
    const isOver = this.#ports.now().getTime() > joinUntilEpochMs + GRACE_MS;
    if (silent.length > 0 && !isOver) return training;
    const told = await this.#record(silent.map((siteId) => ({ type: 'training-site-left', siteId, code: 'training-round-late' })), training);
    const apart = notAgreeing(told);
    return this.#ask(await this.#record(apart.map((siteId) => ({ type: 'training-site-left', siteId, code: 'training-partner-unconfirmed' })), told), 1);
  }

  /** Ask the sites that are in, with new masks. */
  async #ask(training: Training, attempt: number): Promise<Training> {
    const { joined, left, fixed = [], planHash, round, answerWithinMs } = training;
    const members = Object.keys(joined).sort();
    const gone = fixed.filter((siteId) => left[siteId] !== undefined);
    if (gone.length > 0) return this.#abort(training, left[gone[0] ?? ''] ?? '', `${gone.join(', ')} left after a sum was made, and the set of hospitals is fixed from then on`);
    if (members.length < LEAST_SITES) return this.#abort(training, 'training-sites-too-few', `got ${members.length} hospitals that take part, want at least ${LEAST_SITES}`);
    const { question } = await readRun(this.#ports.mailbox, training);
    if (question === undefined) throw new DomainError('training-round-stale', 'got a complete run, want one between two rounds');
    const certificates = await Promise.all(members.map(async (siteId) => {
      const held = await this.#ports.mailbox.get(mailboxKey.answer(this.#ports.placeOf(siteId), this.#runId, BEFORE_ROUNDS, 'join'));
      return decodeMessage('join', requireBytes(`certificate of ${siteId}`, held?.body, joined[siteId] ?? '')).certificate;
    }));
    const ask: Ask = { runId: this.#runId, planHash, round, attempt, members, certificates, closesAtEpochMs: this.#closing(answerWithinMs), question };
    const sentSha256 = await putByHash(this.#ports, encodeAsk(ask), (hash) => mailboxKey.forAll(this.#runId, hash));
    return this.#record([{ type: 'training-asked', round, attempt, members, sentSha256, closesAtEpochMs: ask.closesAtEpochMs }], training);
  }

  #closing(answerWithinMs: number): number {
    return this.#ports.now().getTime() + answerWithinMs;
  }

  async #inAttempt(training: Training, attempt: Attempt): Promise<Training> {
    const step = stepOf(attempt);
    const gone = attempt.members.filter((siteId) => training.left[siteId] !== undefined);
    const refusing = attempt.members.filter((siteId) => attempt.refused[siteId] !== undefined);
    const missing = attempt.members.filter((siteId) => attempt.taken[step]?.[siteId] === undefined);
    const isOver = this.#ports.now().getTime() > attempt.closesAtEpochMs + GRACE_MS;
    if (step === 'answer') {
      if (gone.length > 0 || refusing.length > 0) return this.#giveUp(training, attempt, 'training-round-stale', [...gone, ...refusing]);
      if (missing.length > 0) return isOver ? this.#giveUp(training, attempt, 'training-round-late', missing) : training;
      return this.#complete(training, attempt);
    }
    // After the answers one may vanish: the others' shares make up for it, while a quorum is left.
    const awaited = missing.filter((siteId) => !gone.includes(siteId) && !refusing.includes(siteId));
    if (awaited.length > 0 && !isOver) return training;
    if (attempt.members.length - missing.length < quorumOf(attempt.members.length)) return this.#giveUp(training, attempt, 'training-round-late', missing);
    return step === 'confirm' ? this.#askToReveal(training, attempt) : this.#sum(training, attempt);
  }

  async #complete(training: Training, attempt: Attempt): Promise<Training> {
    const files = new AttemptFiles(this.#ports, training, attempt);
    const complete = (await files.gathered(await files.ask())).complete();
    const sentSha256 = await putByHash(this.#ports, encodeMessage('complete', complete), (hash) => mailboxKey.forAll(this.#runId, hash));
    const { round, attempt: number } = attempt;
    return this.#record([{ type: 'training-completed', round, attempt: number, sentSha256, closesAtEpochMs: this.#closing(training.answerWithinMs) }], training);
  }

  async #askToReveal(training: Training, attempt: Attempt): Promise<Training> {
    const files = new AttemptFiles(this.#ports, training, attempt);
    const gathering = await files.gathered(await files.ask());
    const sentSha256: Record<string, string> = {};
    for (const siteId of attempt.members) sentSha256[siteId] = await putByHash(this.#ports, encodeMessage('revealAsk', gathering.revealAskFor(siteId)), (hash) => mailboxKey.forOne(this.#ports.placeOf(siteId), this.#runId, hash));
    const { round, attempt: number } = attempt;
    return this.#record([{ type: 'training-reveal-asked', round, attempt: number, sentSha256, closesAtEpochMs: this.#closing(training.answerWithinMs) }], training);
  }

  async #sum(training: Training, attempt: Attempt): Promise<Training> {
    const files = new AttemptFiles(this.#ports, training, attempt);
    const ask = await files.ask();
    const sum = (await files.gathered(ask)).sum();
    const run = advance(await files.run(), integersOf(training, ask, sum));
    const { round, attempt: number } = attempt;
    const summed = { type: 'training-summed', round, attempt: number, sumSha256: sha256(new Uint8Array(sum.buffer, sum.byteOffset, sum.byteLength)) } as const;
    if (run.question !== undefined) {
      const stateSha256 = await putByHash(this.#ports, encodeRun(run), (hash) => mailboxKey.state(this.#runId, hash));
      return this.#ask(await this.#record([{ ...summed, stateSha256 }], training), 1);
    }
    const model = Buffer.from(modelFileOf(run), 'utf8');
    const modelSha256 = sha256(model);
    const key = resultKey(training, modelSha256);
    if (await this.#ports.models.get(key) === undefined) await this.#ports.models.put(key, model, { contentType: 'application/json', ifMatch: null });
    return this.#record([{ ...summed, stateSha256: modelSha256 }, { type: 'training-finished', modelSha256, rows: run.rows, rounds: run.round }], training);
  }

  /** Nothing in the attempt can be read. It is made again, with new masks, or the run ends: by number, and because nobody may leave once a sum was told. */
  async #giveUp(training: Training, { round, attempt, members }: Attempt, code: string, siteIds: readonly string[]): Promise<Training> {
    const gone = siteIds.filter((siteId) => training.left[siteId] !== undefined);
    const left = await this.#record([{ type: 'training-attempt-given-up', round, attempt, code, siteIds }], training);
    if (attempt >= ATTEMPTS_AT_MOST) return this.#abort(left, 'training-round-stale', `round ${round}: got no sum over ${members.join(', ')} in ${ATTEMPTS_AT_MOST} attempts, for lack of ${siteIds.join(', ')}`);
    // The last attempt goes without those that keep it waiting, where enough are left and no set is fixed.
    const silent = siteIds.filter((siteId) => !gone.includes(siteId));
    const mayDrop = attempt === ATTEMPTS_AT_MOST - 1 && training.fixed === undefined && Object.keys(left.joined).length - silent.length >= LEAST_SITES;
    const dropped = mayDrop ? silent : [];
    return this.#ask(await this.#record(dropped.map((siteId) => ({ type: 'training-site-left', siteId, code })), left), attempt + 1);
  }

  #abort(training: Training, code: string, reason: string): Promise<Training> {
    return this.#record([{ type: 'training-aborted', code, reason }], training);
  }
}
