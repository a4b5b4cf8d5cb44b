import { BOARD, decodeBoard, type Board } from '../../../models/federated/workflow/mailbox.ts';
import { task } from '../../_platform/batch.ts';
import type { ParticipatePorts } from './ports.ts';
import { abandonSilent, clearEnded } from './clear.ts';
import { TakingPart } from './take-part.ts';

/** The board, if the coordinator has put one up: a list first, because what is not there may not be told from what is not allowed. */
const readBoard = async ({ mailbox }: ParticipatePorts): Promise<Board['runs']> => {
  const listed = await mailbox.list(BOARD);
  const board = listed.includes(BOARD) ? await mailbox.get(BOARD) : undefined;
  return board === undefined ? [] : decodeBoard(board.body).runs;
};

/**
 * Each minute a hospital looks what the network asks, and answers by its own rules, one step of each run. One run that fails fails the invocation, after the others have had their step.
 */
export const createHandler = (ports: ParticipatePorts) => task(async (_: unknown): Promise<Readonly<{ runs: number }>> => {
  const failures: unknown[] = [];
  // What is over here is cleared also where the control site can not be reached any more.
  const runs = await readBoard(ports).catch((error: unknown): Board['runs'] => { failures.push(error); return []; });
  for (const run of runs) {
    try {
      await new TakingPart(ports, run).step();
    } catch (error) {
      failures.push(error);
    }
  }
  try {
    await abandonSilent(ports);
    await clearEnded(ports);
  } catch (error) {
    failures.push(error);
  }
  if (failures.length > 0) throw new AggregateError(failures, `${failures.length} fault(s) in ${runs.length} training(s): ${failures.map(String).join('; ')}`);
  return { runs: runs.length };
});
