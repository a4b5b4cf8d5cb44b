import { http } from '../_platform/http.ts';
import { grantEndpoints, type GrantPorts } from './grants.ts';
import { registrationEndpoints } from './registration-endpoints.ts';
import type { RegistrationPorts } from './registration.ts';
import { statusEndpoints, type StatusPorts } from './status.ts';

/** The interface of the control site's coordinator: hospitals and where their batches stand, their keys, and grants to inspectors. */
export const createHandler = (ports: StatusPorts & RegistrationPorts & GrantPorts) => http([...statusEndpoints(ports), ...registrationEndpoints(ports), ...grantEndpoints(ports)]);
