import { requireState, requireUndecided } from '../batch/context.ts';
import type { BatchEvent } from '../batch/events.ts';
import { DomainError, type ErrorCode } from '../errors.ts';
import type { Role } from '../record/envelope.ts';
import { requireRole, requireSignatory, type Signatory } from '../record/signatory.ts';
import type { Intervention, Ledger } from './ledger.ts';
import type { LedgerEvent } from './ledger-events.ts';
import { requireOwnEquipment, requireOwnGateway } from './own-equipment.ts';
import { acceptedActions, findRecommendation, requireAllowed, requireLive, type Governed } from './recommend.ts';

const SECOND_MS = 1000;

const deviation = (interventionId: string, rule: string, title: string, detail: string): BatchEvent =>
  ({ type: 'deviation-raised', deviationId: `DEV-${interventionId}-${rule}`, severity: 'major', title, detail, rule });

const interventionIdOf = (recommendationId: string, index: number): string => `${recommendationId}-${index + 1}`;

/** An action that was accepted and neither sent nor given up; `index` in what was accepted, from 0. */
export type Pending = Readonly<{ recommendationId: string; index: number }>;
export const pendingActions = ({ recommendations, interventions }: Ledger): readonly Pending[] => [...recommendations.values()].flatMap((held) => {
  const { recommendationId, givenUp } = held;
  return acceptedActions(held).flatMap((_, index) => {
    const interventionId = interventionIdOf(recommendationId, index);
    return interventions.has(interventionId) || givenUp.includes(interventionId) ? [] : [{ recommendationId, index }];
  });
});

/**
 * Send one action of an accepted recommendation to the equipment. The event is on record before the command leaves: a command that was lost shows as not confirmed.
 *
 * @param index of the action in what was accepted, from 0; each is sent once
 * @throws DomainError `recommendation-not-found`, `batch-already-dispositioned`, `batch-state-wrong`, `recommendation-state-wrong` (not accepted, no such action, sent already),
 *   those of `requireLive`, `action-outside-table`, `action-equipment-wrong`, `gateway-shared`
 */
export const sendAction = (governed: Governed, recommendationId: string, index: number): readonly LedgerEvent[] => {
  const { batch, ledger, gateways, nowEpochMs } = governed;
  const held = findRecommendation(ledger, recommendationId);
  requireUndecided(batch);
  requireState(batch, 'running');
  const wrong = (why: string): DomainError => new DomainError('recommendation-state-wrong', `recommendation ${recommendationId} ${why}`, { recommendationId });
  if (held.decision?.decision !== 'accept') throw wrong(`is ${held.decision === undefined ? 'not decided' : 'refused'}, want it accepted`);
  const row = requireLive(governed, held);
  const actions = acceptedActions(held);
  const action = actions[index];
  if (action === undefined) throw wrong(`has ${actions.length} action(s), got number ${index + 1}`);
  const interventionId = interventionIdOf(recommendationId, index);
  if (ledger.interventions.has(interventionId)) throw wrong(`has sent ${interventionId} already`);
  requireAllowed(row, [action]);
  requireOwnEquipment(batch, [action]);
  requireOwnGateway(batch, gateways, [action]);
  return [{
    type: 'intervention-sent', interventionId, recommendationId, ...action, command: action.deviceId === undefined ? 'NCMD' : 'DCMD',
    acknowledgeBy: new Date(nowEpochMs + row.acknowledgeWithinSeconds * SECOND_MS).toISOString(),
  }];
};

/** What may pass by itself while a recommendation is valid: a batch that is held, a model that is suspended, equipment that is changed. */
const MAY_PASS: readonly ErrorCode[] = ['batch-state-wrong', 'model-not-active', 'action-equipment-wrong'];

/**
 * What to do about an accepted action that `sendAction` refused: wait, or give it up for good, with a deviation, since somebody counts on it; without one where somebody stopped it.
 *
 * @returns no event to wait
 */
export const refuseAction = ({ batch }: Pick<Governed, 'batch'>, { recommendationId, index }: Pending, { code, message }: DomainError): readonly BatchEvent[] => {
  if (MAY_PASS.includes(code) && batch.disposition === undefined && ['running', 'held'].includes(batch.state)) return [];
  const interventionId = interventionIdOf(recommendationId, index);
  return [
    { type: 'intervention-given-up', interventionId, recommendationId, code, detail: message },
    ...(code === 'assistance-stopped' ? [] : [deviation(interventionId, 'intervention-not-sent', `Accepted intervention ${interventionId} was not sent`, message)]),
  ];
};

const findIntervention = ({ interventions }: Ledger, interventionId: string): Intervention => {
  const found = interventions.get(interventionId);
  if (found === undefined) throw new DomainError('recommendation-not-found', `no intervention ${interventionId} on this batch`, { interventionId });
  return found;
};

/**
 * The equipment reports the value it now has. Another value than was sent is a deviation. Telemetry repeats itself: a second report changes nothing. Late is better than
 * never, and is recorded; the deviation of the time-out stays.
 *
 * @param observed `value` as the equipment published it; equal in float32 counts as equal, as Sparkplug's Float
 * @throws DomainError `recommendation-not-found`
 */
export const acknowledgeAction = (ledger: Ledger, interventionId: string, observed: Readonly<{ value: number; at: string }>): readonly BatchEvent[] => {
  const { acknowledged, value, metric, unit } = findIntervention(ledger, interventionId);
  if (acknowledged !== undefined) return [];
  const matches = Math.fround(observed.value) === Math.fround(value);
  return [
    { type: 'intervention-acknowledged', interventionId, observedValue: observed.value, observedAt: observed.at, matches },
    ...(matches ? [] : [deviation(interventionId, 'intervention-misapplied', `${metric} was set to another value than sent`, `got ${observed.value} ${unit}, want ${value} ${unit}`)]),
  ];
};

/** Interventions the equipment has not confirmed in time: each is on record as such, with a deviation, once. */
export const timeOutActions = ({ interventions }: Ledger, nowEpochMs: number): readonly BatchEvent[] => [...interventions.values()]
  .filter(({ acknowledged, timedOut, acknowledgeBy }) => acknowledged === undefined && !timedOut && nowEpochMs > Date.parse(acknowledgeBy))
  .flatMap(({ interventionId, acknowledgeBy, metric, value, unit }): readonly BatchEvent[] => [
    { type: 'intervention-timed-out', interventionId, acknowledgeBy },
    deviation(interventionId, 'intervention-not-acknowledged', `${metric} was not confirmed by the equipment`, `sent ${value} ${unit}, want it confirmed by ${acknowledgeBy}; look at the equipment`),
  ]);

/** What came of it. @throws DomainError `recommendation-not-found` */
export const observeEffect = (ledger: Ledger, effect: Omit<Extract<LedgerEvent, { type: 'intervention-effect-observed' }>, 'type'>): readonly LedgerEvent[] => {
  findIntervention(ledger, effect.interventionId);
  return [{ type: 'intervention-effect-observed', ...effect }];
};

/** Who works with the batch may stop the model; nobody has to be fetched. */
export const MAY_STOP: readonly Role[] = ['operator', 'process-scientist', 'quality-reviewer', 'qualified-person', 'site-engineer'];

/**
 * Override: nothing more follows from any recommendation made until now, and none is made. At any time, in any state of the batch, without a signature: a stop must not wait for
 * a password. What was sent already still has to be confirmed. Stopping what is stopped is no error: it is on record, too, for who resumes must know everybody's reason; only the same person's same reason is there
 * already and changes nothing.
 *
 * @param by who stops, by id and roles
 * @throws DomainError `role-missing`, `correction-reason-missing`
 */
export const stopAssistance = ({ stops }: Ledger, { id, roles }: Readonly<{ id: string; roles: readonly Role[] }>, reason: string): readonly LedgerEvent[] => {
  requireRole(roles, MAY_STOP, 'stop the assistance');
  if (reason.trim() === '') throw new DomainError('correction-reason-missing', 'reason: got none, want why the assistance is stopped');
  return stops.some((each) => each.by === id && each.reason === reason) ? [] : [{ type: 'assistance-stopped', reason }];
};

/** Let recommendations be made again; those from before stay void. @throws DomainError `recommendation-state-wrong` when it is not stopped, `role-missing`, `signature-meaning-wrong` (wants `approval` of a process scientist or quality) */
export const resumeAssistance = ({ stops }: Ledger, reason: string, signatory: Signatory): readonly LedgerEvent[] => {
  if (stops.length === 0) throw new DomainError('recommendation-state-wrong', 'assistance is not stopped, want it stopped to resume it');
  requireSignatory(signatory, 'approval', ['process-scientist', 'quality-reviewer'], 'resume the assistance');
  return [{ type: 'assistance-resumed', reason, signature: signatory.signature }];
};
