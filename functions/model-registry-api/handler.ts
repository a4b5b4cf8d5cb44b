import { http } from '../_platform/http.ts';
import { onlyActive } from '../_platform/people.ts';
import { artefactEndpoints } from './artefacts.ts';
import { judgingEndpoints, usingEndpoints } from './life-cycle.ts';
import { monitoringEndpoint } from './monitoring.ts';
import type { RegistryPorts } from './ports.ts';
import { activationEndpoint } from './put-to-use.ts';
import { readingEndpoints } from './reading.ts';
import { testDataEndpoints, testDataReading } from './test-data.ts';

/** The registry of models and their signed life. */
export const createHandler = (ports: RegistryPorts) => http([
  ...onlyActive(ports.personOf, [...artefactEndpoints(ports), ...testDataEndpoints(ports), ...judgingEndpoints(ports), activationEndpoint(ports), ...usingEndpoints(ports), monitoringEndpoint(ports)]), ...readingEndpoints(ports), ...testDataReading(ports),
], ports.refusals);
