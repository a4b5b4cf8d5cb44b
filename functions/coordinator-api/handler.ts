import { http } from '../_platform/http.ts';
import { onlyActive } from '../_platform/people.ts';
import { peopleEndpoints, type PeoplePorts } from '../register-api/people.ts';
import { grantEndpoints, type GrantPorts } from './grants.ts';
import * as PeopleRoutes from './people-schema.ts';
import { registrationEndpoints } from './registration-endpoints.ts';
import type { RegistrationPorts } from './registration.ts';
import { statusEndpoints, type StatusPorts } from './status.ts';

/** The interface of the control site's coordinator: hospitals and where their batches stand, their keys, grants to inspectors, and the control site's own people. */
export const createHandler = (ports: StatusPorts & RegistrationPorts & GrantPorts & PeoplePorts) =>
  http(onlyActive(ports.personOf, [...statusEndpoints(ports), ...registrationEndpoints(ports), ...grantEndpoints(ports), ...peopleEndpoints(ports, PeopleRoutes)]));
