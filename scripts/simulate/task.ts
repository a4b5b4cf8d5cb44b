import type { PolicyName } from '../../models/twin/assist/policy.ts';
import type { Job, ReviewMode } from '../../models/twin/release/job.ts';
import type { ReleaseTable } from '../../models/twin/release/table.ts';
import type { Predictor, Row } from '../../models/twin/trial/predictor.ts';
import type { Arm, BatchResult } from '../../models/twin/trial/result.ts';

/** What every batch of a trial is played with, known once the prediction is trained. `series`: see every sensor of every culture, each minute. */
export type Briefing = Readonly<{ predictor: Predictor; seed: number; arms: readonly Arm[]; series: boolean; policy: PolicyName; releaseTable: ReleaseTable; startDays: readonly number[] }>;

/** Batches `from` up to, not including, `to`. */
export type Range = Readonly<{ from: number; to: number }>;

/** What a worker can be asked, and what it answers; no answer depends on what was asked before, but for `played`, which needs a briefing. */
export type Tasks = {
  rows: Readonly<{ asked: Range & Readonly<{ seed: number }>; answered: readonly Row[] }>;
  predictor: Readonly<{ asked: Readonly<{ rows: readonly Row[] }>; answered: Predictor }>;
  releaseTable: Readonly<{ asked: null; answered: ReleaseTable }>;
  /** By batch, then by arm; readings of all sensors, and how many of them a sensor did not give, when asked for. */
  played: Readonly<{ asked: Range; answered: Readonly<{ results: readonly (readonly BatchResult[])[]; readings: number; missing: number }> }>;
  /** Mean days to release of whole trials like the one these jobs are of (release/replay.ts), one for each number in the range. */
  replays: Readonly<{ asked: Range & Readonly<{ jobs: readonly Job[]; mode: ReviewMode }>; answered: readonly number[] }>;
};
export type TaskName = keyof Tasks;
export type Asked<Name extends TaskName> = Tasks[Name]['asked'];
export type Answered<Name extends TaskName> = Tasks[Name]['answered'];

/** One message to a worker. */
export type Message = Readonly<{ type: 'briefing'; briefing: Briefing }> | Readonly<{ type: 'task'; name: TaskName; asked: Asked<TaskName> }>;
