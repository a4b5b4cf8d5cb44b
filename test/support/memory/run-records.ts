import { runIdOf, type RunRecord, type RunRecords } from '../../../functions/_platform/run-record.ts';

/** Run records in memory: one a task and its inputs. */
export const createMemoryRunRecords = (): RunRecords & Readonly<{ runs: Map<string, RunRecord> }> => {
  const runs = new Map<string, RunRecord>();
  return {
    runs,
    keep: (run) => {
      const runId = runIdOf(run);
      const isNew = !runs.has(runId);
      if (isNew) runs.set(runId, run);
      return Promise.resolve({ runId, isNew });
    },
  };
};
