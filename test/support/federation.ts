import { createHash, createPrivateKey, sign, type KeyObject, createPublicKey } from 'node:crypto';
import type { Context } from 'aws-lambda';
import { createHandler as createCoordinate } from '../../functions/federated/coordinate/handler.ts';
import type { Standing } from '../../functions/federated/coordinate/advance.ts';
import { createHandler as createParticipate } from '../../functions/federated/participate/handler.ts';
import { createBudgets } from '../../functions/federated/participate/budgets.ts';
import { createOwnFiles } from '../../functions/federated/participate/own-files.ts';
import { createCertifier, vouchForTrainingKey } from '../../functions/federated/vouch/training-key.ts';
import { createStreamRecords } from '../../functions/_platform/stream-records.ts';
import type { ObjectStore } from '../../functions/_platform/ports.ts';
import { PARTICIPATION, TRAINING_BUDGETS, TRAININGS } from '../../functions/federated/records.ts';
import { startTraining } from '../../models/federated/workflow/start.ts';
import { THINKING_MS, type Consent } from '../../models/federated/workflow/joining.ts';
import { LEAST_COHORT } from '../../shared/training-data/least-cohort.ts';
import type { Training, TrainingEvent } from '../../models/federated/workflow/coordination.ts';
import type { Participation, ParticipationEvent } from '../../models/federated/workflow/participation.ts';
import type { Budget, BudgetEvent } from '../../models/federated/private/budget.ts';
import { fingerprintOf, type Partners } from '../../models/federated/secure/keys.ts';
import type { Plan } from '../../models/federated/plan.ts';
import type { Rows } from '../../models/federated/rows.ts';
import { placeOf } from '../../shared/storage/place.ts';
import { NOW } from './batch-fixtures.ts';
import { createMemoryObjectStore } from './memory/object-store.ts';
import { createMemoryOperationsStore } from './memory/operations-store.ts';
import { createMemoryRecordStore, type MemoryRecordTable } from './memory/record-store.ts';

const context = { awsRequestId: 'r-1' } as Context;
const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex');
const identityOf = (nodeId: string): KeyObject => createPrivateKey({ key: Buffer.concat([PKCS8_ED25519, createHash('sha256').update(`identity ${nodeId}`).digest()]), format: 'der', type: 'pkcs8' });

/** Hospitals of one account: their ids alone keep them apart. */
export const placeOfTest = (nodeId: string): string => placeOf({ id: nodeId, account: '111111111111' });
const trainingKeyOf = (nodeId: string): KeyObject => identityOf(`${nodeId} for trainings`);

/** The mailbox as the bucket policy lets one hospital see it: questions for all and for itself; its own answers, once each, and not to be read. */
const seenBy = (nodeId: string, mailbox: ObjectStore): ObjectStore => {
  const mayRead = (key: string): boolean => key.startsWith('questions/_all/') || key.startsWith(`questions/${placeOfTest(nodeId)}/`);
  const denied = (what: string, key: string) => Promise.reject(new Error(`AccessDenied: ${nodeId} may not ${what} ${key}`));
  return {
    get: (key) => (mayRead(key) ? mailbox.get(key) : denied('read', key)),
    put: (key, body, options = {}) => (key.startsWith(`answers/${placeOfTest(nodeId)}/`) && options.ifMatch === null ? mailbox.put(key, body, options) : denied('write', key)),
    list: (prefix) => (prefix === 'questions/_all/board.json' ? mailbox.list(prefix) : denied('list', prefix)),
    delete: (key) => denied('delete', key),
  };
};

export const MINUTE_MS = 60_000;

/** A control site and hospitals with some rows each, over stores in memory: a whole network that trains by its functions. */
export const createFederation = (cohorts: Readonly<Record<string, Rows>>) => {
  const time = { epochMs: NOW };
  const now = (): Date => new Date(time.epochMs);
  const mailbox = createMemoryObjectStore();
  const models = createMemoryObjectStore();
  const operations = createMemoryOperationsStore();
  const control = createMemoryRecordStore(operations, now);
  const trainings = createStreamRecords<Training, TrainingEvent>(TRAININGS, control);
  const nodeIds = Object.keys(cohorts);
  const directory = new Map(nodeIds.map((nodeId) => [nodeId, createPublicKey(identityOf(nodeId))]));
  const everybody: Partners = new Map([...directory].map(([siteId, key]) => [siteId, fingerprintOf(key)]));
  /** Whom a hospital's people confirmed; everybody, unless a test says whom. */
  const partners = new Map<string, Partners>();
  /** What a hospital wants before it joins; time to think, unless a test says another. */
  const consents = new Map<string, Consent>();
  const coordinate = createCoordinate({ mailbox, models, trainings, record: control, placeOf: placeOfTest, directory: () => Promise.resolve(directory), now });
  const rows: Record<string, Rows> = { ...cohorts };
  const counted: string[] = [];
  let calls = 0;
  const nodeOf = (nodeId: string) => {
    const own = createMemoryObjectStore();
    const table: MemoryRecordTable = new Map();
    const store = createMemoryRecordStore(createMemoryOperationsStore(), now, table);
    // A function forgets between two calls: the records are read anew each time.
    const handler = () => createParticipate({
      nodeId, place: placeOfTest(nodeId), mailbox: seenBy(nodeId, mailbox), participation: createStreamRecords<Participation, ParticipationEvent>(PARTICIPATION, store), budgets: createBudgets(store),
      rows: () => Promise.resolve(rows[nodeId]!),
      files: createOwnFiles(own, (count) => createHash('sha512').update(`${nodeId} ${calls += 1}`).digest().subarray(0, count)),
      leastCohort: LEAST_COHORT, thinkingMs: THINKING_MS, consent: consents.get(nodeId) ?? 'after-thinking-time', directory: () => Promise.resolve(directory), partners: () => Promise.resolve(partners.get(nodeId) ?? everybody), certify: async (bytes) => {
        await vouchForTrainingKey({ siteId: nodeId, bucket: own, publicKey: () => Promise.resolve(createPublicKey(trainingKeyOf(nodeId)).export({ format: 'der', type: 'spki' })), sign: (text) => Promise.resolve(sign(null, text, identityOf(nodeId))) });
        return createCertifier({ bucket: own, sign: (text) => Promise.resolve(sign(null, text, trainingKeyOf(nodeId))) })(bytes);
      }, count: (name) => { counted.push(`${nodeId} ${name}`); }, now,
    });
    const events = async (): Promise<readonly ParticipationEvent[]> => (await store.load<ParticipationEvent>({ kind: 'training', id: nodeId })).map(({ event }) => event);
    return { nodeId, own, store, table, events, budgets: createStreamRecords<Budget, BudgetEvent>(TRAINING_BUDGETS, store), records: createStreamRecords<Participation, ParticipationEvent>(PARTICIPATION, store), participate: () => handler()(undefined, context) };
  };
  const nodes = new Map(nodeIds.map((nodeId) => [nodeId, nodeOf(nodeId)]));
  const events = async (runId = 'TRN-1'): Promise<readonly TrainingEvent[]> => (await control.load<TrainingEvent>({ kind: 'training', id: runId })).map(({ event }) => event);
  const advance = (runId = 'TRN-1'): Promise<Standing> => coordinate({ runId }, context);
  return {
    time, now, consents, partners, everybody, mailbox, models, operations, control, trainings, nodes, rows, events, advance, counted,
    node: (nodeId: string) => nodes.get(nodeId)!,
    state: async (runId = 'TRN-1'): Promise<Training> => (await trainings.load(runId)).state!,
    start: async (plan: Plan, own: Partial<Parameters<typeof startTraining>[1]> = {}): Promise<void> => {
      const runId = own.runId ?? 'TRN-1';
      await trainings.change(runId, ({ state }) => startTraining(state, {
        runId, title: 'Early failure', purpose: 'Warn on day 3', plan, invited: nodeIds, joinUntilEpochMs: time.epochMs + 120 * MINUTE_MS, answerWithinMs: 30 * MINUTE_MS, ...own,
      }, nodeIds), { actor: { kind: 'system', id: 'test', version: '1' } });
    },
    /** A minute after the other until the run ends: the workflow looks, then each hospital that is awake. */
    run: async (isAwake: (nodeId: string, minute: number) => boolean | Promise<boolean> = () => true, runId = 'TRN-1', minutes = 800): Promise<Standing> => {
      for (let minute = 0; minute < minutes; minute += 1) {
        const standing = await advance(runId);
        if (standing.phase === 'finished' || standing.phase === 'aborted') {
          for (const node of nodes.values()) await node.participate();
          return standing;
        }
        for (const node of nodes.values()) if (await isAwake(node.nodeId, minute)) await node.participate();
        time.epochMs += MINUTE_MS;
      }
      throw new Error(`the run did not end in ${minutes} minutes`);
    },
    model: async (runId = 'TRN-1'): Promise<string> => Buffer.from(models.objects.get(`models/${(await trainings.load(runId)).state!.modelSha256!}.json`)!).toString('utf8'),
  };
};
export type Federation = ReturnType<typeof createFederation>;
