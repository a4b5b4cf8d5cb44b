import * as z from 'zod';
import { contract } from '../_platform/contract.ts';
import { Empty, Identifier, Instant, PageQuery, pageOf } from '../_platform/fields.ts';

const READERS = ['operator', 'process-scientist', 'quality-reviewer', 'qualified-person', 'site-engineer', 'regulator'] as const;

const Value = z.union([z.number(), z.null(), z.enum(['NaN', 'Infinity', '-Infinity'])])
  .describe('A sample; null where the device sent null or called it of bad quality, and the name of what JSON has no number for');

export const ReadTelemetry = contract({
  operation: 'readTelemetry', method: 'GET', route: '/v1/batches/{batchId}/telemetry', summary: 'One metric of a batch over time; thinned so that peaks survive', roles: READERS,
  path: z.strictObject({ batchId: Identifier }), body: Empty,
  query: z.strictObject({
    metric: z.string().min(1).max(200).describe('Sparkplug metric name, e.g. Bioreactor/Temperature'),
    from: Instant.optional().describe('Start; the start of the batch by default'), to: Instant.optional().describe('End, exclusive; now by default'),
    points: z.coerce.number().int().min(8).max(10_000).default(1000),
  }),
  answer: z.strictObject({
    batchId: z.string(), metric: z.string(), unit: z.string(), from: z.string(), to: z.string(), sampleCount: z.int(), downsampled: z.boolean(),
    points: z.array(z.tuple([z.number().describe('Epoch ms'), Value])), gaps: z.array(z.strictObject({ gapId: z.string(), from: z.string(), to: z.string(), critical: z.boolean(), assessed: z.boolean() })),
  }),
});

export const ListQuarantine = contract({
  operation: 'listQuarantine', method: 'GET', route: '/v1/telemetry/quarantine', summary: 'Messages that could not be used, and why; the newest first', roles: ['site-engineer', 'process-scientist', 'quality-reviewer', 'regulator'],
  path: Empty, body: Empty, query: PageQuery,
  answer: pageOf(z.strictObject({ at: z.string(), topic: z.string(), reason: z.string(), detail: z.string(), sizeBytes: z.int(), objectKey: z.string() })),
});
