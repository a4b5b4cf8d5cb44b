import type { Context } from 'aws-lambda';
import { createStreamRecords } from '../../functions/_platform/stream-records.ts';
import { createHandler } from '../../functions/federated/watch-drift/handler.ts';
import { createModelPublisher } from '../../functions/model-registry-api/publish.ts';
import { MODELS } from '../../functions/model-registry-api/records.ts';
import { driftRows, type KeyedAnswer } from '../../models/drift/answers.ts';
import type { Rows } from '../../models/federated/rows.ts';
import { distributionsOf } from '../../shared/model-registry/distributions.ts';
import type { ModelEvent } from '../../shared/model-registry/events.ts';
import type { Model, ModelVersion } from '../../shared/model-registry/model.ts';
import type { MonitoringPlan } from '../../shared/model-registry/model-plan.ts';
import { statementHash, statementText } from '../../shared/model-registry/hospital-counts.ts';
import type { TestReport } from '../../shared/model-registry/test-report.ts';
import { modelObject } from '../../functions/_platform/model-objects.ts';
import { testCountsOf } from './model-registry.ts';
import { createFederation } from './federation.ts';
import { active, ARTEFACT, MODEL_ID, PLAN, REPORT } from './model-fixtures.ts';
import { controlSeal } from './publications.ts';

const context = { awsRequestId: 'r-1' } as Context;
const actor = { kind: 'system', id: 'test', version: '1' } as const;
export const DAY_MS = 86_400_000;
export const INPUTS = PLAN.inputs.map(({ name }) => name);

/** Answers of one hospital; `shift` moves the lowest pH by so many bins. */
export const answersOf = (hospital: string, count: number, shift = 0): readonly (KeyedAnswer & Readonly<{ score: number }>)[] => Array.from({ length: count }, (_, i) =>
  ({ key: `${hospital}-${String(i).padStart(3, '0')}`, inputBins: `${(1 + (i % 6) + shift).toString(36)}${(1 + (i % 9)).toString(36)}`, score: (i % 10) / 10, ...(i % 2 === 0 && { kind: i % 4 === 0 ? 'truePositive' as const : 'trueNegative' as const }) }));
export const rowsWith = (hospital: string, count: number, shift = 0): Rows => driftRows(INPUTS, answersOf(hospital, count, shift), 5);
const REFERENCE = distributionsOf(INPUTS, answersOf('test', 90));

type Options = Readonly<{
  monitoring?: Partial<MonitoringPlan>; hasReference?: boolean;
  /** What each hospital of the test had, where the whole is not one hospital's. */
  tested?: Readonly<Record<string, readonly KeyedAnswer[]>>;
  /** A run whose workflow can not be started. */
  refuses?: string;
}>;
/** What each hospital signed for at the test, as the registry keeps it. */
const statementsOf = ({ tested = {} }: Options) => Object.entries(tested).map(([nodeId, answers]) => {
  const text = statementText(testCountsOf('north', { nodeId, distributions: distributionsOf(INPUTS, answers).map((each) => ({ ...each, counts: [...each.counts] })) }));
  return { nodeId, text, sha256: statementHash(text) };
});
const reportOf = (options: Options): Partial<TestReport> => (options.tested === undefined ? { distributions: REFERENCE } : {
  sites: statementsOf(options).map(({ nodeId, sha256 }) => ({ nodeId, counts: REPORT.sites[0]!.counts, statementSha256: sha256 })), distributions: distributionsOf(INPUTS, Object.values(options.tested).flat()),
});
const eventsOf = (options: Options): readonly ModelEvent[] => active().events.map((event) => {
  const { monitoring = {}, hasReference = true } = options;
  if (event.type === 'model-version-drafted') return { ...event, plan: { ...PLAN, monitoring: { ...PLAN.monitoring, ...monitoring } } };
  return event.type === 'model-test-recorded' && hasReference ? { ...event, report: { ...REPORT, ...reportOf(options) } } : event;
});

/** A network with one active model, whose drift is watched by the clock: hospitals answer by their functions, over stores in memory. */
export const watched = async (cohorts: Readonly<Record<string, Rows>>, options: Options = {}) => {
  const network = createFederation(cohorts);
  const { control, operations, models: bucket, trainings, now, time } = network;
  const models = createStreamRecords<Model, ModelEvent>(MODELS, control);
  for (const { text, sha256 } of statementsOf(options)) await bucket.put(modelObject.statement(sha256), Buffer.from(JSON.stringify({ text, signature: '-', trainingKey: { key: '-', signature: '-' } })));
  for (const event of eventsOf(options)) await models.change(MODEL_ID, () => [event], { actor });
  const [counted, workflows, names]: [string[], string[], Set<string>] = [[], [], new Set()];
  const watch = createHandler({
    models, trainings, operations, bucket, now, everyDays: 7, hospitals: () => Promise.resolve([...network.nodes.keys()].sort()), publish: createModelPublisher({ bucket, seal: controlSeal(), operations, models }), count: (name) => { counted.push(name); },
    startWorkflow: (runId, name) => { if (runId === options.refuses) return Promise.reject(new Error('no such workflow')); if (!names.has(name)) workflows.push(runId); names.add(name); return Promise.resolve(); },
  });
  const look = () => watch(undefined, context);
  const version = async (): Promise<ModelVersion> => (await models.load(MODEL_ID)).state!.versions[0]!;
  return {
    ...network, models, bucket, workflows, counted, look, version, artefactSha256: ARTEFACT,
    state: async (): Promise<Model> => (await models.load(MODEL_ID)).state!,
    events: async (): Promise<readonly ModelEvent[]> => (await control.load<ModelEvent>({ kind: 'model', id: MODEL_ID })).map(({ event }) => event),
    /** The next look, the run it starts, and the look after it. */
    lookThrough: async (isAwake?: Parameters<typeof network.run>[0]): Promise<ModelVersion> => {
      await look();
      const runId = workflows.at(-1);
      if (runId !== undefined && (await trainings.load(runId)).state?.status === 'joining') await network.run(isAwake, runId);
      await look();
      return version();
    },
    nextPeriod: () => { time.epochMs += 7 * DAY_MS; },
  };
};
