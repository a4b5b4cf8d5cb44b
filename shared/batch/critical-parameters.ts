import { longestSilenceMs } from '../telemetry/silence.ts';
import type { Batch, EquipmentUse } from './state.ts';

/** A critical parameter, and how long it may be without a good sample. */
export type CriticalParameter = Readonly<{ metric: string; longestMs: number }>;

/** Critical parameters that a piece of equipment measures, as the batch's master batch record has them. */
export const criticalParameters = ({ recipe }: Pick<Batch, 'recipe'>, { equipmentClassId }: Pick<EquipmentUse, 'equipmentClassId'>): readonly CriticalParameter[] =>
  recipe.content.parameters.filter((each) => each.critical && each.equipmentClassId === equipmentClassId).map((each) => ({ metric: each.metric, longestMs: longestSilenceMs(each) }));
