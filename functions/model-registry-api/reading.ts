import type * as z from 'zod';
import { DomainError } from '../../shared/errors.ts';
import type { ModelEvent } from '../../shared/model-registry/events.ts';
import { modelCard } from '../../shared/model-registry/model-card.ts';
import type { Model, ModelVersion } from '../../shared/model-registry/model.ts';
import type { Recorded } from '../../shared/record/envelope.ts';
import { isOpenedFor } from '../../shared/model-registry/seen-data.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { FileAnswer, type Endpoint } from '../_platform/contract.ts';
import { seenState } from '../_platform/granted-view.ts';
import { loggedAtControlSite } from '../_platform/network-view.ts';
import { openedTestData } from './opened-sets.ts';
import type { RegistryPorts } from './ports.ts';
import { modelSummaryOf } from './records.ts';
import { ListModels, ReadModel, ReadModelCard, type ModelSummary } from './schema.ts';

const notFound = (modelId: string): DomainError => new DomainError('model-not-found', `no model ${modelId}`, { modelId });

const signatureOf = (event: ModelEvent) => {
  if ('signature' in event) return event.signature;
  return event.type === 'model-suspended' && event.by.kind === 'person' ? event.by.signature : undefined;
};

/** An event as its readers want it: who, what, when. Plans and reports stand with their version. */
const historyEntry = ({ event, recordedAt, actor, hash, version: recordVersion }: Recorded<ModelEvent>) => {
  const signature = signatureOf(event);
  return {
    type: event.type, recordedAt, recordVersion, hash, who: actor.kind === 'person' ? actor.printedName : actor.id, ...('version' in event ? { version: event.version } : {}),
    ...(signature === undefined ? {} : { meaning: signature.meaning, signedAt: signature.signedAt }), ...('reason' in event ? { reason: event.reason } : {}), ...('deviationId' in event ? { deviationId: event.deviationId } : {}),
    ...(event.type === 'model-suspended' && event.by.kind === 'rule' ? { rule: event.by.rule } : {}),
  };
};

const versionView = (version: ModelVersion): Readonly<Record<string, unknown>> & Pick<ModelVersion, 'version' | 'state' | 'planHash'> & { plan: Record<string, unknown> } => ({ ...version, plan: { ...version.plan } });

const findVersion = (model: Model | undefined, modelId: string, version: number): Readonly<{ model: Model; found: ModelVersion }> => {
  const found = model?.versions.find((each) => each.version === version);
  if (model === undefined || found === undefined) throw notFound(`${modelId}, version ${version}`);
  return { model, found };
};

/** What people and inspectors read of models at the control site. */
export const readingEndpoints = ({ models, testData, history, ...ports }: RegistryPorts): readonly Endpoint[] => [
  loggedAtControlSite({ ...ports, record: history }, ListModels, async ({ query: { limit, cursor } }, { operations }) => {
    const page = await operations.list<z.input<typeof ModelSummary>>(keyOf.summary('model', '-').pk, { limit, ...(cursor === undefined ? {} : { cursor }) });
    return { ...page, items: page.items.map(({ modelId, productId, output, title, version, versions, openDeviations }) => ({ modelId, productId, output, title, version, versions, openDeviations })) };
  }),
  loggedAtControlSite({ ...ports, record: history }, ReadModel, async ({ path: { modelId } }, view) => {
    const { state, position } = await seenState(view, models, { kind: 'model', id: modelId });
    if (state === undefined) throw notFound(modelId);
    const events = await view.record.load<ModelEvent>({ kind: 'model', id: modelId });
    return { ...modelSummaryOf(state), version: position.version, versions: state.versions.map(versionView), deviations: state.deviations.map((each) => ({ ...each })), hospitals: (state.hospitals ?? []).map((each) => ({ ...each })), history: events.map(historyEntry) };
  }),
  loggedAtControlSite({ ...ports, record: history }, ReadModelCard, async ({ path: { modelId, version } }, view) => {
    const { model, found } = findVersion((await seenState(view, models, { kind: 'model', id: modelId })).state, modelId, version);
    const testDataId = found.testDataId ?? found.report?.testDataId;
    // All of it was opened for this very version: who may read of the version may read of that.
    const opened = (await openedTestData({ operations: ports.operations, testData })).filter((each) => isOpenedFor(each, modelId, version));
    const card = modelCard(model, found, testDataId === undefined ? undefined : (await testData.load(testDataId)).state, opened);
    return new FileAnswer('text/markdown; charset=utf-8', new TextEncoder().encode(card), `${modelId}-v${version}.md`);
  }),
];
