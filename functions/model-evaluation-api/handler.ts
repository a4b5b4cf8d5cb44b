import { http } from '../_platform/http.ts';
import { distributionsEndpoint } from './drift.ts';
import { judgingEndpoints } from './judge.ts';
import type { ModelEvaluationPorts } from './ports.ts';

/** What a model makes of a hospital's rows, and made of its batches: in counts. */
export const createHandler = (ports: ModelEvaluationPorts) => http([...judgingEndpoints(ports), distributionsEndpoint(ports)], ports.refusals, async (personId) => ports.personOf(personId));
