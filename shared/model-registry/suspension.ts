import type { ModelVersion } from './model.ts';

export type Suspension = ModelVersion['moves'][number];

/**
 * What a version is suspended for: each stop by a person or a rule since it was last active, in order of the record. The first one stops it; those after it change nothing at the hospitals, and each is looked into
 * before the version comes back. Empty while it is not suspended.
 */
export const suspensionsOf = ({ state, moves }: ModelVersion): readonly Suspension[] => (state === 'suspended' ? moves.slice(moves.findLastIndex(({ to }) => to === 'active') + 1) : []);
