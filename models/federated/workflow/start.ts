import { DomainError } from '../../../shared/errors.ts';
import { planHash, requirePlan } from '../plan.ts';
import { LEAST_SITES } from '../secure/messages.ts';
import { requireAdmissible } from './admissible.ts';
import type { Training, TrainingEvent } from './coordination.ts';
import { requireSummable } from './overflow.ts';

const requireInvited = (invited: readonly string[], known: readonly string[]): void => {
  if (invited.length < LEAST_SITES) throw new DomainError('training-sites-too-few', `invited: got ${invited.length} hospitals, want at least ${LEAST_SITES}`, { sites: invited.length });
  const wrong = invited.find((nodeId, i) => !known.includes(nodeId) || invited.indexOf(nodeId) !== i);
  if (wrong !== undefined) throw new DomainError('training-plan-malformed', `invited: got ${wrong}, want hospitals of the directory, each once`, { nodeId: wrong });
};

/**
 * @param known hospitals of the directory
 * @throws DomainError `training-exists`, `training-plan-malformed`, `training-sites-too-few`, `training-sum-overflow`
 */
export const startTraining = (held: Training | undefined, input: Omit<Extract<TrainingEvent, { type: 'training-started' }>, 'type' | 'planHash'>, known: readonly string[]): readonly TrainingEvent[] => {
  if (held !== undefined) throw new DomainError('training-exists', `run ${input.runId} is there already`, { runId: input.runId });
  const { plan, invited } = input;
  requirePlan(plan);
  requireInvited(invited, known);
  requireAdmissible(plan);
  requireSummable(plan, invited.length);
  return [{ type: 'training-started', ...input, invited: [...invited].sort(), planHash: planHash(plan) }];
};
