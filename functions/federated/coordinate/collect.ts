import { requireCertificate, type Directory } from '../../../models/federated/secure/keys.ts';
import { CODE_DECLINED, lackingIn, type Attempt, type Training, type TrainingEvent } from '../../../models/federated/workflow/coordination.ts';
import { lackingJoins, type MessageName } from '../../../models/federated/workflow/late.ts';
import { BEFORE_ROUNDS, mailboxKey, type Step } from '../../../models/federated/workflow/mailbox.ts';
import { decodeMessage } from '../../../models/federated/workflow/wire.ts';
import { DomainError } from '../../../shared/errors.ts';
import { find, refused, type Found } from '../messages.ts';
import { AttemptFiles, requireTakeable } from './attempt.ts';
import { stepOf } from './step.ts';
import { GRACE_MS, type CoordinatePorts } from './ports.ts';

type Wanted = MessageName;

const codeOf = (error: unknown): string => {
  if (error instanceof DomainError) return error.code;
  throw error;
};

const taken = ({ from, at, step, sha256: hash }: Found) => ({ type: 'training-message-taken', from, ...at, step, sha256: hash }) as const;

/** The code a hospital gives for not answering. One that can not be read stands for itself. */
const statedCode = ({ bytes, from }: Found, runId: string): string => {
  try {
    const refusal = decodeMessage('refusal', bytes);
    return refusal.siteId === from && refusal.runId === runId ? refusal.code : 'training-round-malformed';
  } catch (error) {
    return codeOf(error);
  }
};

const joinOf = (training: Training, directory: Directory, found: Found): readonly TrainingEvent[] => {
  const { runId, planHash } = training;
  try {
    const { certificate, unconfirmed } = decodeMessage('join', found.bytes);
    requireCertificate(certificate, { siteId: found.from, runId, planHash }, directory);
    return [{ ...taken(found), unconfirmed }];
  } catch (error) {
    const code = codeOf(error);
    return [refused(found, code), { type: 'training-site-left', siteId: found.from, code }];
  }
};

/** Who declined since, of those that have a part. */
const declines = async (ports: CoordinatePorts, training: Training, siteIds: readonly string[], seen: ReadonlyMap<string, ReadonlySet<string>>): Promise<readonly TrainingEvent[]> => {
  const events: TrainingEvent[] = [];
  for (const from of siteIds) {
    const wanted: Wanted = { from, at: BEFORE_ROUNDS, step: 'decline' };
    if (seen.get(from)?.has(mailboxKey.answer(ports.placeOf(from), training.runId, BEFORE_ROUNDS, 'decline')) !== true) continue;
    const found = await find(ports, training.runId, wanted);
    if (found !== undefined) events.push(taken(found), { type: 'training-site-left', siteId: from, code: CODE_DECLINED });
  }
  return events;
};

/** Names of what each hospital sent in this run, so that only what is there is read. */
const listed = async ({ mailbox, placeOf }: CoordinatePorts, runId: string, siteIds: readonly string[]): Promise<ReadonlyMap<string, ReadonlySet<string>>> =>
  new Map(await Promise.all(siteIds.map(async (from): Promise<[string, ReadonlySet<string>]> => [from, new Set(await mailbox.list(mailboxKey.answersOf(placeOf(from), runId)))])));

/** Before the first round: who joins, refuses, declines. */
export const collectJoins = async (ports: CoordinatePorts, training: Training): Promise<readonly TrainingEvent[]> => {
  const { runId, invited, joined, left } = training;
  const [directory, seen] = await Promise.all([ports.directory(), listed(ports, runId, invited.filter((siteId) => left[siteId] === undefined))]);
  const events: TrainingEvent[] = [];
  for (const [from, keys] of seen) {
    const has = (step: Step): boolean => keys.has(mailboxKey.answer(ports.placeOf(from), runId, BEFORE_ROUNDS, step));
    if (has('decline')) {
      events.push(...await declines(ports, training, [from], seen));
    } else if (joined[from] === undefined && has('join')) {
      const found = await find(ports, runId, { from, at: BEFORE_ROUNDS, step: 'join' });
      if (found !== undefined) events.push(...joinOf(training, directory, found));
    } else if (joined[from] === undefined && has('refuse')) {
      const found = await find(ports, runId, { from, at: BEFORE_ROUNDS, step: 'refuse' });
      if (found !== undefined) events.push(taken(found), { type: 'training-site-left', siteId: from, code: statedCode(found, runId) });
    }
  }
  return events;
};

/** What came of attempts that are over, and joins after joining ended: refused by name, and on record, so that a hospital can see what became of its message. */
export const collectLate = async (ports: CoordinatePorts, training: Training): Promise<readonly TrainingEvent[]> => {
  const { runId, past } = training;
  const awaited: readonly Wanted[] = [
    ...lackingJoins(training).map((from): Wanted => ({ from, at: BEFORE_ROUNDS, step: 'join' })),
    ...past.flatMap(({ round, attempt, ...rest }) => lackingIn({ round, attempt, ...rest }).map((each): Wanted => ({ ...each, at: { round, attempt } }))),
  ];
  const seen = await listed(ports, runId, [...new Set(awaited.map(({ from }) => from))]);
  const there = awaited.filter(({ from, at, step }) => seen.get(from)?.has(mailboxKey.answer(ports.placeOf(from), runId, at, step)) === true);
  const found = await Promise.all(there.map((each) => find(ports, runId, each)));
  return found.flatMap((each) => (each === undefined ? [] : [refused(each, 'training-round-late')]));
};

/** In an attempt: what members sent of the step that is due, each held against the rules; refusals and declines. */
export const collectAttempt = async (ports: CoordinatePorts, training: Training, attempt: Attempt): Promise<readonly TrainingEvent[]> => {
  const { runId } = training;
  const step = stepOf(attempt);
  const open = attempt.members.filter((siteId) => attempt.taken[step]?.[siteId] === undefined && attempt.refused[siteId] === undefined && training.left[siteId] === undefined);
  const seen = await listed(ports, runId, open);
  const files = new AttemptFiles(ports, training, attempt);
  const nowEpochMs = ports.now().getTime();
  const events: TrainingEvent[] = [...await declines(ports, training, open, seen)];
  const due = open.flatMap((from) => (['refuse', step] as const).filter((each) => seen.get(from)?.has(mailboxKey.answer(ports.placeOf(from), runId, attempt, each)) === true).slice(0, 1).map((each) => ({ from, each })));
  if (due.length === 0) return events;
  const ask = await files.ask();
  const complete = step === 'confirm' ? await files.complete() : undefined;
  for (const { from, each } of due) {
    const found = await find(ports, runId, { from, at: { round: attempt.round, attempt: attempt.attempt }, step: each });
    if (found === undefined) continue;
    events.push(each === 'refuse' ? refused(found, statedCode(found, runId)) : judged(training, attempt, { ask, complete, found, nowEpochMs }));
  }
  return events;
};

const judged = (training: Training, attempt: Attempt, { ask, complete, found, nowEpochMs }: Readonly<{ ask: Parameters<typeof requireTakeable>[1]; complete: Parameters<typeof requireTakeable>[2]; found: Found; nowEpochMs: number }>): TrainingEvent => {
  try {
    if (nowEpochMs > attempt.closesAtEpochMs + GRACE_MS) throw new DomainError('training-round-late', `${found.step} of ${found.from}: got it after the round closed`, { siteId: found.from });
    requireTakeable(training, ask, complete, { step: found.step, from: found.from, bytes: found.bytes, nowEpochMs: Math.min(nowEpochMs, ask.closesAtEpochMs) });
    return taken(found);
  } catch (error) {
    return refused(found, codeOf(error));
  }
};
