import * as z from 'zod';
import { DomainError } from '../../../shared/errors.ts';

/**
 * Where messages of a run lie in the control site's mailbox. A hospital reads what is for all and what is for itself, and writes, once, below its own place (`shared/storage/place.ts`); policies
 * name these prefixes (`infra/constructs/training-mailbox.ts`). Objects of the coordinator are named by their hash.
 */
export const STEPS = ['join', 'answer', 'confirm', 'reveal', 'refuse', 'decline'] as const;
export type Step = (typeof STEPS)[number];
export type AttemptName = Readonly<{ round: number; attempt: number }>;

/** No hospital's place begins so: an account is digits. */
export const FOR_ALL = '_all';
export const BOARD = `questions/${FOR_ALL}/board.json`;
/** Joining and declining come before any round. */
export const BEFORE_ROUNDS: AttemptName = { round: 0, attempt: 0 };

export const mailboxKey = {
  forAll: (runId: string, sha256: string) => `questions/${FOR_ALL}/${runId}/${sha256}`,
  forOne: (place: string, runId: string, sha256: string) => `questions/${place}/${runId}/${sha256}`,
  answersOf: (place: string, runId: string) => `answers/${place}/${runId}/`,
  answer: (place: string, runId: string, { round, attempt }: AttemptName, step: Step) => `answers/${place}/${runId}/${round}-${attempt}/${step}`,
  /** All questions of a run to all, to one hospital, and what the coordinator keeps between its rounds. */
  prefixes: (runId: string, places: readonly string[]) => [`questions/${FOR_ALL}/${runId}/`, ...places.flatMap((place) => [`questions/${place}/${runId}/`, `answers/${place}/${runId}/`]), `state/${runId}/`],
  state: (runId: string, sha256: string) => `state/${runId}/${sha256}`,
} as const;

const AFTER_PREFIX = /^(0|[1-9]\d{0,8})-(0|[1-9]\d{0,8})\/([a-z]+)$/;
/** What a key below a hospital's place in a run names; undefined for one that names no message. */
export const stepOfKey = (key: string, place: string, runId: string): Readonly<{ at: AttemptName; step: Step }> | undefined => {
  const prefix = mailboxKey.answersOf(place, runId);
  const [, round, attempt, name] = AFTER_PREFIX.exec(key.startsWith(prefix) ? key.slice(prefix.length) : '') ?? [];
  const step = STEPS.find((each) => each === name);
  return step === undefined ? undefined : { at: { round: Number(round), attempt: Number(attempt) }, step };
};

const Hex = z.string().regex(/^[0-9a-f]{64}$/);
const Name = z.string().min(1).max(64);
const BoardSchema = z.strictObject({
  formatVersion: z.literal(1),
  runs: z.array(z.strictObject({
    runId: Name, invitationSha256: Hex,
    attempt: z.strictObject({ round: z.int().min(0), attempt: z.int().min(1), askSha256: Hex, completeSha256: Hex.optional(), revealAskSha256: z.record(Name, Hex).optional() }).optional(),
    noticeSha256: Hex.optional(),
  })).max(200),
});
/** What is asked now, in each run. The only object that changes; all others it names by hash. */
export type Board = z.infer<typeof BoardSchema>;
export type BoardRun = Board['runs'][number];

export const EMPTY_BOARD: Board = { formatVersion: 1, runs: [] };
export const encodeBoard = (board: Board): Buffer => Buffer.from(JSON.stringify(board), 'utf8');

/** @throws DomainError `training-round-malformed` */
export const decodeBoard = (bytes: Uint8Array): Board => {
  try {
    return BoardSchema.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
  } catch (cause) {
    throw new DomainError('training-round-malformed', 'board: got one that can not be read', {}, { cause });
  }
};
