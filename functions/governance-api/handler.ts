import { http } from '../_platform/http.ts';
import { ledgerEndpoints } from './ledger.ts';
import { modelUseEndpoints } from './model-use.ts';
import type { GovernanceApiPorts } from './ports.ts';
import { tableEndpoints } from './tables.ts';

/** What models may lead to at this hospital, and what they led to. */
export const createHandler = (ports: GovernanceApiPorts) => http([...tableEndpoints(ports), ...ledgerEndpoints(ports), ...modelUseEndpoints(ports)], ports.refusals, async (personId) => ports.personOf(personId));
