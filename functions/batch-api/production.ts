import { DomainError } from '../../shared/errors.ts';
import { acceptCustody, offerCustody, withdrawCustody } from '../../shared/batch/commands/custody.ts';
import { assignEquipment, withdrawEquipment, type AskedEquipment } from '../../shared/batch/commands/equipment.ts';
import { abortBatch, holdBatch, resumeBatch, startBatch, stopBatch } from '../../shared/batch/commands/life.ts';
import { completePhase, runningPhase, signPhase, startPhase } from '../../shared/batch/commands/phase.ts';
import { correctValue, recordValue } from '../../shared/batch/commands/value.ts';
import { usesOf } from '../../shared/batch/equipment-use.ts';
import { findPhase, findValue } from '../../shared/batch/recipe-lookup.ts';
import type { Batch } from '../../shared/batch/state.ts';
import { identifierFrom } from '../../shared/identity/identifiers.ts';
import { replayOf, signed } from '../_platform/command.ts';
import { endpoint, type Endpoint } from '../_platform/contract.ts';
import { batchCommand, requireBatch, workContext } from './batch-command.ts';
import { materialEndpoints } from './materials.ts';
import { deviceLockKey } from '../_platform/equipment-companions.ts';
import type { BatchApiPorts, TelemetryValue } from './ports.ts';
import * as Routes from './schema.ts';

const IDENTIFIER_BYTES = 10;

/** Start, hold, resume, stop, abort. */
export const lifeEndpoints = (ports: BatchApiPorts): readonly Endpoint[] => [
  endpoint(Routes.StartBatch, async (request) => {
    const { state } = await ports.records.batches.load(request.path.batchId);
    const effective = await ports.effectiveRecipe(requireBatch(state, request.path.batchId).productId);
    return batchCommand(ports, 'startBatch', request, (batch) => startBatch(batch, effective));
  }),
  endpoint(Routes.HoldBatch, (request) => batchCommand(ports, 'holdBatch', request, (batch) => holdBatch(batch, request.body.reason))),
  endpoint(Routes.ResumeBatch, (request) => batchCommand(ports, 'resumeBatch', request, (batch) => resumeBatch(batch, request.body.reason))),
  endpoint(Routes.StopBatch, (request) => batchCommand(ports, 'stopBatch', request, (batch, signature) => stopBatch(batch, request.body.reason, signed(signature)))),
  endpoint(Routes.AbortBatch, (request) => batchCommand(ports, 'abortBatch', request, (batch, signature) => abortBatch(batch, request.body.reason, signed(signature)))),
];

/** A value that comes from telemetry is read over the time the phase has run; nobody types it. */
const automaticValue = async (ports: BatchApiPorts, batch: Batch, phaseId: string, valueId: string): Promise<TelemetryValue | undefined> => {
  const { phase, execution } = runningPhase(batch, phaseId);
  const { source } = findValue(phase, valueId);
  if (source.kind !== 'telemetry') return undefined;
  const found = await ports.telemetryStatistic({
    metric: source.metric, statistic: source.statistic, devices: usesOf(batch, execution),
    fromEpochMs: Date.parse(execution.startedAt), toEpochMs: ports.now().getTime(),
  });
  if (found === undefined) throw new DomainError('telemetry-value-missing', `no telemetry of ${source.metric} since phase ${phaseId} started`, { phaseId, valueId });
  return found;
};

const requireEntered = (value: number | string | boolean | undefined, valueId: string): number | string | boolean => {
  if (value === undefined) throw new DomainError('request-malformed', `body.value: value ${valueId} is entered by hand, want a value`, { paths: ['body.value'] });
  return value;
};

const valueEndpoints = (ports: BatchApiPorts): readonly Endpoint[] => [
  endpoint(Routes.RecordValue, async (request) => {
    // Before the phase is asked for, which may be complete by now, and before days of telemetry are read again.
    const replay = await replayOf(ports, request);
    if (replay !== undefined) return replay;
    const { batchId, phaseId } = request.path;
    const { valueId, value, drawnAt } = request.body;
    const context = await workContext(ports, request.caller);
    const batch = requireBatch((await ports.records.batches.load(batchId)).state, batchId);
    findPhase(batch, phaseId);
    const automatic = await automaticValue(ports, batch, phaseId, valueId);
    if (automatic !== undefined && value !== undefined) throw new DomainError('request-malformed', `body.value: value ${valueId} is read from telemetry, want none`, { paths: ['body.value'] });
    const deviationId = identifierFrom('DEV', ports.randomBytes(IDENTIFIER_BYTES));
    const result = automatic ?? { value: requireEntered(value, valueId), origin: { kind: 'entered' } as const };
    return batchCommand(ports, 'recordValue', request, (current) => recordValue(current, { phaseId, valueId, deviationId, drawnAt, ...result }, context));
  }),
  endpoint(Routes.CorrectValue, async (request) => {
    const { phaseId, valueId } = request.path;
    const { value, drawnAt, reason } = request.body;
    const context = await workContext(ports, request.caller);
    const deviationId = identifierFrom('DEV', ports.randomBytes(IDENTIFIER_BYTES));
    return batchCommand(ports, 'correctValue', request, (batch, signature) => correctValue(batch, { phaseId, valueId, value, drawnAt, reason, deviationId }, signed(signature), context));
  }),
];

const askedEquipment = async (ports: BatchApiPorts, equipmentId: string): Promise<AskedEquipment> => {
  const { state: equipment } = await ports.records.equipment.load(equipmentId);
  const held = await ports.operations.get<Readonly<{ batchId: string }>>(deviceLockKey(equipmentId, equipment?.device));
  return { equipmentId, equipment, inUseByBatchId: held?.batchId };
};

const equipmentEndpoints = (ports: BatchApiPorts): readonly Endpoint[] => [
  endpoint(Routes.AssignEquipment, async (request) => {
    const context = await workContext(ports, request.caller);
    const asked = await askedEquipment(ports, request.body.equipmentId);
    const deviationId = identifierFrom('DEV', ports.randomBytes(IDENTIFIER_BYTES));
    return batchCommand(ports, 'assignEquipment', request, (batch) => assignEquipment(batch, { phaseId: request.path.phaseId, deviationId, ...asked }, context));
  }),
  endpoint(Routes.WithdrawEquipment, async (request) => {
    const { reason, replacementId } = request.body;
    const context = await workContext(ports, request.caller);
    const replacement = replacementId === undefined ? undefined : await askedEquipment(ports, replacementId);
    const [deviationId, replacementDeviationId] = [identifierFrom('DEV', ports.randomBytes(IDENTIFIER_BYTES)), identifierFrom('DEV', ports.randomBytes(IDENTIFIER_BYTES))];
    return batchCommand(ports, 'withdrawEquipment', request, (batch) => withdrawEquipment(batch, { equipmentId: request.path.equipmentId, reason, replacement, deviationId, replacementDeviationId }, context));
  }),
];

const phaseEndpoints = (ports: BatchApiPorts): readonly Endpoint[] => [
  endpoint(Routes.StartPhase, async (request) => {
    const context = await workContext(ports, request.caller);
    return batchCommand(ports, 'startPhase', request, (batch) => startPhase(batch, request.path.phaseId, context));
  }),
  endpoint(Routes.SignPhase, async (request) => {
    const context = await workContext(ports, request.caller);
    return batchCommand(ports, 'signPhase', request, (batch, signature) => signPhase(batch, request.path.phaseId, signed(signature), context));
  }),
  endpoint(Routes.CompletePhase, async (request) => {
    const context = await workContext(ports, request.caller);
    return batchCommand(ports, 'completePhase', request, (batch) => completePhase(batch, request.path.phaseId, context));
  }),
];

const custodyEndpoints = (ports: BatchApiPorts): readonly Endpoint[] => [
  endpoint(Routes.OfferCustody, async (request) => {
    const { signature: _, temperatureCelsius, reason, ...offer } = request.body;
    const transferId = identifierFrom('CUS', ports.randomBytes(IDENTIFIER_BYTES));
    const deviationId = identifierFrom('DEV', ports.randomBytes(IDENTIFIER_BYTES));
    const context = await workContext(ports, request.caller);
    const toPerson = await ports.personOf(offer.toPersonId);
    return batchCommand(ports, 'offerCustody', request, (batch, signature) =>
      offerCustody(batch, { ...offer, transferId, deviationId, toPerson, ...(temperatureCelsius === undefined ? {} : { temperatureCelsius }), ...(reason === undefined ? {} : { reason }) }, signed(signature), context));
  }),
  endpoint(Routes.AcceptCustody, async (request) => {
    const { condition, label: labelText } = request.body;
    const context = await workContext(ports, request.caller);
    return batchCommand(ports, 'acceptCustody', request, (batch, signature) =>
      acceptCustody(batch, { transferId: request.path.transferId, condition, labelText, label: ports.labels.decode(labelText) }, signed(signature), context));
  }),
  endpoint(Routes.WithdrawCustody, async (request) => {
    const context = await workContext(ports, request.caller);
    return batchCommand(ports, 'withdrawCustody', request, (batch, signature) => withdrawCustody(batch, request.path.transferId, request.body.reason, signed(signature), context));
  }),
];

/** Everything that makes the product. */
export const productionEndpoints = (ports: BatchApiPorts): readonly Endpoint[] =>
  [...lifeEndpoints(ports), ...phaseEndpoints(ports), ...equipmentEndpoints(ports), ...materialEndpoints(ports), ...valueEndpoints(ports), ...custodyEndpoints(ports)];
