import { DomainError } from '../../errors.ts';
import { conforms, describeWanted } from '../../master-batch-record/conformity.ts';
import type { ValueSpecification } from '../../master-batch-record/model.ts';
import type { Signature } from '../../record/envelope.ts';
import { requireMeaning } from '../../record/signature.ts';
import { requireQualified, requireRunning, requireState, requireUndecided, type WorkContext } from '../context.ts';
import type { BatchEvent, ValueOrigin, ValueResult } from '../events.ts';
import { findPhase, findValue } from '../recipe-lookup.ts';
import { drawTime } from '../draw-time.ts';
import type { Batch, PhaseExecution, ValueHeld } from '../state.ts';
import { runningPhase, workOn } from './phase.ts';

const requireType = ({ id, type }: ValueSpecification, value: ValueResult): void => {
  const got = typeof value === 'string' ? 'text' : typeof value;
  if (got !== type || (typeof value === 'number' && !Number.isFinite(value))) {
    throw new DomainError('value-wrong-type', `value ${id}: got ${got}, want a ${type === 'number' ? 'finite number' : type}`, { valueId: id });
  }
};

export type RecordValue = Readonly<{
  phaseId: string;
  valueId: string;
  value: ValueResult;
  origin: ValueOrigin;
  /** When the sample was drawn, RFC 3339 with offset; absent where there was none, or nobody says. */
  drawnAt?: string | undefined;
  /** Identifier for the deviation, should the rule raise one. */
  deviationId: string;
}>;

const outOfLimits = ({ title }: ValueSpecification, { phaseId, deviationId, detail }: Readonly<{ phaseId: string; deviationId: string; detail: string }>): BatchEvent =>
  ({ type: 'deviation-raised', deviationId, severity: 'major', title: `${title} out of limits`, detail, phaseId, rule: 'value-out-of-limits' });

const requireOrigin = ({ id, source }: ValueSpecification, origin: ValueOrigin): void => {
  if (source.kind !== origin.kind) throw new DomainError('value-wrong-type', `value ${id} is ${source.kind}, got one that was ${origin.kind}`, { valueId: id });
};

/**
 * Record a result in a phase under way. Outside its limits it is refused, or recorded with a deviation, as the master batch record says.
 *
 * @throws DomainError `batch-already-dispositioned`, `batch-state-wrong`, `phase-not-found`, `phase-state-wrong`, `role-missing`, `training-lapsed`, `value-not-found`,
 *   `value-wrong-type`, `correction-reason-missing` (already recorded: correct it instead), `request-malformed` (a sample of a value from telemetry), `value-draw-time-wrong`, `value-out-of-limits`
 */
export const recordValue = (batch: Batch, input: RecordValue, context: WorkContext): readonly BatchEvent[] => {
  const { phaseId, valueId, value, origin, drawnAt, deviationId } = input;
  requireRunning(batch);
  const { phase, execution } = runningPhase(batch, phaseId);
  requireQualified(phase, context);
  const specification = findValue(phase, valueId);
  requireType(specification, value);
  requireOrigin(specification, origin);
  // What telemetry says is read again as often as anybody likes: the last reading is of the longest time, and all stay on record.
  if (execution.values[valueId] !== undefined && origin.kind === 'entered') throw new DomainError('correction-reason-missing', `value ${valueId} is recorded already; correct it with a reason and a signature`, { valueId });
  if (drawnAt !== undefined && origin.kind === 'telemetry') throw new DomainError('request-malformed', `drawnAt: value ${valueId} is read from telemetry, want none`, { paths: ['body.drawnAt'] });
  const drawn = drawnAt === undefined ? {} : { drawnAt: drawTime(valueId, drawnAt, { phaseStartedAt: execution.startedAt, recordedAtEpochMs: context.nowEpochMs }) };
  const recorded: BatchEvent = { type: 'value-recorded', phaseId, valueId, value, unit: specification.unit, origin, ...drawn };
  if (conforms(specification, value)) return workOn(execution, [recorded]);
  const detail = `${specification.title}: got ${String(value)} ${specification.unit}, want ${describeWanted(specification)}`;
  if (specification.outOfLimits === 'refuse') throw new DomainError('value-out-of-limits', detail, { phaseId, valueId });
  return workOn(execution, [recorded, outOfLimits(specification, { phaseId, deviationId, detail })]);
};

export type CorrectValue = Readonly<{ phaseId: string; valueId: string; value: ValueResult; /** The moment of the sample, where that was wrong too or is said only now. */ drawnAt?: string | undefined; reason: string; deviationId: string }>;

/** A result that stands was known when it was first recorded; its sample is from before. */
const redrawn = (valueId: string, drawnAt: string | undefined, { startedAt }: PhaseExecution, { firstRecordedAt, drawnAt: before }: ValueHeld) => (drawnAt === undefined ? {} : {
  newDrawnAt: drawTime(valueId, drawnAt, { phaseStartedAt: startedAt, recordedAtEpochMs: Date.parse(firstRecordedAt) }), ...(before === undefined ? {} : { oldDrawnAt: before }),
});

/**
 * Correct a result that a person recorded, and the moment of its sample; the old ones stay. Outside its limits it is refused, or raises a deviation, as when it was recorded, and it wants a person who could
 * have recorded it. What telemetry said nobody types.
 *
 * @throws DomainError `batch-already-dispositioned`, `batch-state-wrong`, `phase-not-found`, `value-not-found`, `role-missing`, `training-lapsed`, `value-wrong-type`, `signature-meaning-wrong`, `value-draw-time-wrong`, `value-out-of-limits`
 * @see 21 CFR 11.10(e) (changes do not obscure what was recorded before)
 */
export const correctValue = (batch: Batch, { phaseId, valueId, value, drawnAt, reason, deviationId }: CorrectValue, signature: Signature, context: WorkContext): readonly BatchEvent[] => {
  requireUndecided(batch);
  requireState(batch, 'running', 'complete');
  const { phase } = findPhase(batch, phaseId);
  const specification = findValue(phase, valueId);
  const execution = batch.phases[phaseId];
  const held = execution?.values[valueId];
  if (execution === undefined || held === undefined) throw new DomainError('value-not-found', `value ${valueId} of phase ${phaseId} is not recorded yet`, { valueId });
  requireQualified(phase, context);
  if (specification.source.kind === 'telemetry') throw new DomainError('value-wrong-type', `value ${valueId} is read from telemetry: read it again while its phase runs, and raise a deviation where the sensor was wrong`, { valueId });
  requireType(specification, value);
  requireMeaning(signature, 'responsibility');
  const { unit, title } = specification;
  const corrected: BatchEvent = { type: 'value-corrected', phaseId, valueId, oldValue: held.value, newValue: value, unit, ...redrawn(valueId, drawnAt, execution, held), reason, signature };
  if (conforms(specification, value)) return workOn(execution, [corrected]);
  const detail = `${title}: corrected to ${String(value)} ${unit}, want ${describeWanted(specification)}`;
  if (specification.outOfLimits === 'refuse') throw new DomainError('value-out-of-limits', detail, { phaseId, valueId });
  return workOn(execution, [corrected, outOfLimits(specification, { phaseId, deviationId, detail })]);
};
