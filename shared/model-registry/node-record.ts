import { DomainError } from '../errors.ts';
import { canonicalJson } from '../record/canonical-json.ts';
import type { Fact } from './events.ts';
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

export const evolveNodeModel = (model: NodeModel | undefined, { event }: Pick<Fact<ModelRecordEvent>, 'event'>): NodeModel => {
  if (event.type !== 'model-record-taken') {
    if (model === undefined) throw new DomainError('record-corrupt', `model ${event.modelId}: the record begins with drift, want what the model is first`, { id: event.modelId });
    const isOfNetwork = isDriftTold(event) || (event.type === 'model-drift-assessed-here' && model.drift?.some(({ version, runId }) => version === event.version && runId === event.runId) === true);
    return isOfNetwork ? { ...model, drift: evolveDrift(model.drift ?? [], event) } : { ...model, use: evolveOwnUse(model.use ?? NO_USE, event) };
  }
  const { record } = event;
  const others = model?.records.filter(({ version }) => version !== record.version) ?? [];
  return { ...model, modelId: record.modelId, productId: record.productId, records: [...others, record].toSorted((a, b) => a.version - b.version) };
};

/** What lists show; `productId` decides who may see it. */
export const nodeModelSummary = (model: NodeModel) =>
  ({ modelId: model.modelId, productId: model.productId, versions: model.records.map(({ version, state, artefactSha256 }) => ({ version, state, artefactSha256, ...(isStopped(model, version) && { stoppedHere: true }) })) });

const isSame = (one: ModelRecord, other: ModelRecord): boolean => one.state === other.state;

const requireFrozen = (held: ModelRecord, { artefactSha256, productId, output, state, inputs, threshold, undecided }: ModelRecord): void => {
  const { modelId, version } = held;
  const changed = ([['artefactSha256', artefactSha256, held.artefactSha256], ['productId', productId, held.productId], ['output', output, held.output], ['inputs', canonicalJson(inputs), canonicalJson(held.inputs)], ['threshold', threshold ?? 'none', held.threshold ?? 'none'], ['undecided', canonicalJson(undecided), canonicalJson(held.undecided)]] as const).find(([, got, want]) => got !== want);
  if (changed !== undefined) throw new DomainError('model-hash-mismatch', `${changed[0]} of ${modelId} version ${version}: got ${changed[1]}, want ${changed[2]} as it was taken before`, { modelId, version });
  if (held.state === 'retired' && state !== 'retired') throw new DomainError('model-state-wrong', `${modelId} version ${version} is retired for good, got ${state}`, { modelId, version });
};

/**
 * What a hospital puts on its record of a model when it is told of it again. What was taken once is frozen: a version keeps its artefact, product and output, and a retired one stays so.
 *
 * @param told every version of one model that was ever put to use, as the control site publishes them
 * @returns an event for each version that is new or has another state; empty when nothing changed
 * @throws DomainError `model-file-malformed` when a version stands twice, `model-not-found` when one that is held is left out, `model-hash-mismatch`, `model-state-wrong`
 */
export const takeModelRecords = (held: NodeModel | undefined, told: readonly ModelRecord[]): readonly Taken[] => {
  const versions = new Set(told.map(({ version }) => version));
  if (versions.size < told.length) throw new DomainError('model-file-malformed', `a version of ${told[0]?.modelId ?? 'the model'} stands twice, want each once`, { paths: ['records'] });
  const missing = held?.records.find(({ version }) => !versions.has(version));
  if (missing !== undefined) throw new DomainError('model-not-found', `version ${missing.version} of ${missing.modelId} is on record and left out now, want it named`, { modelId: missing.modelId, version: missing.version });
  const events: Taken[] = [];
  for (const record of told.toSorted((a, b) => a.version - b.version)) {
    const before = held?.records.find(({ version }) => version === record.version);
    if (before !== undefined) requireFrozen(before, record);
    if (before === undefined || !isSame(before, record)) events.push({ type: 'model-record-taken', record });
  }
  return events;
};

/** Products and outputs for which more than one model or version is active; empty as it should be. Neither may run then. */
export const activeTwice = (records: readonly ModelRecord[]): readonly Readonly<{ productId: string; output: string }>[] => {
  const uses = records.filter(({ state }) => state === 'active').map(({ productId, output }) => ({ productId, output }));
  return uses.filter((use, i) => uses.findIndex(({ productId, output }) => productId === use.productId && output === use.output) < i);
};
