import { evolvePerson, type Person, type PersonEvent } from '../../shared/registers/person.ts';
import { requireActive } from '../../shared/registers/standing.ts';
import type { Endpoint } from './contract.ts';
import type { StreamRecords, StreamType } from './stream-records.ts';

/** How a person's record becomes state, at a hospital and at the control site alike; lists show the whole of it. */
export const PEOPLE = { kind: 'person', evolve: evolvePerson, summaryOf: (state) => ({ ...state }) } satisfies StreamType<Person, PersonEvent>;

/** What the register of a site says of who asks; undefined of a person it does not know. */
export type PersonOf = (personId: string) => Promise<Person | undefined>;

/** The register of people, as commands and reads ask it: at every request. */
export const personOf = ({ people }: Readonly<{ people: Pick<StreamRecords<Person, PersonEvent>, 'load'> }>): PersonOf => async (personId) => (await people.load(personId)).state;

/**
 * The same endpoints, for nobody who was suspended or revoked: they are refused before anything is looked at, from the next request on, whatever their token says. At the control site, where no
 * batch keeps refused attempts, this stands before commands too.
 */
export const onlyActive = (register: PersonOf, endpoints: readonly Endpoint[]): readonly Endpoint[] => endpoints.map(({ contract, run }) => ({
  contract,
  run: async (request) => {
    requireActive(await register(request.caller.id), request.caller);
    return run(request);
  },
}));
