import { Gathering } from '../../../models/federated/secure/gather.ts';
import { isConfirmedBy, type Certificate } from '../../../models/federated/secure/keys.ts';
import { completeBytes, type Ask, type Complete, type Confirmation } from '../../../models/federated/secure/messages.ts';
import type { Attempt, Training } from '../../../models/federated/workflow/coordination.ts';
import { mailboxKey, type Step } from '../../../models/federated/workflow/mailbox.ts';
import { rowBoundOf, widthOf, type Run } from '../../../models/federated/run.ts';
import { decodeAnswer, decodeAsk, decodeMessage, requireBytes } from '../../../models/federated/workflow/wire.ts';
import { decodeRun } from '../../../models/federated/workflow/stored.ts';
import { decodeWords, formatFor, wordCount, type Format } from '../../../models/federated/words.ts';
import { DomainError } from '../../../shared/errors.ts';
import type { CoordinatePorts } from './ports.ts';

type MailboxPorts = Pick<CoordinatePorts, 'mailbox' | 'placeOf'>;

/** An attempt as the mailbox holds it, read again at each step: the function that asked is not the one that sums. Objects count only as the bytes that were put on record. */
export class AttemptFiles {
  readonly #ports: MailboxPorts;
  readonly #training: Training;
  readonly #attempt: Attempt;

  constructor(ports: MailboxPorts, training: Training, attempt: Attempt) {
    this.#ports = ports;
    this.#training = training;
    this.#attempt = attempt;
  }

  async ask(): Promise<Ask> {
    return decodeAsk(this.#training.plan, await this.#shared('ask', this.#attempt.askSha256));
  }

  async complete(): Promise<Complete> {
    return decodeMessage('complete', await this.#shared('complete', this.#attempt.completeSha256 ?? ''));
  }

  async #shared(what: string, hash: string): Promise<Uint8Array> {
    return requireBytes(what, (await this.#ports.mailbox.get(mailboxKey.forAll(this.#training.runId, hash)))?.body, hash);
  }

  /** What a hospital sent, if it is still what was put on record. @throws DomainError `training-round-answered` when another message lies there now */
  async #message(step: Step, siteId: string): Promise<Uint8Array> {
    const hash = this.#attempt.taken[step]?.[siteId] ?? '';
    const held = await this.#ports.mailbox.get(mailboxKey.answer(this.#ports.placeOf(siteId), this.#training.runId, this.#attempt, step));
    try {
      return requireBytes(`${step} of ${siteId}`, held?.body, hash);
    } catch (cause) {
      throw new DomainError('training-round-answered', `${step} of ${siteId}: got another than was put on record, want one an attempt`, { siteId }, { cause });
    }
  }

  #senders(step: Step): readonly string[] {
    return this.#attempt.members.filter((siteId) => this.#attempt.taken[step]?.[siteId] !== undefined);
  }

  /** All that was taken so far, gathered. */
  async gathered(ask: Ask): Promise<Gathering> {
    const gathering = emptyGathering(this.#training, ask);
    for (const siteId of this.#senders('answer')) gathering.take(decodeAnswer(await this.#message('answer', siteId)), ask.closesAtEpochMs);
    for (const siteId of this.#senders('confirm')) gathering.takeConfirmation(decodeMessage('confirmation', await this.#message('confirm', siteId)));
    for (const siteId of this.#senders('reveal')) gathering.takeReveal(decodeMessage('reveal', await this.#message('reveal', siteId)));
    return gathering;
  }

  /** The run between two rounds, as it was put on record. */
  async run(): Promise<Run> {
    return readRun(this.#ports.mailbox, this.#training);
  }
}

/** @throws DomainError `training-round-malformed` when it is not what was put on record */
export const readRun = async (mailbox: CoordinatePorts['mailbox'], { runId, plan, stateSha256 }: Training): Promise<Run> => {
  if (stateSha256 === undefined) return decodeRun(plan, undefined);
  return decodeRun(plan, requireBytes('state', (await mailbox.get(mailboxKey.state(runId, stateSha256)))?.body, stateSha256));
};

export const formatOf = ({ plan }: Training, ask: Ask): Format => formatFor(rowBoundOf(plan, ask.question), ask.members.length * plan.rowLimit);
const emptyGathering = (training: Training, ask: Ask): Gathering => {
  const format = formatOf(training, ask);
  return new Gathering(ask, format, wordCount(widthOf(training.plan, ask.question), format));
};
export const integersOf = (training: Training, ask: Ask, sum: Uint32Array): Float64Array => decodeWords(sum, widthOf(training.plan, ask.question), formatOf(training, ask));

const requireSender = (siteId: string, from: string): void => {
  if (siteId !== from) throw new DomainError('training-round-stale', `message of ${from}: got one in the name of ${siteId}`, { siteId: from });
};

const requireConfirmed = ({ certificates }: Ask, complete: Complete, { siteId, context, signature }: Confirmation): void => {
  const certificate = certificates.find((each: Certificate) => each.siteId === siteId);
  const isOwn = context === complete.context && certificate !== undefined && isConfirmedBy(certificate, completeBytes(complete), signature);
  if (!isOwn) throw new DomainError('training-certificate-wrong', `confirmation of ${siteId}: got none of this sum by its key`, { siteId });
};

/**
 * Whether a message may be taken: of who wrote it, in this attempt, whole.
 *
 * @throws DomainError `training-round-late`, `training-round-stale`, `training-round-malformed`, `training-certificate-wrong`
 */
export const requireTakeable = (training: Training, ask: Ask, complete: Complete | undefined, message: Readonly<{ step: Step; from: string; bytes: Uint8Array; nowEpochMs: number }>): void => {
  const { step, from, bytes, nowEpochMs } = message;
  const gathering = emptyGathering(training, ask);
  switch (step) {
    case 'answer': {
      const answer = decodeAnswer(bytes);
      requireSender(answer.siteId, from);
      gathering.take(answer, nowEpochMs);
      return;
    }
    case 'confirm': {
      const confirmation = decodeMessage('confirmation', bytes);
      requireSender(confirmation.siteId, from);
      gathering.takeConfirmation(confirmation);
      if (complete !== undefined) requireConfirmed(ask, complete, confirmation);
      return;
    }
    case 'reveal': {
      const reveal = decodeMessage('reveal', bytes);
      requireSender(reveal.siteId, from);
      gathering.takeReveal(reveal);
      return;
    }
    case 'join':
    case 'refuse':
    case 'decline': throw new DomainError('training-round-stale', `message of ${from}: got ${step}, want one of this round`, { siteId: from });
    default: step satisfies never;
  }
};
