import fc from 'fast-check';
import { approveTable, draftTable } from '../../shared/prediction-governance/table.ts';
import { CONTENT } from './batch-fixtures.ts';
import { planOf } from './federated.ts';
import { act, advance, createJourney, equip, PHASE_ROUTE, receiveLot, type Journey, type Stage } from './journey.ts';
import { GOVERNANCE_TABLE, QUALITY, SCIENTIST } from './model-fixtures.ts';
import { createNode, type TestNode } from './node.ts';
import { PEOPLE } from './people.ts';
import { sealChunks } from './telemetry/sealed.ts';

const { operator, regulator } = PEOPLE;
export const DAY_MS = 86_400_000;
export const OTHER = { ...CONTENT, productId: 'other-product', title: 'Other product' };
export const EVER = { login: regulator.id, from: '2020-01-01T00:00:00Z', until: '2040-01-01T00:00:00Z' };
export const onlyFirst = { ...EVER, grantId: 'ONE-PRODUCT', productIds: [CONTENT.productId] };
export type Query = Readonly<Record<string, string>>;

/** Models of both products, each active and then suspended. */
export const takeModels = async (node: TestNode): Promise<void> => {
  for (const [modelId, productId] of [['first-model', CONTENT.productId], ['other-model', OTHER.productId], ['z-model', CONTENT.productId]] as const) for (const state of ['active', 'suspended'] as const) {
    await node.records.models.change(modelId, () => [{ type: 'model-record-taken', record: { modelId, version: 1, productId, output: 'early-failure', inputs: [], undecided: { errorRate: 0.1 }, artefactSha256: 'a'.repeat(64), state } }], { actor: { kind: 'system', id: 'model-intake', version: '1' } });
  }
};

/** A governance table of each product, and trainings, which are of none. */
export const governAndTrain = async (node: TestNode): Promise<void> => {
  const actor = { kind: 'system', id: 'test', version: '1' } as const;
  for (const productId of [CONTENT.productId, OTHER.productId]) {
    await node.records.governanceTables.change(productId, (held) => draftTable(held.state, { ...GOVERNANCE_TABLE, productId }, SCIENTIST('authorship')), { actor });
    await node.records.governanceTables.change(productId, (held) => approveTable(held.state, QUALITY('approval')), { actor });
  }
  const hashes = { receivedSha256: 'a'.repeat(64), sentSha256: 'b'.repeat(64) };
  await node.participation.change('north', () => [
    { type: 'training-invited', runId: 'TRN-1', title: 'Early failure', purpose: 'Warn on day 3', plan: planOf(), invited: ['harbour', 'hill', 'north'], planHash: 'c'.repeat(64), joinUntilEpochMs: 2, joinsAtEpochMs: 1, receivedSha256: hashes.receivedSha256 },
    { type: 'training-refused', runId: 'TRN-1', round: 0, attempt: 0, code: 'training-cohort-too-small', ...hashes }, { type: 'training-declined', runId: 'TRN-2', reason: 'not now', signature: QUALITY('responsibility').signature, sentSha256: hashes.sentSha256 },
  ], { actor });
};

/** The hash of a chunk that each record names, and of none where it names none. */
export type Made = Readonly<{ node: TestNode; covered: readonly Journey[]; hidden: readonly Journey[]; chunkOf: ReadonlyMap<string, string> }>;

/** Batches of two products side by side, on days of their own; equipment and a lot that only hidden ones use, and others that both do; lots that were refused. */
export const makeNode = async (plan: readonly Readonly<{ isHidden: boolean; stage: Stage }>[]): Promise<Made> => {
  const node = createNode(CONTENT, OTHER);
  await equip(node);
  await receiveLot(node, { lotId: 'MED-9', materialId: 'medium' });
  await takeModels(node);
  await governAndTrain(node);
  const [covered, hidden]: [Journey[], Journey[]] = [[], []];
  const chunkOf = new Map<string, string>();
  for (const [i, { isHidden, stage }] of plan.entries()) {
    const journey = await createJourney(node, isHidden ? OTHER.productId : CONTENT.productId);
    (isHidden ? hidden : covered).push(journey);
    await advance(journey, stage === 'cultured' ? 'valued' : stage);
    if (isHidden && stage === 'cultured') await act(journey, operator, `${PHASE_ROUTE}/materials`, { materialId: 'medium', lotId: 'MED-9', quantity: 10, label: 'BED1|LOT:MED-9' }, { phaseId: 'culture' });
    if (stage === 'cultured') await advance(journey, 'cultured', 'valued');
    if (stage === 'receiving') await act(journey, operator, `${PHASE_ROUTE}/materials`, { materialId: 'cells', lotId: 'MED-9', quantity: 1, label: 'BED1|LOT:NOBODY-1' }, { phaseId: 'receipt' });
    if (stage === 'cultured') for (const { sha256 } of await sealChunks(node, journey.batchId, { [i]: Buffer.from(`minute ${i}`) })) chunkOf.set(journey.batchId, sha256);
    node.time.epochMs += DAY_MS;
  }
  return { node, covered, hidden, chunkOf };
};

export const plan = fc.array(fc.record({ isHidden: fc.boolean(), stage: fc.constantFrom<Stage>('started', 'receiving', 'received', 'cultured') }), { minLength: 1, maxLength: 5 });
