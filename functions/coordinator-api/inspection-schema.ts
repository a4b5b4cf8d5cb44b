import * as z from 'zod';
import { contract } from '../_platform/contract.ts';
import { Empty } from '../_platform/fields.ts';
import { ListReads } from '../audit-api/reads-schema.ts';

export const InspectNodes = contract({
  operation: 'inspectNodes', method: 'GET', route: '/v1/audit/nodes', summary: 'Hospitals that the caller may inspect now, where each is reached, and of which products', roles: ['regulator', 'network-coordinator', 'quality-reviewer', 'qualified-person'], path: Empty, query: Empty, body: Empty,
  answer: z.strictObject({ items: z.array(z.strictObject({
    nodeId: z.string(), name: z.string(), country: z.string().optional(), region: z.string(), apiUrl: z.string().optional().describe('Absent until the hospital is registered'), logKey: z.string().optional().describe('Verifier key of its log (C2SP signed-note)'),
    productIds: z.array(z.string()).optional().describe('All products when left out'), grantIds: z.array(z.string()).describe('Empty for people of the control site'),
  })) }),
});
export const ListNetworkReads = contract({ ...ListReads, operation: 'listNetworkReads', summary: 'Who read what at the control site, the newest first' });
