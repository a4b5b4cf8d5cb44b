import { http } from '../_platform/http.ts';
import { grantEndpoints, type GrantPorts } from './grants.ts';
import { inspectionEndpoints, type InspectionPorts } from './inspection.ts';
import { registrationEndpoints } from './registration-endpoints.ts';
import type { RegistrationPorts } from './registration.ts';
import { statusEndpoints } from './status.ts';

/** The interface of the control site's coordinator: hospitals and where their batches stand, their keys, and grants to inspectors. */
export const createHandler = (ports: InspectionPorts & RegistrationPorts & GrantPorts) => http([...statusEndpoints(ports), ...inspectionEndpoints(ports), ...registrationEndpoints(ports), ...grantEndpoints(ports)]);
