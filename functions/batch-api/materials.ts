import { addMaterial } from '../../shared/batch/commands/material.ts';
import { DomainError } from '../../shared/errors.ts';
import type { Actor } from '../../shared/record/envelope.ts';
import { drawnFrom, type MaterialLot } from '../../shared/registers/material-lot.ts';
import { actorOf } from '../_platform/caller.ts';
import { endpoint, type Endpoint } from '../_platform/contract.ts';
import { MATERIAL_LOTS } from '../_platform/production-records.ts';
import { foldStream, summaryCompanion, type Held } from '../_platform/stream-records.ts';
import { batchCommand, workContext, type Booking } from './batch-command.ts';
import type { BatchApiPorts } from './ports.ts';
import { AddMaterial } from './schema.ts';

/** How often a scan that lost a race for the batch or for its lot is decided again on what is there then. */
const ATTEMPTS = 8;

/** What a scan takes from a lot, planned on the lot's version: of two batches that want the last of it, one is decided again. */
const bookingOf = ({ plan }: BatchApiPorts, actor: Actor, { state, position }: Held<MaterialLot>, quantity: number): Booking => {
  const events = state === undefined ? [] : drawnFrom(state, quantity);
  if (state === undefined || events.length === 0) return { alongside: [], companions: [] };
  const { kind } = MATERIAL_LOTS;
  const alongside = plan({ stream: { kind, id: state.lotId }, expectedVersion: position.version, previousHash: position.hash, previousRecordedAt: position.recordedAt, events, actor });
  const next = foldStream(MATERIAL_LOTS, alongside, state);
  return { alongside, companions: next === undefined ? [] : [summaryCompanion(MATERIAL_LOTS, state.lotId, next, position.version + alongside.length)] };
};

const isLostRace = (error: unknown): boolean => error instanceof DomainError && error.code === 'version-conflict';

/** Materials scanned at the point of work. */
export const materialEndpoint = (ports: BatchApiPorts): Endpoint => endpoint(AddMaterial, async (request) => {
  const { materialId, lotId, quantity, label: labelText } = request.body;
  const { phaseId } = request.path;
  for (let made = 1; ; made += 1) {
    const context = await workContext(ports, request.caller);
    const held = await ports.records.materialLots.load(lotId);
    const booking = bookingOf(ports, actorOf(request.caller), held, quantity);
    try {
      return await batchCommand(ports, 'addMaterial', request, (batch) => addMaterial(batch, { phaseId, materialId, lotId, quantity, labelText, label: ports.labels.decode(labelText), lot: held.state }, context), booking);
    } catch (error) {
      if (!isLostRace(error) || made >= ATTEMPTS) throw error;
    }
  }
});
