import { budgetSummary, evolveBudget, type Budget, type BudgetEvent } from '../../models/federated/private/budget.ts';
import { evolveTraining, type Training, type TrainingEvent } from '../../models/federated/workflow/coordination.ts';
import { evolveParticipation, type Participation, type ParticipationEvent } from '../../models/federated/workflow/participation.ts';
import { evolvePartner, type Partner, type PartnerEvent } from '../../models/federated/workflow/partner.ts';
import type { StreamType } from '../_platform/stream-records.ts';

/** The control site: one stream a training. */
export const TRAININGS: StreamType<Training, TrainingEvent> = {
  kind: 'training', evolve: evolveTraining,
  summaryOf: ({ runId, title, status, invited, round, modelSha256, endedAtEpochMs, isCleared }) => ({ runId, title, status, invited, round, ...(modelSha256 !== undefined && { modelSha256 }), ...(endedAtEpochMs !== undefined && { endedAtEpochMs }), ...(isCleared === true && { isCleared }) }),
};

/** A hospital: one stream for all trainings, because what it lets out in one hangs on what it let out in others. */
export const PARTICIPATION: StreamType<Participation, ParticipationEvent> = { kind: 'training', evolve: evolveParticipation, summaryOf: ({ runs }) => ({ runs: Object.keys(runs).length }) };

/** A hospital: one stream a label, of what trainings may learn of the rows with it, and did. */
export const TRAINING_BUDGETS: StreamType<Budget, BudgetEvent> = { kind: 'training-budget', evolve: evolveBudget, summaryOf: (budget) => ({ ...budgetSummary(budget) }) };

/** A hospital: one stream each of the others, whether its people confirmed it as a training partner. */
export const TRAINING_PARTNERS: StreamType<Partner, PartnerEvent> = { kind: 'training-partner', evolve: evolvePartner, summaryOf: ({ siteId, fingerprint }) => ({ siteId, isConfirmed: fingerprint !== undefined }) };
