import { DomainError } from '../errors.ts';
import { canonicalJson } from '../record/canonical-json.ts';
import type { Recorded } from '../record/envelope.ts';
import type { ModelRecord } from './may-run.ts';
import { evolveDrift, isDriftTold, type DriftHere, type NodeDriftEvent } from './node-drift.ts';
import { evolveOwnUse, NO_USE, type OwnDriftEvent, type OwnUse } from './own-drift.ts';

/** What the control site said of one version of a model, as the hospital put it on its own record. One stream a model, `modelId` its name. */
type Taken = Readonly<{ type: 'model-record-taken'; record: ModelRecord }>;
export type ModelRecordEvent = Taken | NodeDriftEvent | OwnDriftEvent;

/** A model as this hospital knows it: each version it was ever told of, in the order of the versions, what it was told of drift, and what it does about its use. */
export type NodeModel = Readonly<{ modelId: string; productId: string; records: readonly ModelRecord[]; drift?: readonly DriftHere[]; use?: OwnUse }>;

export const isStopped = ({ use }: Pick<NodeModel, 'use'>, version: number): boolean => use?.stops.some((each) => each.version === version) === true;

/** Versions as this hospital uses them: one that is stopped here answers no more than one the control site suspended. */
export const recordsInUse = (model: NodeModel): readonly ModelRecord[] => model.records.map((record) => (record.state === 'active' && isStopped(model, record.version) ? { ...record, state: 'suspended' } : record));

export const evolveNodeModel = (model: NodeModel | undefined, { event, actor, recordedAt }: Pick<Recorded<ModelRecordEvent>, 'event' | 'actor' | 'recordedAt'>): NodeModel => {
  if (event.type !== 'model-record-taken') {
    if (model === undefined) throw new DomainError('record-corrupt', `model ${event.modelId}: the record begins with drift, want what the model is first`, { id: event.modelId });
    const isOfNetwork = isDriftTold(event) || (event.type === 'model-drift-assessed-here' && model.drift?.some(({ version, runId }) => version === event.version && runId === event.runId) === true);
    return isOfNetwork ? { ...model, drift: evolveDrift(model.drift ?? [], event) } : { ...model, use: evolveOwnUse(model.use ?? NO_USE, { event, actor, recordedAt }) };
  }
  const { record } = event;
  const others = model?.records.filter(({ version }) => version !== record.version) ?? [];
  return { ...model, modelId: record.modelId, productId: record.productId, records: [...others, record].toSorted((a, b) => a.version - b.version) };
};

/** What lists show; `productId` decides who may see it. */
export const nodeModelSummary = (model: NodeModel) =>
  ({ modelId: model.modelId, productId: model.productId, versions: model.records.map(({ version, state, artefactSha256 }) => ({ version, state, artefactSha256, ...(isStopped(model, version) && { stoppedHere: true }) })) });

const isSame = (one: ModelRecord, other: ModelRecord): boolean => one.state === other.state;

/** What is wrong with an entry beside what was taken of its version before. */
const frozenFault = (held: ModelRecord, { artefactSha256, productId, output, state, inputs, threshold, undecided }: ModelRecord): DomainError | undefined => {
  const { modelId, version } = held;
  const changed = ([['artefactSha256', artefactSha256, held.artefactSha256], ['productId', productId, held.productId], ['output', output, held.output], ['inputs', canonicalJson(inputs), canonicalJson(held.inputs)], ['threshold', threshold ?? 'none', held.threshold ?? 'none'], ['undecided', canonicalJson(undecided), canonicalJson(held.undecided)]] as const).find(([, got, want]) => got !== want);
  if (changed !== undefined) return new DomainError('model-hash-mismatch', `${changed[0]} of ${modelId} version ${version}: got ${changed[1]}, want ${changed[2]} as it was taken before`, { modelId, version });
  return held.state === 'retired' && state !== 'retired' ? new DomainError('model-state-wrong', `${modelId} version ${version} is retired for good, got ${state}`, { modelId, version }) : undefined;
};

/** An entry that can not be read, of which this much can: it says that the version is not to be used. */
export type UnreadStop = Readonly<{ modelId: string; version: number }>;

const faultsOf = (held: readonly ModelRecord[], told: readonly ModelRecord[], unread: readonly UnreadStop[]): readonly DomainError[] => {
  const versions = new Set([...told, ...unread].map(({ version }) => version));
  return [
    ...unread.map(({ modelId, version }) => new DomainError('model-file-malformed', `the entry of ${modelId} version ${version} can not be read`, { paths: ['records'] })),
    ...(new Set(told.map(({ version }) => version)).size < told.length ? [new DomainError('model-file-malformed', `a version of ${told[0]?.modelId ?? 'the model'} stands twice, want each once`, { paths: ['records'] })] : []),
    ...held.filter(({ version }) => !versions.has(version)).map(({ modelId, version }) => new DomainError('model-not-found', `version ${version} of ${modelId} is on record and left out now, want it named`, { modelId, version })),
    ...told.flatMap((record) => held.filter(({ version }) => version === record.version).flatMap((before) => frozenFault(before, record) ?? [])),
  ];
};

/**
 * What a faulty telling still stops. A sound entry is taken as it stands. One that is faulty itself, stands twice or can not be read, suspends what is active: as it was taken, and not for good, for nothing else that
 * it says is believed.
 */
const stopsIn = (held: readonly ModelRecord[], told: readonly ModelRecord[], unread: readonly UnreadStop[]): readonly Taken[] => held.flatMap((before): readonly Taken[] => {
  const own = told.filter(({ version }) => version === before.version);
  const isUnread = unread.some(({ version }) => version === before.version);
  const [only] = own;
  if (own.length === 1 && only !== undefined && !isUnread && frozenFault(before, only) === undefined) return only.state === 'active' || isSame(before, only) ? [] : [{ type: 'model-record-taken', record: only }];
  return before.state === 'active' && (isUnread || own.some(({ state }) => state !== 'active')) ? [{ type: 'model-record-taken', record: { ...before, state: 'suspended' } }] : [];
});

/** `faults` is empty where what was told is taken whole. */
export type TakenRecords = Readonly<{ taken: readonly Taken[]; faults: readonly DomainError[] }>;

/**
 * What a hospital puts on its record of a model when it is told of it again. What was taken once is frozen: a version keeps its artefact, product and output, and a retired one stays so. Where anything of it is faulty
 * the hospital stays with what it has, but for one thing: a version that is told to stop is stopped, whatever else is wrong.
 *
 * @param told every version of one model that was ever put to use, as the control site publishes them
 * @param unread entries of this model that can not be read and say stop
 * @returns an event for each version that is new or has another state; empty when nothing changed. Faults are `model-file-malformed` when a version stands twice or can not be read, `model-not-found` when one that is
 *   held is left out, `model-hash-mismatch`, `model-state-wrong`
 */
export const takeModelRecords = (model: NodeModel | undefined, told: readonly ModelRecord[], unread: readonly UnreadStop[] = []): TakenRecords => {
  const held = model?.records ?? [];
  const faults = faultsOf(held, told, unread);
  if (faults.length > 0) return { taken: stopsIn(held, told, unread), faults };
  const isKnown = (record: ModelRecord): boolean => held.some((before) => before.version === record.version && isSame(before, record));
  return { taken: told.toSorted((a, b) => a.version - b.version).filter((record) => !isKnown(record)).map((record) => ({ type: 'model-record-taken', record })), faults };
};

/** Products and outputs for which more than one model or version is active; empty as it should be. Neither may run then. */
export const activeTwice = (records: readonly ModelRecord[]): readonly Readonly<{ productId: string; output: string }>[] => {
  const uses = records.filter(({ state }) => state === 'active').map(({ productId, output }) => ({ productId, output }));
  return uses.filter((use, i) => uses.findIndex(({ productId, output }) => productId === use.productId && output === use.output) < i);
};
