import { DomainError, type ErrorCode } from '../../../shared/errors.ts';
import { settledRows } from '../../../models/drift/answers.ts';
import { planHash, type Plan } from '../../../models/federated/plan.ts';
import type { Rows } from '../../../models/federated/rows.ts';
import { settledCohort } from '../../../models/federated/secure/cohorts.ts';
import { certificateBytes, unconfirmedOf, type Certificate } from '../../../models/federated/secure/keys.ts';
import { digestOf, LEAST_SITES } from '../../../models/federated/secure/messages.ts';
import { Site, type Open } from '../../../models/federated/secure/site.ts';
import { CODE_DECLINED } from '../../../models/federated/workflow/coordination.ts';
import { requireContinued } from '../../../models/federated/workflow/continued.ts';
import { BEFORE_ROUNDS, mailboxKey, type AttemptName, type BoardRun } from '../../../models/federated/workflow/mailbox.ts';
import { isLastCall, joiningOf, joinsAt } from '../../../models/federated/workflow/joining.ts';
import { lastDriftOf, type OpenAttempt, type Participation, type ParticipationEvent, type RunHere } from '../../../models/federated/workflow/participation.ts';
import { EMPTY_LEDGER } from '../../../models/federated/secure/ledger.ts';
import { decodeAsk, decodeMessage, encodeAnswer, encodeMessage, requireBytes, type Invitation } from '../../../models/federated/workflow/wire.ts';
import { logger } from '../../_platform/log.ts';
import type { Before, Booking } from './budgets.ts';
import { formerKeys, treesOver } from './former.ts';
import type { ParticipatePorts } from './ports.ts';

export const actorOf = (nodeId: string) => ({ kind: 'system', id: 'federated-participate', version: nodeId }) as const;

/** Codes that would tell how much of a privacy budget is left; the coordinator hears that the hospital declines, and no more. */
const OF_OWN_BUDGET: readonly ErrorCode[] = ['training-budget-spent', 'training-exact-refused'];

/** What a hospital does with one run of the board, once: its answer to what is asked now, on record before it leaves. */
export class TakingPart {
  readonly #ports: ParticipatePorts;
  readonly #run: BoardRun;

  constructor(ports: ParticipatePorts, run: BoardRun) {
    this.#ports = ports;
    this.#run = run;
  }

  async step(): Promise<void> {
    const here = (await this.#held())?.runs[this.#run.runId];
    if (here !== undefined) await this.#deliver(here);
    if (this.#run.noticeSha256 !== undefined) return this.#end(here, this.#run.noticeSha256);
    if (here === undefined) return this.#beInvited();
    if (here.status === 'invited') return this.#join(here);
    if (here.status !== 'joined' || this.#run.attempt === undefined) return undefined;
    return this.#attempt(here, this.#run.attempt);
  }

  async #held(): Promise<Participation | undefined> {
    return (await this.#ports.participation.load(this.#ports.nodeId)).state;
  }

  async #read(what: string, sha: string, isOwn = false): Promise<Uint8Array> {
    const { runId } = this.#run;
    const key = isOwn ? mailboxKey.forOne(this.#ports.place, runId, sha) : mailboxKey.forAll(runId, sha);
    return requireBytes(what, (await this.#ports.mailbox.get(key))?.body, sha);
  }

  /** Put on record, unless the run has moved on meanwhile; then send. An answer hangs on what was let out in other runs, too: with `version` it stands on that version of all this hospital did, or not at all. */
  async #record(seen: RunHere | undefined, event: ParticipationEvent, { alongside, companions, version }: Booking & Readonly<{ version?: number }> = { alongside: [], companions: [] }): Promise<void> {
    const { participation, nodeId } = this.#ports;
    const { state } = await participation.change(nodeId, (held) => {
      const now = held.state?.runs[event.runId];
      if (version !== undefined && held.position.version !== version) throw new DomainError('version-conflict', `trainings of this hospital moved on while it answered run ${event.runId}`);
      if (JSON.stringify(now) !== JSON.stringify(seen)) throw new DomainError('version-conflict', `run ${event.runId} moved on at this hospital meanwhile`);
      return [event];
    }, { actor: actorOf(nodeId), attempts: 1, alongside, companions: () => companions });
    const here = state.runs[event.runId];
    if (here !== undefined) await this.#deliver(here);
  }

  /** Send the last message until it has arrived: write-once, so that a second time changes nothing. */
  async #deliver({ runId, last, status, isCleared }: RunHere): Promise<void> {
    const { files, mailbox, place } = this.#ports;
    const isOver = isCleared === true || status === 'finished' || status === 'aborted' || status === 'abandoned';
    if (last === undefined || isOver || await files.isDelivered(runId, last.sha256)) return;
    await mailbox.put(mailboxKey.answer(place, runId, last, last.step), await files.sent(runId, last.sha256), { ifMatch: null });
    await files.noteDelivered(runId, last.sha256);
  }

  async #invitation(sha: string): Promise<Invitation> {
    const invitation = decodeMessage('invitation', await this.#read('invitation', sha));
    if (invitation.runId !== this.#run.runId) throw new DomainError('training-round-malformed', `invitation: got one of run ${invitation.runId}, want ${this.#run.runId}`);
    return invitation;
  }

  /** First it is on record that the hospital was asked, and people have time to decline. */
  async #beInvited(): Promise<void> {
    const { invitationSha256: receivedSha256, runId } = this.#run;
    const { title, purpose, plan, invited, joinUntilEpochMs } = await this.#invitation(receivedSha256);
    const { nodeId, now, thinkingMs, consent } = this.#ports;
    const nowEpochMs = now().getTime();
    if (!invited.includes(nodeId) || nowEpochMs > joinUntilEpochMs) return;
    await this.#record(undefined, { type: 'training-invited', runId, title, purpose, plan, planHash: planHash(plan), invited, joinUntilEpochMs, joinsAtEpochMs: joinsAt(nowEpochMs, thinkingMs), ...(consent === 'signed' && { needsConsent: true }), receivedSha256 });
  }

  /** People here have the time to think that this hospital gives them, or say yes where it wants that, and until joining ends to confirm partners, of which it needs two. */
  async #join(here: RunHere): Promise<void> {
    const receivedSha256 = here.invitationSha256 ?? '';
    const nowEpochMs = this.#ports.now().getTime();
    try {
      const invitation = await this.#invitation(receivedSha256);
      const { joinUntilEpochMs } = invitation;
      if (joiningOf(here, joinUntilEpochMs, nowEpochMs) === 'waits') return;
      const unconfirmed = await this.#unconfirmed(invitation);
      if (unconfirmed === undefined && !isLastCall(nowEpochMs, joinUntilEpochMs)) return;
      if (unconfirmed === undefined) throw new DomainError('training-partner-unconfirmed', `invited: got fewer than ${LEAST_SITES - 1} hospitals that people here confirmed as training partners`);
      await this.#sendJoin(here, invitation, unconfirmed);
    } catch (error) {
      // A hospital in which a model spoke of few batches is the rule, and nobody has to look.
      const isUsual = here.method === 'drift' && error instanceof DomainError && error.code === 'training-cohort-too-small';
      await this.#refuse(here, { ...BEFORE_ROUNDS, isUsual }, receivedSha256, error);
    }
  }

  /** Of the invited those it will not sum with; undefined when with these gone too few are left. */
  async #unconfirmed({ invited }: Invitation): Promise<readonly string[] | undefined> {
    const others = invited.filter((siteId) => siteId !== this.#ports.nodeId);
    const unconfirmed = unconfirmedOf(others, await this.#ports.partners(), await this.#ports.directory());
    return others.length - unconfirmed.length < LEAST_SITES - 1 ? undefined : unconfirmed;
  }

  async #sendJoin(here: RunHere, invitation: Invitation, unconfirmed: readonly string[]): Promise<void> {
    const { files, budgets, certify } = this.#ports;
    const { runId, plan } = invitation;
    await budgets.requireAllowed(plan);
    const rows = await this.#rowsFor(plan);
    await budgets.requireTrainingLeft(plan, runId, this.#before(await this.#held(), plan, () => Promise.resolve(rows)));
    const site = await this.#site(invitation, rows, EMPTY_LEDGER);
    const certificate: Certificate = { ...site.unsignedCertificate, ...await certify(certificateBytes(site.unsignedCertificate)) };
    const cohortSha256 = await files.keepRows(runId, rows);
    const sentSha256 = await files.keepSent(runId, encodeMessage('join', { certificate, unconfirmed }));
    const { drift } = plan;
    await this.#record(here, { type: 'training-joined', runId, rows: rows.keys.length, cohortDigest: site.cohortDigest, cohortSha256, ...(drift !== undefined && { driftOfSha256: drift.artefactSha256 }), unconfirmed, receivedSha256: here.invitationSha256 ?? '', sentSha256 });
  }

  /** Rows as they are now; those of a time before until enough is new. */
  async #rowsFor(plan: Plan): Promise<Rows> {
    const { files, rows, leastCohort } = this.#ports;
    const [now, held] = [await rows(plan), await this.#held()];
    if (plan.drift === undefined) return settledCohort(now, await formerKeys(files, held), leastCohort);
    const last = lastDriftOf(held, plan.drift.artefactSha256);
    return last?.cohortSha256 === undefined ? now : settledRows(await files.rowsOf(last.runId, last.cohortSha256), now, leastCohort);
  }

  /** Exact trainings it answered over rows like these. */
  #before(held: Participation | undefined, { label }: Plan, rows: () => Promise<Rows>): Before {
    return async () => treesOver(this.#ports.files, held, label, (await rows()).keys);
  }

  async #site({ plan, invited }: Invitation, rows: Rows, ledger: Participation['ledger'], open?: Open): Promise<Site> {
    const { nodeId, files, leastCohort, directory, partners } = this.#ports;
    const { runId } = this.#run;
    return new Site({
      siteId: nodeId, runId, plan, rows, ledger, invited, secret: await files.secretOf(runId), directory: await directory(), partners: await partners(), leastCohort, ...(open !== undefined && { open }),
    });
  }

  /** The rows are those of the day it joined: two answers of one run never differ by a batch. */
  async #restored(here: RunHere, invitation: Invitation, open?: Open): Promise<Site> {
    const rows = await this.#ports.files.rowsOf(here.runId, here.cohortSha256 ?? '');
    const site = await this.#site(invitation, rows, (await this.#held())?.ledger ?? EMPTY_LEDGER, open);
    if (site.cohortDigest !== here.cohortDigest) throw new DomainError('training-data-malformed', 'rows: got others than this hospital joined with', { field: 'rows' });
    return site;
  }

  async #attempt(here: RunHere, asked: NonNullable<BoardRun['attempt']>): Promise<void> {
    const { open } = here;
    const isSame = open?.round === asked.round && open.attempt === asked.attempt;
    const received = isSame ? (open.completeSha256 === undefined ? asked.completeSha256 : asked.revealAskSha256?.[this.#ports.nodeId]) : asked.askSha256;
    if (received === undefined || received === here.refusedSha256 || (isSame && open.isRevealed)) return;
    try {
      const invitation = await this.#invitation(here.invitationSha256 ?? '');
      if (!isSame) await this.#answer(here, invitation, asked);
      else if (open.completeSha256 === undefined) await this.#confirm(here, invitation, open, received);
      else await this.#reveal(here, invitation, open, open.completeSha256, received);
    } catch (error) {
      await this.#refuse(here, asked, received, error);
    }
  }

  async #answer(here: RunHere, invitation: Invitation, { askSha256: receivedSha256, round, attempt }: NonNullable<BoardRun['attempt']>): Promise<void> {
    const { plan } = invitation;
    const ask = decodeAsk(plan, await this.#read('ask', receivedSha256));
    if (ask.round !== round || ask.attempt !== attempt) throw new DomainError('training-round-malformed', `ask: got round ${ask.round}, attempt ${ask.attempt}, want ${round}, ${attempt}`);
    // It was silent for too long, or refused, before a sum was made. Nothing is asked of it any more, and nobody has to look.
    if (!ask.members.includes(this.#ports.nodeId)) return this.#refuse(here, { round, attempt, isUsual: true }, receivedSha256, new DomainError('training-round-late', `run ${here.runId}: goes on without this hospital`, { runId: here.runId }));
    if (here.open !== undefined && here.open.round < round) requireContinued(plan, decodeAsk(plan, await this.#read('ask', here.open.askSha256)).question, ask.question);
    const { state: held, position } = await this.#ports.participation.load(this.#ports.nodeId);
    const site = await this.#restored(here, invitation);
    const answer = site.answer(ask, this.#ports.now().getTime());
    const entry = site.ledger.runs[here.runId];
    if (entry === undefined) throw new Error('the ledger has no entry after an answer');
    const { question, cohorts } = entry;
    // Answer and spending are one transaction: neither is on record without the other, and two runs can not spend the same.
    const booking = await this.#ports.budgets.booking(plan, { ask, actor: actorOf(this.#ports.nodeId), before: this.#before(held, plan, () => this.#ports.files.rowsOf(here.runId, here.cohortSha256 ?? '')) });
    const sentSha256 = await this.#ports.files.keepSent(here.runId, encodeAnswer(answer));
    await this.#record(here, { type: 'training-answered', runId: here.runId, round, attempt, cohorts, question, wordsSha256: digestOf(answer.words), receivedSha256, sentSha256 }, { ...booking, version: position.version });
  }

  async #open(plan: Plan, { askSha256, wordsSha256, completeSha256 }: OpenAttempt): Promise<Open> {
    const ask = decodeAsk(plan, await this.#read('ask', askSha256));
    return { ask, digest: wordsSha256, ...(completeSha256 !== undefined && { complete: decodeMessage('complete', await this.#read('complete', completeSha256)) }) };
  }

  async #confirm(here: RunHere, invitation: Invitation, open: OpenAttempt, receivedSha256: string): Promise<void> {
    const site = await this.#restored(here, invitation, await this.#open(invitation.plan, open));
    const confirmation = site.confirm(decodeMessage('complete', await this.#read('complete', receivedSha256)));
    const sentSha256 = await this.#ports.files.keepSent(here.runId, encodeMessage('confirmation', confirmation));
    await this.#record(here, { type: 'training-confirmed', runId: here.runId, round: open.round, attempt: open.attempt, receivedSha256, sentSha256 });
  }

  async #reveal(here: RunHere, invitation: Invitation, open: OpenAttempt, completeSha256: string, receivedSha256: string): Promise<void> {
    const site = await this.#restored(here, invitation, await this.#open(invitation.plan, { ...open, completeSha256 }));
    const reveal = site.reveal(decodeMessage('revealAsk', await this.#read('reveal', receivedSha256, true)));
    const sentSha256 = await this.#ports.files.keepSent(here.runId, encodeMessage('reveal', reveal));
    await this.#record(here, { type: 'training-revealed', runId: here.runId, round: open.round, attempt: open.attempt, receivedSha256, sentSha256 });
  }

  /** A rule of this hospital's own says no: on record here, and told by its code. Anything else is a fault, and the next run tries again. */
  async #refuse(here: RunHere, { round, attempt, isUsual = false }: AttemptName & Readonly<{ isUsual?: boolean }>, receivedSha256: string, error: unknown): Promise<void> {
    if (!(error instanceof DomainError) || error.code === 'version-conflict') throw error;
    const { runId } = this.#run;
    logger.warn('a training is refused', { runId, round, attempt, code: error.code });
    if (!isUsual) this.#ports.count('TrainingsRefused', 1);
    const sentSha256 = await this.#ports.files.keepSent(runId, encodeMessage('refusal', { siteId: this.#ports.nodeId, runId, round, attempt, code: OF_OWN_BUDGET.includes(error.code) ? CODE_DECLINED : error.code }));
    await this.#record(here, { type: 'training-refused', runId, round, attempt, code: error.code, receivedSha256, sentSha256 });
  }

  async #end(here: RunHere | undefined, receivedSha256: string): Promise<void> {
    if (here?.status !== 'joined' && here?.status !== 'invited') return;
    const notice = decodeMessage('notice', await this.#read('notice', receivedSha256));
    if (notice.runId !== here.runId) throw new DomainError('training-round-malformed', `notice: got one of run ${notice.runId}, want ${here.runId}`);
    const { outcome, modelSha256, code } = notice;
    await this.#ports.participation.change(this.#ports.nodeId, ({ state }) => (state?.runs[here.runId]?.status === here.status
      ? [{ type: 'training-ended', runId: here.runId, outcome, receivedSha256, ...(modelSha256 !== undefined && { modelSha256 }), ...(code !== undefined && { code }) }] : []), { actor: actorOf(this.#ports.nodeId) });
  }
}
