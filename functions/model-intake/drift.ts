import * as z from 'zod';
import { takeDriftNotices, type DriftNotice } from '../../shared/model-registry/node-drift.ts';
import type { ModelRecordEvent, NodeModel } from '../../shared/model-registry/node-record.ts';
import type { PublicationName } from '../../shared/model-registry/publication.ts';
import type { GovernanceTableEvent, TableRecord } from '../../shared/prediction-governance/table.ts';
import { DomainError } from '../../shared/errors.ts';
import { driftCompanions } from '../_platform/drift-companions.ts';
import { driftPolicyOf } from '../_platform/drift-policy.ts';
import { Identifier } from '../_platform/fields.ts';
import { PUBLISHED_DRIFT } from '../_platform/model-objects.ts';
import type { Clock } from '../_platform/ports.ts';
import type { StreamRecords } from '../_platform/stream-records.ts';

export type DriftIntakePorts = Readonly<{
  models: StreamRecords<NodeModel, ModelRecordEvent>;
  tables: Pick<StreamRecords<TableRecord, GovernanceTableEvent>, 'load'>;
  /** What the control site published under a name, once its signature holds. @throws DomainError when it is not to be believed */
  published(name: PublicationName): Promise<Uint8Array | undefined>;
  now: Clock;
}>;

const Notice = z.strictObject({
  modelId: Identifier, version: z.int().min(1).max(9999), runId: Identifier, from: z.iso.datetime(), to: z.iso.datetime(), cases: z.int().min(0), decision: z.enum(['alarm', 'suspend']), detail: z.string().max(1000), isOpen: z.boolean(),
});
const Published = z.strictObject({ formatVersion: z.literal(1), notices: z.array(Notice).max(10_000) });

/** @throws DomainError `model-file-malformed` when it is not what a control site publishes */
export const readDriftNotices = async ({ published }: Pick<DriftIntakePorts, 'published'>): Promise<readonly DriftNotice[]> => {
  const bytes = await published('drift');
  if (bytes === undefined) return [];
  try {
    return Published.parse(JSON.parse(Buffer.from(bytes).toString('utf8'))).notices;
  } catch (cause) {
    throw new DomainError('model-file-malformed', `${PUBLISHED_DRIFT} can not be read; what is held stays`, { paths: [PUBLISHED_DRIFT] }, { cause });
  }
};

/** Put on the hospital's record what is new about drift of one model, and on the work lists of those concerned. @returns whether anything was new */
export const takeDrift = async (ports: DriftIntakePorts, modelId: string, told: readonly DriftNotice[]): Promise<boolean> => {
  const { state: held } = await ports.models.load(modelId);
  if (held === undefined) return false;
  const own = told.filter((each) => each.modelId === modelId);
  const { askedOf } = await driftPolicyOf(ports.tables, held, held.records.map(({ output }) => output));
  if (takeDriftNotices(held, own, askedOf).length === 0) return false;
  let [before, events]: [NodeModel, readonly ModelRecordEvent[]] = [held, []];
  await ports.models.change(modelId, ({ state = held }) => {
    [before, events] = [state, takeDriftNotices(state, own, askedOf)];
    return events;
  }, { actor: { kind: 'system', id: 'model-intake', version: '1' }, companions: () => driftCompanions(before, events, ports.now().toISOString()) });
  return events.length > 0;
};
