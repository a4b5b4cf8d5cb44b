import { DomainError } from '../../../shared/errors.ts';
import { addWords, type Format } from '../words.ts';
import { applyMask } from './mask.ts';
import { contextOf, digestOf, questionHash, quorumOf, sha256, type Answer, type Ask, type Complete, type Confirmation, type Reveal, type RevealAsk } from './messages.ts';
import { combine } from './shamir.ts';

/** The coordinator's side of one attempt: takes what arrives, refuses what does not belong, and opens the sum over all members, which is all it can open. */
export class Gathering {
  readonly #ask: Ask;
  readonly #context: string;
  readonly #format: Format;
  readonly #wordCount: number;
  readonly #answers = new Map<string, Answer>();
  readonly #confirmations = new Map<string, Confirmation>();
  readonly #reveals = new Map<string, Reveal>();

  constructor(ask: Ask, format: Format, wordCount: number) {
    this.#ask = ask;
    this.#context = contextOf(ask, questionHash(ask.question));
    this.#format = format;
    this.#wordCount = wordCount;
  }

  /** Members that have not answered. */
  get missing(): readonly string[] { return this.#ask.members.filter((site) => !this.#answers.has(site)); }

  /** @throws DomainError `training-round-late`, `training-round-stale`, `training-round-answered`, `training-round-malformed` */
  take(answer: Answer, nowEpochMs: number): void {
    const { siteId, words, sealed } = answer;
    if (nowEpochMs > this.#ask.closesAtEpochMs) throw new DomainError('training-round-late', `answer of ${siteId}: got it after the round closed`, { siteId });
    this.#requireCurrent(answer);
    if (this.#answers.has(siteId)) throw new DomainError('training-round-answered', `answer of ${siteId}: got a second one, want one an attempt`, { siteId });
    if (words.length !== this.#wordCount) throw new DomainError('training-round-malformed', `answer of ${siteId}: got ${words.length} words, want ${this.#wordCount}`, { siteId });
    if (this.#ask.members.some((to) => to !== siteId && sealed[to] === undefined)) throw new DomainError('training-round-malformed', `answer of ${siteId}: got no sealed share for some member, want one each`, { siteId });
    this.#answers.set(siteId, answer);
  }

  /** @throws DomainError `training-round-stale` while answers are missing: then the attempt is given up, and nothing of it can be read */
  complete(): Complete {
    if (this.missing.length > 0) throw new DomainError('training-round-stale', `round ${this.#ask.round}: got no answer of ${this.missing.join(', ')}, want all`, { missing: this.missing });
    return { context: this.#context, digests: Object.fromEntries([...this.#answers].map(([siteId, { words }]) => [siteId, digestOf(words)])) };
  }

  takeConfirmation(confirmation: Confirmation): void {
    this.#requireCurrent(confirmation);
    this.#confirmations.set(confirmation.siteId, confirmation);
  }

  /** What one site needs to reveal. */
  revealAskFor(siteId: string): RevealAsk {
    const sealed = [...this.#answers].flatMap(([from, answer]): [string, string][] => (from === siteId ? [] : [[from, answer.sealed[siteId] ?? '']]));
    return { context: this.#context, confirmations: [...this.#confirmations.values()], sealed: Object.fromEntries(sealed) };
  }

  takeReveal(reveal: Reveal): void {
    this.#requireCurrent(reveal);
    this.#reveals.set(reveal.siteId, reveal);
  }

  /**
   * The sum over all members. A member that vanished after its answer is made up for by a quorum of shares.
   *
   * @throws DomainError `training-shares-wrong` when a seed can not be had: too few shares, or wrong ones
   */
  sum(): Uint32Array {
    const sum = new Uint32Array(this.#wordCount);
    for (const siteId of this.#ask.members) {
      addWords(sum, this.#answers.get(siteId)?.words ?? new Uint32Array(this.#wordCount), this.#format);
      applyMask(sum, this.#seedOf(siteId), -1, this.#format);
    }
    return sum;
  }

  #seedOf(siteId: string): Uint8Array {
    const own = this.#reveals.get(siteId);
    const seed = own === undefined ? this.#fromShares(siteId) : Buffer.from(own.seed, 'base64');
    if (sha256(seed) !== this.#answers.get(siteId)?.seedHash) throw new DomainError('training-shares-wrong', `seed of ${siteId}: got one of another hash than it announced`, { siteId });
    return seed;
  }

  #fromShares(siteId: string): Uint8Array {
    const quorum = quorumOf(this.#ask.members.length);
    const shares = [...this.#reveals].flatMap(([from, { shares: held }]) => {
      const text = held[siteId];
      return text === undefined ? [] : [{ x: this.#ask.members.indexOf(from) + 1, bytes: Buffer.from(text, 'base64') }];
    });
    if (shares.length < quorum) throw new DomainError('training-shares-wrong', `seed of ${siteId}: got ${shares.length} shares, want ${quorum}`, { siteId });
    return combine(shares.slice(0, quorum));
  }

  #requireCurrent({ siteId, context }: Readonly<{ siteId: string; context: string }>): void {
    if (context !== this.#context || !this.#ask.members.includes(siteId)) throw new DomainError('training-round-stale', `message of ${siteId}: got one of another attempt or no member, want one of round ${this.#ask.round}, attempt ${this.#ask.attempt}`, { siteId });
  }
}
