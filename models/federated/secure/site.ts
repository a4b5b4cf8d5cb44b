import { DomainError } from '../../../shared/errors.ts';
import { Cohort } from '../cohort.ts';
import { noiseParts, planHash, roundLimit, type Plan } from '../plan.ts';
import { withNoise } from '../private/forest.ts';
import type { Rows } from '../rows.ts';
import { rowBoundOf } from '../run.ts';
import { encodeWords, formatFor, type Format } from '../words.ts';
import { commitmentOf } from './cohorts.ts';
import { certificateBytes, certificateFor, certificateId, confirm, derive, isConfirmedBy, requireCertificate, runKeysFrom, sharedSecret, type Certificate, type Directory, type Partners, type RunKeys, type UnsignedCertificate } from './keys.ts';
import { requireFresh, withAnswer, withSum, type Asked, type Ledger } from './ledger.ts';
import { applyMask } from './mask.ts';
import { requireMembers } from './membership.ts';
import { cohortsOf, completeBytes, contextOf, digestOf, questionHash, quorumOf, releaseOf, sha256, type Answer, type Ask, type Complete, type Confirmation, type Reveal, type RevealAsk } from './messages.ts';
import { seal, unseal } from './seal.ts';
import { split } from './shamir.ts';

export type SiteOptions = Readonly<{
  siteId: string; runId: string; plan: Plan; rows: Rows;
  /** 32 random bytes for this run alone. */
  secret: Uint8Array;
  /** Whom the run was announced to, itself among them; of those it sums with whom its people confirmed. */
  invited: readonly string[]; partners: Partners;
  directory: Directory; ledger: Ledger; /** Rows it holds at least, by its own rule. */ leastCohort: number;
  /** To go on with an attempt that was answered before. */
  open?: Open;
}>;
/** The attempt a site answered last: what it was asked, which words it sent, by hash, and the sum it confirmed. What a site needs beside its options to go on where another left off. */
export type Open = Readonly<{ ask: Ask; digest: string; complete?: Complete }>;
type Held = Open & Readonly<{ context: string }>;

/**
 * One hospital in one run. What leaves it is its sums under masks that cancel only in the sum over all members, and only after a quorum of them confirmed that all answered.
 * It decides by its own rules, whatever the coordinator says.
 */
export class Site {
  readonly #options: SiteOptions;
  readonly #cohort: Cohort;
  readonly #keys: RunKeys;
  readonly #unsigned: UnsignedCertificate;
  readonly #pairs = new Map<string, Buffer>();
  #ledger: Ledger;
  #open: Held | undefined;

  /** @throws DomainError what `Cohort` throws; `training-cohort-too-small`; `training-sum-overflow` for more rows than the plan lets a site hold; with `open`, what `answer` throws for an ask that is not of this run */
  constructor(options: SiteOptions) {
    this.#cohort = new Cohort(options.plan, options.rows);
    const [least, size, counted] = [options.leastCohort, this.#cohort.size, this.#cohort.counted];
    if (counted < least) throw new DomainError('training-cohort-too-small', `cohort of ${options.siteId}: got ${counted} rows, want at least ${least}`, { siteId: options.siteId, least });
    if (size > options.plan.rowLimit) throw new DomainError('training-sum-overflow', `cohort of ${options.siteId}: got ${size} rows, want at most ${options.plan.rowLimit}`, { siteId: options.siteId, rowLimit: options.plan.rowLimit });
    this.#options = options;
    this.#ledger = options.ledger;
    this.#keys = runKeysFrom(options.secret, options.runId);
    this.#unsigned = certificateFor({ siteId: options.siteId, runId: options.runId, planHash: planHash(options.plan), cohort: commitmentOf(options.plan, options.rows) }, this.#keys);
    if (options.open === undefined) return;
    this.#requireOwnRun(options.open.ask);
    this.#open = { ...options.open, context: contextOf(options.open.ask, questionHash(options.open.ask.question)) };
  }

  get siteId(): string { return this.#options.siteId; }
  /** What must be kept before an answer is sent. */
  get ledger(): Ledger { return this.#ledger; }
  /** SHA-256 of the rows, of which a run has one set from its first round to its last. */
  get cohortDigest(): string { return this.#cohort.digest; }
  /** To be signed by the node's identity. */
  get unsignedCertificate(): UnsignedCertificate { return this.#unsigned; }

  /**
   * @throws DomainError `training-round-late`, `training-round-stale`, `training-sites-too-few`, `training-round-malformed`, `training-sites-uninvited`, `training-partner-unconfirmed`, `training-certificate-wrong`,
   *   `training-question-changed`, `training-masks-reused`, `training-sites-changed`, `training-sum-overflow`
   */
  answer(ask: Ask, nowEpochMs: number): Answer {
    if (nowEpochMs > ask.closesAtEpochMs) throw new DomainError('training-round-late', `round ${ask.round}: got it after it closed at ${ask.closesAtEpochMs}`, { round: ask.round });
    this.#requireOwnRun(ask);
    const format = formatFor(rowBoundOf(this.#options.plan, ask.question), ask.members.length * this.#options.plan.rowLimit);
    const question = questionHash(ask.question);
    const asked = this.#asked(ask);
    requireFresh(this.#ledger, asked, question);
    const words = encodeWords(this.#sums(ask), format);
    const context = contextOf(ask, question);
    this.#mask(words, ask, context, format);
    this.#ledger = withAnswer(this.#ledger, asked, question);
    this.#open = { ask, context, digest: digestOf(words) };
    return { siteId: this.siteId, context, words, seedHash: sha256(this.#ownSeed(context)), sealed: this.#sealShares(ask, context) };
  }

  /**
   * Confirm that every member answered, once an attempt; from here on the set of sites is fixed for the run.
   *
   * @throws DomainError `training-round-stale`, `training-round-malformed` when a member's or the own answer is missing or another, `training-round-answered` when another sum was confirmed
   */
  confirm(complete: Complete): Confirmation {
    const open = this.#requireOpen(complete.context);
    const { ask, digest } = open;
    const named = Object.keys(complete.digests).sort();
    if (named.length !== ask.members.length || named.some((site, i) => site !== ask.members[i])) throw new DomainError('training-round-malformed', `digests: got those of ${named.join(', ')}, want those of ${ask.members.join(', ')}`);
    if (complete.digests[this.siteId] !== digest) throw new DomainError('training-round-malformed', `digests: got another for ${this.siteId} than it sent`);
    if (open.complete !== undefined && !completeBytes(open.complete).equals(completeBytes(complete))) throw new DomainError('training-round-answered', `round ${ask.round}: got another sum than was confirmed, want one a round`, { round: ask.round });
    this.#ledger = withSum(this.#ledger, ask.runId);
    this.#open = { ...open, complete };
    return { siteId: this.siteId, context: open.context, signature: confirm(this.#keys, completeBytes(complete)) };
  }

  /**
   * Show the seed of the own mask and the shares of the others', once a quorum confirmed the same sum.
   *
   * @throws DomainError `training-round-stale`, `training-certificate-wrong` for too few confirmations, `training-shares-wrong`
   */
  reveal({ context, confirmations, sealed }: RevealAsk): Reveal {
    const { ask, complete } = this.#requireOpen(context);
    if (complete === undefined) throw new DomainError('training-round-stale', `round ${ask.round}: got asked to reveal before it confirmed`, { round: ask.round });
    const bytes = completeBytes(complete);
    const valid = new Set(confirmations.filter(({ siteId, signature }) => ask.certificates.some((certificate) => certificate.siteId === siteId && isConfirmedBy(certificate, bytes, signature))).map(({ siteId }) => siteId));
    const quorum = quorumOf(ask.members.length);
    if (valid.size < quorum) throw new DomainError('training-certificate-wrong', `confirmations: got ${valid.size} valid ones, want at least ${quorum}`, { quorum });
    const shares = Object.entries(sealed).filter(([from]) => from !== this.siteId && ask.members.includes(from))
      .map(([from, text]): [string, string] => [from, unseal(this.#shareKey(from, from, this.siteId, context), text, from).toString('base64')]);
    return { siteId: this.siteId, context, seed: this.#ownSeed(context).toString('base64'), shares: Object.fromEntries(shares) };
  }

  #requireOpen(context: string): Held {
    if (this.#open?.context !== context) throw new DomainError('training-round-stale', `context: got ${context}, want the one answered last`);
    return this.#open;
  }

  #requireOwnRun({ runId, planHash: hash, round, attempt, members, certificates }: Ask): void {
    const { plan, directory } = this.#options;
    const want = this.#unsigned;
    if (runId !== want.runId || hash !== want.planHash) throw new DomainError('training-round-stale', `run: got ${runId} with plan ${hash}, want ${want.runId} with plan ${want.planHash}`);
    requireMembers(members, this.#options);
    if (!Number.isInteger(round) || round < 0 || round >= roundLimit(plan) || !Number.isInteger(attempt) || attempt < 1) throw new DomainError('training-round-malformed', `round: got ${round}, attempt ${attempt}, want below ${roundLimit(plan)}, attempt from 1`);
    if (certificates.length !== members.length) throw new DomainError('training-certificate-wrong', `certificates: got ${certificates.length}, want one of each member`);
    members.forEach((siteId, i) => {
      const certificate = certificates[i];
      if (certificate !== undefined && !this.#pairs.has(certificateId(certificate))) this.#learn(certificate, siteId, directory);
      if (siteId === this.siteId && certificate !== undefined && !certificateBytes(certificate).equals(certificateBytes(want))) throw new DomainError('training-certificate-wrong', `certificate of ${siteId}: got another than its own`, { siteId });
      if (certificate?.siteId !== siteId) throw new DomainError('training-certificate-wrong', `certificates: got one of ${certificate?.siteId ?? 'nobody'}, want one of ${siteId}`, { siteId });
    });
  }

  /** Check a certificate once a run, and keep what the two share. */
  #learn(certificate: Certificate, siteId: string, directory: Directory): void {
    const { runId, planHash: hash } = this.#unsigned;
    requireCertificate(certificate, { siteId, runId, planHash: hash }, directory);
    this.#pairs.set(certificateId(certificate), sharedSecret(this.#keys, certificate));
  }

  /**
   * What it sums, with its share of noise where the plan wants it. The noise hangs on run, plan and members and on no attempt: asked again, it gives the same sum, which tells nothing new; asked over other members, it is
   * another release, and is booked as one (`releaseOf`).
   */
  #sums({ members, question }: Ask): ArrayLike<number> {
    const { plan, runId, secret } = this.#options;
    const sums = this.#cohort.answer(question);
    if (plan.private === undefined) return sums;
    return withNoise(plan.private, sums, { parts: noiseParts(plan, members.length), key: derive(secret, 'noise', Buffer.from(releaseOf({ runId, planHash: this.#unsigned.planHash, members }), 'hex')) });
  }

  #asked({ runId, round, attempt, certificates }: Ask): Asked {
    const { drift } = this.#options.plan;
    return { runId, round, attempt, cohorts: cohortsOf({ certificates }), ...(drift !== undefined && { driftOf: drift.artefactSha256 }) };
  }

  #ownSeed(context: string): Buffer { return derive(this.#options.secret, 'own-mask', Buffer.from(context, 'hex')); }

  #pairSecret(siteId: string, ask: Ask): Buffer {
    const certificate = ask.certificates.find((each) => each.siteId === siteId);
    const secret = certificate === undefined ? undefined : this.#pairs.get(certificateId(certificate));
    if (secret === undefined) throw new DomainError('training-certificate-wrong', `certificate of ${siteId}: got none, want one`, { siteId });
    return secret;
  }

  #shareKey(other: string, from: string, to: string, context: string): Buffer {
    return derive(this.#pairSecret(other, this.#requireOpen(context).ask), `share/${from}/${to}`, Buffer.from(context, 'hex'));
  }

  #mask(words: Uint32Array, ask: Ask, context: string, format: Format): void {
    applyMask(words, this.#ownSeed(context), 1, format);
    for (const other of ask.members) {
      if (other !== this.siteId) applyMask(words, derive(this.#pairSecret(other, ask), 'pair-mask', Buffer.from(context, 'hex')), this.siteId < other ? 1 : -1, format);
    }
  }

  #sealShares({ members }: Ask, context: string): Readonly<Record<string, string>> {
    const shares = split(this.#ownSeed(context), members.length, quorumOf(members.length), derive(this.#options.secret, 'coefficients', Buffer.from(context, 'hex')));
    return Object.fromEntries(members.flatMap((to, i): [string, string][] => (to === this.siteId ? [] : [[to, seal(this.#shareKey(to, this.siteId, to, context), shares[i]?.bytes ?? new Uint8Array())]])));
  }
}

