import * as z from 'zod';
import { INSPECTORS } from '../audit-api/inspectors.ts';
import { contract } from '../_platform/contract.ts';
import { Empty, Identifier } from '../_platform/fields.ts';

export const ReadInspectionPack = contract({
  operation: 'readInspectionPack', method: 'GET', route: '/v1/audit/batches/{batchId}/inspection-pack', roles: INSPECTORS,
  summary: 'The whole record of a batch in one zip: for the reader, for the machine, its audit trail and how to check them', path: z.strictObject({ batchId: Identifier }), query: Empty, body: Empty,
  answer: z.strictObject({
    url: z.string().describe('GET it without a token, before it ends'), expiresAt: z.string(), fileName: z.string(), bytes: z.int(), sha256: z.string().describe('Of the zip'),
  }).describe('In place of the zip, when it is larger than one answer (4.4 MB)'), produces: ['application/zip'], elsewhere: 'url',
});
