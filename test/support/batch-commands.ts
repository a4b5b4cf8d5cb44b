import { NOW } from './batch-fixtures.ts';
import { act, actSigned, advance, BATCH_ROUTE, PHASE_ROUTE, type Journey, type Stage } from './journey.ts';
import { PEOPLE, type TestPerson } from './people.ts';

const { operator, second, scientist, reviewer, qualified } = PEOPLE;

/** Requests to the batch of a journey as most tests of them want them. @param journey the one of the test that runs */
export const batchCommands = (journey: () => Journey) => {
  const at = (stage: Stage) => advance(journey(), stage);
  const events = async () => (await journey().node.store.load<Readonly<{ type: string }>>({ kind: 'batch', id: journey().batchId })).map(({ event }) => event);
  const inPhase = (part: string, body: unknown = {}, person: TestPerson = operator, phaseId = 'culture') => act(journey(), person, `${PHASE_ROUTE}/${part}`, body, { phaseId });
  const deviate = () => act(journey(), operator, `${BATCH_ROUTE}/deviations`, { severity: 'minor', title: 'Door left open', detail: 'For a minute.', phaseId: 'receipt' });
  const deviationId = async (): Promise<string> => Object.keys((await journey().node.batch(journey().batchId)).deviations)[0]!;
  const assess = async () => actSigned(journey(), scientist, 'review', `${BATCH_ROUTE}/deviations/{deviationId}/assessment`, { impact: 'none', rootCause: 'haste' }, { deviationId: await deviationId() });
  const close = async (id?: string) => actSigned(journey(), reviewer, 'approval', `${BATCH_ROUTE}/deviations/{deviationId}/closure`, { conclusion: 'trained' }, { deviationId: id ?? await deviationId() });
  const offer = (to = operator.id, from: TestPerson = second) => actSigned(journey(), from, 'responsibility', `${BATCH_ROUTE}/custody-transfers`, { phaseId: 'receipt', toPersonId: to, location: 'Room 1', temperatureCelsius: 4.5 });
  const gap = () => journey().node.records.batches.change(journey().batchId, () => [{ type: 'telemetry-gap-recorded', gapId: 'GAP-1', edgeNodeId: 'e', deviceId: 'd', from: new Date(NOW).toISOString(), to: new Date(NOW).toISOString(), lostMessages: 3, cause: 'sequence', critical: true }], { actor: { kind: 'system', id: 'telemetry-seal', version: '1' } });
  const assessGap = (gapId = 'GAP-1') => actSigned(journey(), scientist, 'review', `${BATCH_ROUTE}/telemetry-gaps/{gapId}/assessment`, { assessment: 'covered locally' }, { gapId });
  const material = (own: object = {}) => inPhase('materials', { materialId: 'cells', lotId: journey().patientLot, quantity: 80, label: `BED1|LOT:${journey().patientLot}|COI:${journey().chainOfIdentityId}`, ...own }, operator, 'receipt');
  const dispose = (disposition = 'release', person: TestPerson = qualified) => actSigned(journey(), person, 'approval', `${BATCH_ROUTE}/disposition`, { disposition, reason: 'as its record says' });
  const result = (own: object = {}) => actSigned(journey(), scientist, 'responsibility', `${BATCH_ROUTE}/test-results`, { testId: 'purity', value: 92, method: 'flow cytometry', sampleId: 'S-1', ...own });
  const correct = (own: object = {}, valueId = 'viability') => actSigned(journey(), operator, 'responsibility', `${PHASE_ROUTE}/values/{valueId}/correction`, { value: 91, reason: 'misread', ...own }, { phaseId: 'culture', valueId });
  return { at, events, inPhase, deviate, deviationId, assess, close, offer, gap, assessGap, material, dispose, result, correct };
};
