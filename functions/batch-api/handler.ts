import { http } from '../_platform/http.ts';
import { creationEndpoint } from './creation.ts';
import type { BatchApiPorts } from './ports.ts';
import { productionEndpoints } from './production.ts';
import { qualityEndpoints } from './quality.ts';
import { readingEndpoints } from './reading.ts';

/** Everything people do to a batch, and what they read while doing it. */
export const createHandler = (ports: BatchApiPorts) =>
  http([creationEndpoint(ports), ...productionEndpoints(ports), ...qualityEndpoints(ports), ...readingEndpoints(ports)], ports.refusals, async (personId) => ports.personOf(personId));
