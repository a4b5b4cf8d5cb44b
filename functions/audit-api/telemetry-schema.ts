import * as z from 'zod';
import { contract } from '../_platform/contract.ts';
import { Empty, Identifier, PageQuery, pageOf } from '../_platform/fields.ts';
import { INSPECTORS } from './inspectors.ts';

const inspecting = { method: 'GET', body: Empty, roles: INSPECTORS } as const;
const Sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'want 64 lower-case hexadecimal digits');

export const SealedChunkView = z.strictObject({
  key: z.string().describe('Name of the stored object'), sha256: z.string().describe('Of its bytes, as the record names it'), edgeNodeId: z.string(),
  deviceId: z.string().optional().describe('Absent: messages of the gateway itself, which tell what was lost'), minute: z.string().describe('Start of the minute, UTC'),
  version: z.int().describe('The event of the record that names it'), superseded: z.boolean().describe('Late messages changed it; a later event names what it became'),
});
export const InspectTelemetry = contract({
  ...inspecting, operation: 'inspectTelemetry', route: '/v1/audit/batches/{batchId}/telemetry', summary: 'Telemetry chunks that the record of a batch names, with their hashes, in the order of the record',
  path: z.strictObject({ batchId: Identifier }), query: PageQuery,
  answer: pageOf(SealedChunkView).extend({
    batchId: z.string(), version: z.int().describe('Of the record'), chunkCount: z.int(), through: z.string().optional().describe('All telemetry up to then is named; absent while it is not said'),
  }),
});

export const ReadChunk = contract({
  ...inspecting, operation: 'readTelemetryChunk', route: '/v1/audit/batches/{batchId}/telemetry/chunks/{sha256}', summary: 'The bytes of a telemetry chunk that the record of a batch names, compared with their hash before they are given out',
  path: z.strictObject({ batchId: Identifier, sha256: Sha256 }), query: Empty, body: Empty,
  answer: z.strictObject({}).describe('Always the bytes'), produces: ['application/octet-stream'],
});
