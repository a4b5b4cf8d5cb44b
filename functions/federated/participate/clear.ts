import { toAbandon, toClear, type RunHere } from '../../../models/federated/workflow/participation.ts';
import type { ParticipatePorts } from './ports.ts';
import { actorOf } from './take-part.ts';

/** Runs cleared in one call; the next minute goes on. */
const MOST_AT_ONCE = 5;

/** A decline or a refusal must have arrived before its bytes go; of a run that is over for all, nothing is waited for any more. */
const isTold = async ({ files }: ParticipatePorts, { runId, status, last }: RunHere): Promise<boolean> => status === 'finished' || status === 'aborted' || status === 'abandoned' || last === undefined || files.isDelivered(runId, last.sha256);

/** Take no further part in runs of which nothing is heard any more: on record, and from then on they are cleared like those that ended. */
export const abandonSilent = async ({ participation, nodeId, now }: ParticipatePorts): Promise<void> => {
  if (toAbandon((await participation.load(nodeId)).state, now().getTime()).length === 0) return;
  await participation.change(nodeId, ({ state }) => toAbandon(state, now().getTime()).map(({ runId, lastAtEpochMs }) => ({ type: 'training-abandoned', runId, lastAt: new Date(lastAtEpochMs).toISOString() })), { actor: actorOf(nodeId) });
};

/**
 * Leave nothing of runs that are over but what is on record and the rows that were counted, which the model registry asks for. The secret goes for good: with it, and with what the coordinator got, the
 * masks of this hospital could be made again.
 */
export const clearEnded = async (ports: ParticipatePorts): Promise<void> => {
  const { participation, files, nodeId } = ports;
  const { state } = await participation.load(nodeId);
  for (const run of toClear(state).slice(0, MOST_AT_ONCE)) {
    if (!await isTold(ports, run)) continue;
    await files.clear(run.runId);
    await participation.change(nodeId, (held) => (toClear(held.state).some(({ runId }) => runId === run.runId) ? [{ type: 'training-cleared', runId: run.runId }] : []), { actor: actorOf(nodeId) });
    await files.clearDelivered(run.runId);
  }
};
