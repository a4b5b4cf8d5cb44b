import type { BatchEvent } from '../../shared/batch/events.ts';
import type { ModelRecord } from '../../shared/model-registry/may-run.ts';
import type { Recommendation } from '../../shared/prediction-governance/ledger-events.ts';
import { makeRecommendation } from '../../shared/prediction-governance/recommend.ts';
import { createGatewayReader } from '../../functions/_platform/gateways.ts';
import { createGovernedBatches, inForce } from '../../functions/_platform/governed-batches.ts';
import { ledgerCompanions } from '../../functions/_platform/ledger-companions.ts';
import { advance, createJourney, equip } from './journey.ts';
import { ARTEFACT, GOVERNANCE_TABLE } from './model-fixtures.ts';
import { createNode, type TestNode } from './node.ts';
import { PEOPLE, type TestPerson } from './people.ts';

const { operator, scientist, reviewer, steward } = PEOPLE;
export const MINUTE_MS = 60_000;
export const TABLES = '/v1/governance-tables';
export const BATCH = '/v1/batches/{batchId}';
export const RECORD: ModelRecord = { modelId: 'm', version: 1, productId: 'test-product', output: 'set-point-advice', artefactSha256: ARTEFACT, state: 'active', inputs: [], undecided: { errorRate: 0.1 } };
export const ADVICE: Recommendation = {
  recommendationId: 'REC-1', output: 'set-point-advice', modelId: 'm', modelVersion: 1, modelHash: ARTEFACT, inputsHash: 'a'.repeat(64), probability: 0.8, undecided: false,
  explanation: [{ feature: 'lactate-maximum', value: 18.2, contribution: 0.31 }], alternatives: [{ id: 'carry-on', title: 'carry on', expected: 'lactate 21 mmol/L' }], twin: { world: 'stress', twinSha256: 'b'.repeat(64), codeSha256: 'c'.repeat(64) },
  actions: [{ edgeNodeId: 'gateway-1', deviceId: 'bioreactor-1', metric: 'Feed/Rate', value: 2.1, unit: 'mL/h' }],
};

/** A hospital that knows a model, with a batch in culture. */
export const createGovernedBatch = async (): Promise<Readonly<{ node: TestNode; batchId: string }>> => {
  const node = createNode();
  node.models.records = [RECORD];
  await equip(node);
  const { batchId } = await advance(await createJourney(node), 'culturing');
  return { node, batchId };
};

/** Requests about governance tables, and about recommendations to one batch, as most tests of them want them. @param node of the test that runs @param batchId of its batch */
export const governed = (node: () => TestNode, batchId: () => string) => {
  const tableVersion = async (): Promise<number> => (await node().records.governanceTables.load('test-product')).position.version;
  const version = async (): Promise<number> => (await node().records.batches.load(batchId())).position.version;
  const draft = async (content: unknown = GOVERNANCE_TABLE, person: TestPerson = steward) => node().call(person, `POST ${TABLES}`, { body: { content, signature: node().sign(person, 'authorship', await tableVersion()) } });
  const moveTable = async (move: 'approval' | 'effectiveness', person: TestPerson = reviewer) =>
    node().call(person, `POST ${TABLES}/{productId}/${move}`, { path: { productId: 'test-product' }, body: { signature: node().sign(person, move === 'approval' ? 'approval' : 'responsibility', await tableVersion()) } });
  const events = async () => (await node().store.load<BatchEvent>({ kind: 'batch', id: batchId() })).map(({ event }) => event);
  const types = async () => (await events()).map(({ type }) => type);

  /** What the prediction function does, by the same rule. */
  const recommend = async (own: Partial<Recommendation> = {}) => {
    const batches = createGovernedBatches(node().store);
    const govern = await inForce({ tables: node().records.governanceTables, models: { records: () => Promise.resolve(node().models.records) }, gateways: createGatewayReader(node().operations, node().now), now: node().now }, await node().batch(batchId()));
    let made: readonly BatchEvent[] = [];
    await batches.change(batchId(), ({ state }) => { made = makeRecommendation(govern(state!), { ...ADVICE, ...own }); return made; },
      { actor: { kind: 'system', id: 'prediction', version: '1' }, companions: ({ version: after }) => ledgerCompanions(batchId(), { recommendations: new Map() }, made, { version: after, at: node().now().toISOString() }) });
  };
  const decide = async (own: Readonly<Record<string, unknown>> = {}, person: TestPerson = scientist, recommendationId = 'REC-1') =>
    node().call(person, `POST ${BATCH}/recommendations/{recommendationId}/decision`, { path: { batchId: batchId(), recommendationId }, body: { decision: 'accept', reason: 'lactate rises', signature: node().sign(person, 'approval', await version()), ...own } });
  const read = () => node().ok(scientist, `GET ${BATCH}/interventions`, { path: { batchId: batchId() } }) as Promise<{ assistance: { state: string }; recommendations: Record<string, unknown>[]; interventions: Record<string, unknown>[] }>;
  const work = async (person: TestPerson, role: string) => ((await node().ok(person, 'GET /v1/work', { query: { role } }))['items'] as { subject: string }[]).map(({ subject }) => subject).filter((subject) => subject.startsWith('recommendation/'));
  const answers = (...samples: readonly (readonly [number, number])[]) => { node().reported.series = { times: samples.map(([ms]) => node().time.epochMs + ms), values: samples.map(([, value]) => value) }; };
  const stop = (person: TestPerson = operator) => node().call(person, `POST ${BATCH}/assistance/stop`, { path: { batchId: batchId() }, body: { reason: 'the probe is broken' } });
  const inEffect = async () => { await draft(); await moveTable('approval'); await moveTable('effectiveness'); };
  return { tableVersion, version, draft, moveTable, events, types, recommend, decide, read, work, answers, stop, inEffect };
};
