import { takeUse, type UseAtHospital } from '../../../shared/model-registry/use-at-hospital.ts';
import { networkKeyOf, type ModelUseMessage } from '../../_platform/network-status.ts';
import { walk } from '../../_platform/walk.ts';
import { ACTOR, type WatchDriftPorts } from './ports.ts';

const toldIn = ({ nodeId, version: recordVersion, at, versions }: ModelUseMessage): UseAtHospital =>
  ({ nodeId, recordVersion, at, versions: versions.map(({ stoppedBy, judged, ...each }) => ({ ...each, ...(stoppedBy !== undefined && { stoppedBy }), ...(judged !== undefined && { judged }) })) });

/** What hospitals told last of their use of a model, onto its record. */
export const keepUse = async ({ models, operations }: Pick<WatchDriftPorts, 'models' | 'operations'>, modelId: string): Promise<void> => {
  for await (const message of walk<ModelUseMessage>(operations, networkKeyOf.modelUse(modelId, '-').pk)) {
    const told = toldIn(message);
    if (takeUse((await models.load(modelId)).state, told).length > 0) await models.change(modelId, ({ state }) => takeUse(state, told), { actor: ACTOR });
  }
};
