import { http } from '../_platform/http.ts';
import { onlyActive } from '../_platform/people.ts';
import type { RefusalLog } from '../_platform/refusals.ts';
import { peopleEndpoints, type PeoplePorts } from '../register-api/people.ts';
import { grantEndpoints, type GrantPorts } from './grants.ts';
import { inspectionEndpoints, type InspectionPorts } from './inspection.ts';
import * as PeopleRoutes from './people-schema.ts';
import { registrationEndpoints } from './registration-endpoints.ts';
import type { RegistrationPorts } from './registration.ts';
import { statusEndpoints } from './status.ts';

/** The interface of the control site's coordinator: hospitals and where their batches stand, their keys, grants to inspectors, and the control site's own people. Reads that are logged ask the register themselves. */
export const createHandler = (ports: InspectionPorts & RegistrationPorts & GrantPorts & PeoplePorts & Readonly<{ refusals?: RefusalLog }>) => http([
  ...statusEndpoints(ports), ...inspectionEndpoints(ports), ...onlyActive(ports.personOf, [...registrationEndpoints(ports), ...grantEndpoints(ports), ...peopleEndpoints(ports, PeopleRoutes)]),
], ports.refusals);
