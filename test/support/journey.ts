import type { SignatureMeaning } from '../../shared/record/envelope.ts';
import { CONTENT } from './batch-fixtures.ts';
import { createNode, type TestNode } from './node.ts';
import { PEOPLE, type TestPerson } from './people.ts';

export const BATCH_ROUTE = '/v1/batches/{batchId}';
export const PHASE_ROUTE = `${BATCH_ROUTE}/phases/{phaseId}`;
const YEAR_MS = 365 * 86_400_000;

const { operator, second, reviewer, scientist, steward, qualified } = PEOPLE;

/** The others who sign, registered before anybody does: the verifier asks for that, the test node does not. */
export const registerSigners = async (node: TestNode): Promise<void> => {
  for (const { id, name, roles } of [reviewer, scientist, qualified]) await node.ok(steward, 'POST /v1/people', { body: { personId: id, printedName: name, roles } });
};

/** People trained, a calibrated bioreactor and a lot of medium: what any batch of CONTENT works with. */
export const equip = async (node: TestNode): Promise<void> => {
  const later = new Date(node.time.epochMs + YEAR_MS).toISOString();
  const earlier = new Date(node.time.epochMs - YEAR_MS).toISOString();
  for (const { id, name, roles } of [operator, second]) {
    await node.ok(steward, 'POST /v1/people', { body: { personId: id, printedName: name, roles } });
    await node.ok(steward, 'POST /v1/people/{personId}/trainings', { path: { personId: id }, body: { courseId: 'aseptic', completedAt: earlier, validUntil: later } });
  }
  await node.ok(steward, 'POST /v1/equipment', { body: { equipmentId: 'BIO-1', equipmentClassId: 'bioreactor', title: 'Bioreactor 1', calibrationDueAt: later, device: { edgeNodeId: 'gateway-1', deviceId: 'bioreactor-1' } } });
  await receiveLot(node, { lotId: 'MED-1', materialId: 'medium' });
};

export const receiveLot = async (node: TestNode, own: Readonly<{ lotId: string; materialId: string; chainOfIdentityId?: string; sourceBatchId?: string; unit?: string }>, status: 'released' | 'quarantine' = 'released'): Promise<void> => {
  const expiresAt = new Date(node.time.epochMs + YEAR_MS / 4).toISOString();
  await node.ok(steward, 'POST /v1/materials', { body: { supplier: 'Supplier', quantity: 100_000, unit: 'mL', expiresAt, ...own } });
  if (status === 'quarantine') return;
  await node.ok(reviewer, 'POST /v1/materials/{lotId}/status', { path: { lotId: own.lotId }, body: { status: 'released', reason: 'conforms', signature: node.sign(reviewer, 'approval', 1) } });
};

export type Journey = Readonly<{ node: TestNode; batchId: string; chainOfIdentityId: string; patientLot: string }>;

/** A batch for a new therapy event, with its patient material released. */
export const createJourney = async (node: TestNode, productId = CONTENT.productId): Promise<Journey> => {
  const { id: chainOfIdentityId } = await node.ok(operator, 'POST /v1/chains-of-identity', { body: { productId } }) as { id: string };
  const patientLot = `PAT-${chainOfIdentityId.slice(1, 6)}`;
  await receiveLot(node, { lotId: patientLot, materialId: 'cells', chainOfIdentityId });
  const { id: batchId } = await node.ok(operator, 'POST /v1/batches', { body: { productId, chainOfIdentityId } }) as { id: string };
  return { node, batchId, chainOfIdentityId, patientLot };
};

/** An equipped hospital, and a batch there that has been made: where most tests of a batch begin. */
export const createEquippedJourney = async (): Promise<Readonly<{ node: TestNode; journey: Journey }>> => {
  const node = createNode();
  await equip(node);
  return { node, journey: await createJourney(node) };
};

/** A command on the journey's batch. */
export const act = ({ node, batchId }: Journey, person: TestPerson, route: string, body: unknown = {}, path: Readonly<Record<string, string>> = {}) =>
  node.call(person, `POST ${route}`, { path: { batchId, ...path }, body });

/** A signed command on the journey's batch, at its present version. */
export const actSigned = async (journey: Journey, person: TestPerson, meaning: SignatureMeaning, route: string, body: object = {}, path: Readonly<Record<string, string>> = {}) =>
  act(journey, person, route, { ...body, signature: journey.node.sign(person, meaning, (await journey.node.batch(journey.batchId)).version) }, path);

const inPhase = (journey: Journey, phaseId: string, part: string, body: unknown = {}) => act(journey, operator, `${PHASE_ROUTE}/${part}`, body, { phaseId });
const signPhase = (journey: Journey, person: TestPerson, meaning: 'performed' | 'verified', phaseId: string) => actSigned(journey, person, meaning, `${PHASE_ROUTE}/signatures`, {}, { phaseId });
const finish = (phaseId: string): readonly Move[] => [
  (journey) => signPhase(journey, operator, 'performed', phaseId), (journey) => signPhase(journey, second, 'verified', phaseId), (journey) => inPhase(journey, phaseId, 'complete'),
];
const transferOf = async ({ node, batchId }: Journey): Promise<string> => Object.keys((await node.batch(batchId)).custody)[0] ?? '';

export const labelOf = ({ patientLot, chainOfIdentityId }: Journey): string => `BED1|LOT:${patientLot}|COI:${chainOfIdentityId}`;

type Move = (journey: Journey) => Promise<unknown>;

/** The way of a batch, stage by stage. */
const STAGES = {
  started: [(journey) => act(journey, operator, `${BATCH_ROUTE}/start`)],
  receiving: [(journey) => inPhase(journey, 'receipt', 'start')],
  received: [
    (journey) => inPhase(journey, 'receipt', 'materials', { materialId: 'cells', lotId: journey.patientLot, quantity: 80, label: `BED1|LOT:${journey.patientLot}|COI:${journey.chainOfIdentityId}` }),
    (journey) => actSigned(journey, second, 'responsibility', `${BATCH_ROUTE}/custody-transfers`, { phaseId: 'receipt', toPersonId: operator.id, location: 'Room 1' }),
    async (journey) => actSigned(journey, operator, 'responsibility', `${BATCH_ROUTE}/custody-transfers/{transferId}/acceptance`, { condition: 'intact', label: labelOf(journey) }, { transferId: await transferOf(journey) }),
    ...finish('receipt'),
  ],
  culturing: [
    (journey) => inPhase(journey, 'culture', 'start'), (journey) => inPhase(journey, 'culture', 'equipment', { equipmentId: 'BIO-1' }),
    (journey) => inPhase(journey, 'culture', 'materials', { materialId: 'medium', lotId: 'MED-1', quantity: 200, label: 'BED1|LOT:MED-1' }),
  ],
  valued: [(journey) => inPhase(journey, 'culture', 'values', { valueId: 'viability', value: 90 }), (journey) => inPhase(journey, 'culture', 'values', { valueId: 'dose', value: 1.5 })],
  cultured: finish('culture'),
  completed: [...['filling', 'sampling'].flatMap((phaseId): readonly Move[] => [(journey) => inPhase(journey, phaseId, 'start'), ...finish(phaseId)]), ({ node, batchId }) => node.closeTelemetry(batchId)],
  tested: [(journey) => actSigned(journey, scientist, 'responsibility', `${BATCH_ROUTE}/test-results`, { testId: 'purity', value: 92, method: 'flow cytometry', sampleId: 'S-1' })],
  reviewed: [({ node, batchId }) => node.review(batchId)],
  released: [(journey) => actSigned(journey, qualified, 'approval', `${BATCH_ROUTE}/disposition`, { disposition: 'release', reason: 'conforms' })],
} as const satisfies Record<string, readonly Move[]>;
export type Stage = keyof typeof STAGES;

/** Take a batch on until a stage is reached, from the start or from where it stands. */
export const advance = async (journey: Journey, to: Stage, from?: Stage): Promise<Journey> => {
  const names = Object.keys(STAGES) as Stage[];
  for (const name of names.slice(from === undefined ? 0 : names.indexOf(from) + 1, names.indexOf(to) + 1)) {
    for (const move of STAGES[name] as readonly Move[]) {
      const answer = await move(journey) as Readonly<{ status?: number; body?: unknown }>;
      if ((answer.status ?? 200) >= 400) throw new Error(`on the way to ${name}: ${JSON.stringify(answer.body)}`);
    }
  }
  return journey;
};
