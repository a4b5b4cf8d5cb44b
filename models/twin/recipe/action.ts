import type { FaultName } from '../worlds/world.ts';

/** Faults of equipment, which people can mend; a contaminant and a bad vector stay. */
export const REPAIRABLE = ['feed-pump', 'ph-probe', 'gas-supply', 'temperature'] as const satisfies readonly FaultName[];
export type Repairable = (typeof REPAIRABLE)[number];
export const isRepairable = (name: FaultName): name is Repairable => (REPAIRABLE as readonly FaultName[]).includes(name);

/** A corrective action on a running culture, from the catalogue (ISA-88: a change of the control recipe). Hours since activation. */
export type Action =
  | Readonly<{ type: 'exchange-medium'; hour: number; share: number }>
  | Readonly<{ type: 'set-feed-rate'; hour: number; factor: number }>
  | Readonly<{ type: 'add-interleukin-2'; hour: number; iuPerMl: number }>
  | Readonly<{ type: 'set-oxygen'; hour: number; setPointPercentAir: number; highestPercentAir: number }>
  | Readonly<{ type: 'repair-equipment'; hour: number; fault: Repairable }>
  | Readonly<{ type: 'harvest'; hour: number }>
  | Readonly<{ type: 'stop'; hour: number }>;

/** Longest culture that is simulated, with any extension, hours; largest share of medium that can be exchanged with the cells kept. */
export const [MOST_CULTURE_HOURS, MOST_EXCHANGED] = [480, 0.95] as const;
/** Longest a culture may go on after the recipe's harvest, hours. */
export const EXTENSION_HOURS = 96;

const LIMITS = {
  'exchange-medium': (action: Action) => action.type !== 'exchange-medium' || (action.share > 0 && action.share <= MOST_EXCHANGED),
  'set-feed-rate': (action: Action) => action.type !== 'set-feed-rate' || (action.factor >= 0 && action.factor <= 4),
  'add-interleukin-2': (action: Action) => action.type !== 'add-interleukin-2' || (action.iuPerMl > 0 && action.iuPerMl <= 1000),
  'set-oxygen': (action: Action) => action.type !== 'set-oxygen' || (action.setPointPercentAir > 0 && action.setPointPercentAir <= action.highestPercentAir && action.highestPercentAir <= 450),
  'repair-equipment': (action: Action) => action.type !== 'repair-equipment' || isRepairable(action.fault),
} as const;
const WANTED: Readonly<Record<string, string>> = { 'exchange-medium': 'share above 0, at most 0.95', 'set-feed-rate': 'factor 0 to 4', 'add-interleukin-2': 'iuPerMl above 0, at most 1000', 'set-oxygen': 'setPointPercentAir above 0 and at most highestPercentAir, highestPercentAir at most 450', 'repair-equipment': `fault ${REPAIRABLE.join(', ')}` };

/** @throws RangeError naming the action and what was wanted of it */
export const checkAction = (action: Action): void => {
  if (!(Number.isFinite(action.hour) && action.hour >= 0)) throw new RangeError(`${action.type}.hour: got ${action.hour}, want a time since activation, 0 or more`);
  const limit = (LIMITS as Readonly<Record<string, ((action: Action) => boolean) | undefined>>)[action.type];
  if (limit !== undefined && !limit(action)) throw new RangeError(`${action.type}: got ${JSON.stringify(action)}, want ${WANTED[action.type] ?? ''}`);
};
