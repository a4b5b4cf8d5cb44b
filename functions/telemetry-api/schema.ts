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

const Distances = { t2: z.number().describe('Hotelling\'s T²: how far within the pattern of normal batches'), q: z.number().describe('Squared prediction error of the newest hours: how far from the pattern') };
const Limits = z.array(z.strictObject({ level: z.number().describe('Share of normal batches within'), ...Distances }));
export const ReadMonitoring = contract({
  operation: 'readMonitoring', method: 'GET', route: '/v1/batches/{batchId}/monitoring', summary: 'Process monitoring of a batch: T² and Q with their limits at each judged hour of culture, and what each variable contributed at one of them', roles: READERS,
  path: z.strictObject({ batchId: Identifier }), body: Empty,
  query: z.strictObject({ hour: z.coerce.number().int().min(0).max(999).optional().describe('Judged hour whose contributions are wanted; the latest by default') }),
  answer: z.strictObject({
    batchId: z.string(), model: z.strictObject({ modelId: z.string(), version: z.int(), sha256: z.string() }).optional().describe('Absent while no hour was judged'),
    points: z.array(z.strictObject({ hour: z.int().describe('Of culture'), at: z.string(), judgedAt: z.string(), ...Distances, limits: Limits, confidence: z.number().describe('Share of normal batches that are closer'), isBeyond: z.boolean(), missing: z.array(z.string()) })),
    running: z.strictObject({
      hour: z.int().describe('Of culture, at which the windows end that the batch is in'), seenTo: z.string().describe('Samples taken before this are in it'), judgedAt: z.string(), ...Distances, limits: Limits,
      atLeast: z.strictObject(Distances).describe('What T² and Q come to at that hour at least in 95 of 100 normal batches; T² and Q themselves: if the rest goes as expected'),
      confidence: z.number().describe('Share of normal batches that are closer than what it comes to at least'), isBeyond: z.boolean(), missing: z.array(z.string()), sensors: z.array(z.strictObject({ sensor: z.string(), ...Distances })).describe('They add up to T² and Q'),
    }).optional().describe('The hour the batch is in, looked at each minute; absent when it is in none, or too little of it is known'),
    contributions: z.strictObject({
      hour: z.int(), variables: z.array(z.strictObject({ variable: z.string(), sensor: z.string(), toHour: z.int(), value: z.number().nullable().describe('Null where nobody measured'), ...Distances })).describe('They add up to T² and Q'),
      sensors: z.array(z.strictObject({ sensor: z.string(), ...Distances })),
    }).optional(),
  }),
});

export const ListQuarantine = contract({
  operation: 'listQuarantine', method: 'GET', route: '/v1/telemetry/quarantine', summary: 'Messages that could not be used, and why; the newest day first', roles: ['site-engineer', 'process-scientist', 'quality-reviewer', 'regulator'],
  path: Empty, body: Empty, query: PageQuery,
  answer: pageOf(z.strictObject({ at: z.string(), topic: z.string(), reason: z.string(), detail: z.string(), sizeBytes: z.int(), objectKey: z.string() })),
});

export const ListGateways = contract({
  operation: 'listGateways', method: 'GET', route: '/v1/telemetry/gateways', summary: 'Edge gateways: when each was last heard, and what of it is offline; as far as minutes are sealed, some minutes behind', roles: ['site-engineer', 'operator', 'process-scientist'],
  path: Empty, body: Empty, query: PageQuery,
  answer: pageOf(z.strictObject({
    edgeNodeId: z.string(), lastHeardAt: z.string().optional().describe('Its last message, or the word of the broker that it is gone; absent while it was never heard'),
    offlineSince: z.string().optional().describe('Its death, while it was not heard again'), bdSeq: z.number().optional().describe('Session of its last birth'),
    devices: z.array(z.strictObject({
      deviceId: z.string(), equipmentId: z.string().optional().describe('What it speaks for, where the register of equipment says so'), lastBornAt: z.string().optional().describe('Absent while it was never born on this gateway'),
      offlineSince: z.string().optional().describe('Its own death or that of its gateway, while it was not heard again'),
    })).describe('Those that equipment of the register names, and those that died'),
  })),
});
