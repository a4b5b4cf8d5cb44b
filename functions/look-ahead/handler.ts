import type { Twin } from '../../shared/prediction-governance/ledger-events.ts';
import { streamOf } from '../../models/random/streams.ts';
import type { Known } from '../../models/twin/seen/known.ts';
import type { Reading } from '../../models/twin/seen/sensors.ts';
import type { Library } from '../../models/twin/assist/library.ts';
import { libraryOf, proposalsFor, type Observed, type Proposal } from '../../models/twin/advice/proposals.ts';
import { fingerprintOf } from '../../models/twin/worlds/fingerprint.ts';
import type { World } from '../../models/twin/worlds/world.ts';
import { task } from '../_platform/batch.ts';
import { once } from '../_platform/once.ts';

/** What was observed of a batch, as JSON: what nobody measured is null. `seed`: equal questions get equal answers. */
export type Question = Readonly<{ observed: Observed; seed: number }>;

/** Ways to go on, and what played them, for the record. */
export type LookedAhead = Readonly<{ proposals: readonly Proposal[]; twin: Twin }>;

/** JSON has no NaN. */
const measured = <Fields extends object>(fields: Fields): Fields => Object.fromEntries(Object.entries(fields).map(([name, value]: [string, unknown]) => [name, value ?? Number.NaN])) as Fields;
const knownOf = ({ priorBendamustine, ...numbers }: Known): Known => ({ ...measured(numbers), priorBendamustine });
const readingOf = ({ sample, ...numbers }: Reading): Reading => ({ ...measured(numbers), sample: sample === undefined ? undefined : measured(sample) });

/**
 * Play ways to go on from what was observed of a batch, in the twin. It reads nothing and may do nothing: what it is told is all it knows.
 *
 * @param worldOf the world whose patients and process the prior is drawn from; its prior is grown once
 * @param codeSha256 of the code that plays, hex
 */
export const createHandler = (worldOf: () => World, codeSha256: () => string) => {
  const prior = once((): Readonly<{ world: World; library: Library; twin: Twin }> => {
    const world = worldOf();
    return { world, library: libraryOf(world), twin: { world: world.name, twinSha256: fingerprintOf(world), codeSha256: codeSha256() } };
  });
  return task(({ observed: { known, readings, done }, seed }: Question): Promise<LookedAhead> => {
    const { world, library, twin } = prior();
    return Promise.resolve({ proposals: proposalsFor(world, library, { known: knownOf(known), readings: readings.map(readingOf), done }, streamOf(seed, 0, 'advice')), twin });
  });
};
