import { http } from '../_platform/http.ts';
import { grantEndpoints, type GrantPorts } from './grants.ts';
import { statusEndpoints, type StatusPorts } from './status.ts';

/** The interface of the control site's coordinator: hospitals and where their batches stand, and grants to inspectors. */
export const createHandler = (ports: StatusPorts & GrantPorts) => http([...statusEndpoints(ports), ...grantEndpoints(ports)]);
