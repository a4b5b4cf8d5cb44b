import type { Attempt, Training } from '../../../models/federated/workflow/coordination.ts';
import { BOARD, decodeBoard, EMPTY_BOARD, encodeBoard, mailboxKey, type Board, type BoardRun } from '../../../models/federated/workflow/mailbox.ts';
import { sha256 } from '../../../models/federated/secure/messages.ts';
import { encodeMessage } from '../../../models/federated/workflow/wire.ts';
import { DomainError } from '../../../shared/errors.ts';
import type { CoordinatePorts } from './ports.ts';

/** Others that may change the board meanwhile before a run gives up; the workflow then tries again. */
const MAXIMUM_ATTEMPTS = 8;
/** Ended runs that stay on the board, for hospitals that were away. */
const ENDED_AT_MOST = 50;

const invitationOf = ({ runId, title, purpose, plan, invited, joinUntilEpochMs, answerWithinMs }: Training): Buffer => encodeMessage('invitation', { runId, title, purpose, plan, invited, joinUntilEpochMs, answerWithinMs });

const noticeOf = ({ runId, status, modelSha256, code }: Training): Buffer | undefined => (status === 'finished' || status === 'aborted'
  ? encodeMessage('notice', { runId, outcome: status, ...(modelSha256 !== undefined && { modelSha256 }), ...(code !== undefined && { code }) }) : undefined);

const attemptOnBoard = ({ round, attempt, askSha256, completeSha256, revealAskSha256 }: Attempt): BoardRun['attempt'] =>
  ({ round, attempt, askSha256, ...(completeSha256 !== undefined && { completeSha256 }), ...(revealAskSha256 !== undefined && { revealAskSha256 }) });

const entryOf = (training: Training, notice: Buffer | undefined): BoardRun => ({
  runId: training.runId, invitationSha256: sha256(invitationOf(training)),
  ...(training.attempt !== undefined && { attempt: attemptOnBoard(training.attempt) }), ...(notice !== undefined && { noticeSha256: sha256(notice) }),
});

/** With this run's entry; of the ended ones the last. */
const boardWith = ({ runs }: Board, entry: BoardRun): Board => {
  const others = [...runs.filter(({ runId }) => runId !== entry.runId), entry];
  const ended = others.filter(({ noticeSha256 }) => noticeSha256 !== undefined);
  const dropped = new Set(ended.slice(0, Math.max(0, ended.length - ENDED_AT_MOST)));
  return { formatVersion: 1, runs: others.filter((each) => !dropped.has(each)) };
};

/** Put an object under its hash. @returns the hash */
export const putByHash = async ({ mailbox }: Pick<CoordinatePorts, 'mailbox'>, bytes: Uint8Array, keyOf: (hash: string) => string): Promise<string> => {
  const hash = sha256(bytes);
  await mailbox.put(keyOf(hash), bytes);
  return hash;
};

/**
 * Say on the board where a run stands by its record: what was cut off is made good, and on a board that is as it should be nothing is written.
 *
 * @throws DomainError `version-conflict` after the last attempt
 */
export const putUp = async (ports: CoordinatePorts, training: Training): Promise<void> => {
  const { mailbox } = ports;
  const notice = noticeOf(training);
  const entry = entryOf(training, notice);
  for (let attempt = 0; attempt < MAXIMUM_ATTEMPTS; attempt += 1) {
    const held = await mailbox.get(BOARD);
    const board = held === undefined ? EMPTY_BOARD : decodeBoard(held.body);
    const known = board.runs.find(({ runId }) => runId === training.runId);
    if (JSON.stringify(known) === JSON.stringify(entry)) return;
    for (const bytes of [invitationOf(training), ...(notice === undefined ? [] : [notice])]) await putByHash(ports, bytes, (hash) => mailboxKey.forAll(training.runId, hash));
    if (await mailbox.put(BOARD, encodeBoard(boardWith(board, entry)), { contentType: 'application/json', ifMatch: held?.etag ?? null })) return;
  }
  throw new DomainError('version-conflict', `board: others changed it ${MAXIMUM_ATTEMPTS} times meanwhile`);
};
