import { changeRoles, registerPerson, reinstatePerson, stopPerson, type Decision, type Person, type PersonEvent } from '../../shared/registers/person.ts';
import { requireOwnCredential } from '../../shared/registers/standing.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { runCommand, signed, type Command, type CommandPorts } from '../_platform/command.ts';
import { endpoint, type Endpoint } from '../_platform/contract.ts';
import type { OperationsStore } from '../_platform/ports.ts';
import type { StreamRecords } from '../_platform/stream-records.ts';
import type { PeopleContracts } from './people-schema.ts';

export type PeoplePorts = CommandPorts & Readonly<{ people: StreamRecords<Person, PersonEvent>; operations: Pick<OperationsStore, 'get' | 'list'> }>;

type Request = Command<Person, PersonEvent>['request'];
type Registering = Request & Readonly<{ body: Readonly<{ personId: string; printedName: string; roles: Person['roles'] }> }>;
type Deciding = Request & Readonly<{ path: Readonly<{ personId: string }>; body: Readonly<{ reason: string }> }>;

/** Registers who may sign: not with a password that somebody else has set. @throws DomainError `credential-unconfirmed` */
const register = async (ports: PeoplePorts, request: Registering) => {
  requireOwnCredential(await ports.personOf(request.caller.id), request.caller);
  return runCommand<Person, PersonEvent>(ports, { records: ports.people, id: request.body.personId, request, decide: ({ state }) => registerPerson(state, request.body) });
};

/** A signed decision on one person. */
export const decideOnPerson = (ports: PeoplePorts, request: Deciding, decide: (person: Person | undefined, personId: string, decision: Decision) => readonly PersonEvent[]) => runCommand<Person, PersonEvent>(ports, {
  records: ports.people, id: request.path.personId, request,
  decide: ({ state }, signature) => decide(state, request.path.personId, { reason: request.body.reason, signature: signed(signature) }),
});

/** In one order: a map of the table has none. */
const trainingsOf = (trainingValidUntil: Person['trainingValidUntil']) =>
  Object.entries(trainingValidUntil).map(([courseId, validUntil]) => ({ courseId, validUntil })).toSorted((a, b) => (a.courseId < b.courseId ? -1 : 1));

/** The register of people of a site, hospital or control site: who works there, with which roles, and who may not any more. */
export const peopleEndpoints = (ports: PeoplePorts, routes: PeopleContracts): readonly Endpoint[] => [
  endpoint(routes.RegisterPerson, (request) => register(ports, request)),
  endpoint(routes.StopPerson, (request) => decideOnPerson(ports, request, (person, id, decision) => stopPerson(person, id, request.body.standing, decision))),
  endpoint(routes.ReinstatePerson, (request) => decideOnPerson(ports, request, reinstatePerson)),
  endpoint(routes.ChangeRoles, (request) => decideOnPerson(ports, request, (person, id, decision) => changeRoles(person, id, request.body.roles, decision))),
  endpoint(routes.ListPeople, async ({ query: { limit, cursor } }) => {
    const page = await ports.operations.list<Person & Readonly<{ version: number }>>(keyOf.summary('person', '-').pk, { limit, ...(cursor === undefined ? {} : { cursor }) });
    return {
      ...page, items: page.items.map(({ personId, printedName, roles, standing, unconfirmedChanges, trainingValidUntil, version }) =>
        ({ personId, printedName, roles: [...roles], standing, credentialConfirmed: unconfirmedChanges.length === 0, version, trainings: trainingsOf(trainingValidUntil) })),
    };
  }),
];
