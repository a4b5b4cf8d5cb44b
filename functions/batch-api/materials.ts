import { correctMaterial, scanOf } from '../../shared/batch/commands/material-correction.ts';
import { addMaterial } from '../../shared/batch/commands/material.ts';
import { DomainError } from '../../shared/errors.ts';
import type { Actor } from '../../shared/record/envelope.ts';
import { drawnFrom, redrawnFrom, type MaterialLot, type MaterialLotEvent } from '../../shared/registers/material-lot.ts';
import { actorOf } from '../_platform/caller.ts';
import { signed } from '../_platform/command.ts';
import { endpoint, type Endpoint } from '../_platform/contract.ts';
import { MATERIAL_LOTS } from '../_platform/production-records.ts';
import { foldStream, summaryCompanion, type Held } from '../_platform/stream-records.ts';
import { batchCommand, requireBatch, workContext, type Booking } from './batch-command.ts';
import type { BatchApiPorts } from './ports.ts';
import { AddMaterial, CorrectMaterial } from './schema.ts';

/** How often a scan that lost a race for the batch or for its lot is decided again on what is there then. */
const ATTEMPTS = 8;

/** What changes in the record of a lot, planned on the lot's version: of two batches that want the last of it, one is decided again. */
const bookingOf = ({ plan }: BatchApiPorts, actor: Actor, { state, position }: Held<MaterialLot>, events: readonly MaterialLotEvent[]): Booking => {
  if (state === undefined || events.length === 0) return { alongside: [], companions: [] };
  const { kind } = MATERIAL_LOTS;
  const alongside = plan({ stream: { kind, id: state.lotId }, expectedVersion: position.version, previousHash: position.hash, previousRecordedAt: position.recordedAt, events, actor });
  const next = foldStream(MATERIAL_LOTS, alongside, state);
  return { alongside, companions: next === undefined ? [] : [summaryCompanion(MATERIAL_LOTS, state.lotId, next, position.version + alongside.length)] };
};

const isLostRace = (error: unknown): boolean => error instanceof DomainError && error.code === 'version-conflict';

/**
 * Decide on a lot as it was read, and again where somebody was faster.
 *
 * @param mayGoOn whether a lost race may be decided again without asking the person
 */
const onLot = async <Answer>({ records: { materialLots } }: BatchApiPorts, lotId: string, attempt: (held: Held<MaterialLot>) => Promise<Answer>, mayGoOn: (held: Held<MaterialLot>) => Promise<boolean>): Promise<Answer> => {
  for (let made = 1; ; made += 1) {
    const held = await materialLots.load(lotId);
    try {
      return await attempt(held);
    } catch (error) {
      if (!isLostRace(error) || made >= ATTEMPTS || !await mayGoOn(held)) throw error;
    }
  }
};

const scanEndpoint = (ports: BatchApiPorts): Endpoint => endpoint(AddMaterial, (request) => {
  const { materialId, lotId, quantity, label: labelText } = request.body;
  const { phaseId } = request.path;
  return onLot(ports, lotId, async (held) => {
    const context = await workContext(ports, request.caller);
    const booking = bookingOf(ports, actorOf(request.caller), held, held.state === undefined ? [] : drawnFrom(held.state, quantity));
    const lotVersion = booking.alongside[0]?.version;
    return batchCommand(ports, 'addMaterial', request, (batch) => addMaterial(batch, { phaseId, materialId, lotId, quantity, labelText, label: ports.labels.decode(labelText), lot: held.state, lotVersion }, context), booking);
  }, () => Promise.resolve(true));
});

/** A signature covers the version of the batch that the person saw; the lot may move on meanwhile, and the batch may not. */
const correctionEndpoint = (ports: BatchApiPorts): Endpoint => endpoint(CorrectMaterial, (request) => {
  const { lotId, scanVersion, quantity, reason } = request.body;
  const { batchId, phaseId } = request.path;
  const { batches, materialLots } = ports.records;
  return onLot(ports, lotId, async (held) => {
    const context = await workContext(ports, request.caller);
    const read = requireBatch((await batches.load(batchId)).state, batchId);
    const scan = scanOf(read, { phaseId, lotId, scanVersion });
    const counted = held.state === undefined || scan?.lotVersion === undefined ? [] : redrawnFrom(held.state, { before: scan.quantity, after: quantity });
    return batchCommand(ports, 'correctMaterial', request, (batch, signature) => {
      if (batch.version !== read.version) throw new DomainError('version-conflict', `batch ${batchId} moved on from version ${read.version}`, { batchId });
      return correctMaterial(batch, { phaseId, lotId, scanVersion, quantity, reason, lot: held.state }, signed(signature), context);
    }, bookingOf(ports, actorOf(request.caller), held, counted));
  }, async ({ position }) => (await materialLots.load(lotId)).position.version !== position.version);
});

/** Materials scanned at the point of work, and what is said of a scan afterwards. */
export const materialEndpoints = (ports: BatchApiPorts): readonly Endpoint[] => [scanEndpoint(ports), correctionEndpoint(ports)];
