import * as z from 'zod';
import { DomainError } from '../../shared/errors.ts';
import { Sha256 } from '../../shared/model-registry/data-manifest.ts';
import type { ModelRecord } from '../../shared/model-registry/may-run.ts';
import { PREDICTION_OUTPUTS } from '../../shared/model-registry/model-plan.ts';
import type { UnreadStop } from '../../shared/model-registry/node-record.ts';
import { Identifier } from '../_platform/fields.ts';
import { PUBLISHED_RECORDS } from '../_platform/model-objects.ts';

const Counts = z.array(z.int().min(0)).min(2).max(200);
const Input = z.strictObject({ name: z.string().min(1).max(64), unit: z.string().max(30), low: z.number(), high: z.number(), mayBeMissing: z.boolean() });
const Entry = z.strictObject({ modelId: Identifier, version: z.int().min(1).max(9999), productId: Identifier, output: z.enum(PREDICTION_OUTPUTS), artefactSha256: Sha256, state: z.enum(['active', 'suspended', 'retired']),
  inputs: z.array(Input).max(2000), threshold: z.number().min(0).max(1).exactOptional(), undecided: z.strictObject({ errorRate: z.number().gt(0).lt(0.5), calibration: z.strictObject({ positives: Counts, negatives: Counts }).exactOptional() }),
});
/** As much of an entry as a stop takes. */
const Stop = z.object({ modelId: Identifier, version: z.int().min(1).max(9999), state: z.enum(['suspended', 'retired']) }).transform(({ modelId, version }): UnreadStop => ({ modelId, version }));
const Published = z.strictObject({ formatVersion: z.literal(1), records: z.array(z.unknown()).max(10_000) });

/** What the control site published of its models: entries, stops among those that can not be read, and how many can not. */
export type PublishedRecords = Readonly<{ records: readonly ModelRecord[]; unread: readonly UnreadStop[]; faults: readonly DomainError[] }>;

const parsed = (bytes: Uint8Array): z.infer<typeof Published> => {
  try {
    return Published.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
  } catch (cause) {
    throw new DomainError('model-file-malformed', `${PUBLISHED_RECORDS} can not be read; what is held stays`, { paths: [PUBLISHED_RECORDS] }, { cause });
  }
};

/**
 * Each entry is read for itself: one that a hospital can not read must not keep others from being stopped.
 *
 * @throws DomainError `model-file-malformed` when the whole is not what a control site publishes
 */
export const parseRecords = (bytes: Uint8Array | undefined): PublishedRecords => {
  if (bytes === undefined) return { records: [], unread: [], faults: [] };
  const entries = parsed(bytes).records.map((entry) => ({ read: Entry.safeParse(entry), stop: Stop.safeParse(entry) }));
  const bad = entries.filter(({ read }) => !read.success);
  return {
    records: entries.flatMap(({ read }) => (read.success ? [read.data] : [])), unread: bad.flatMap(({ stop }) => (stop.success ? [stop.data] : [])),
    faults: bad.length === 0 ? [] : [new DomainError('model-file-malformed', `${bad.length} of ${entries.length} entries of ${PUBLISHED_RECORDS} can not be read; what they name stays as it is, unless they stop it`, { paths: [PUBLISHED_RECORDS] })],
  };
};
