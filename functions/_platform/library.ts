import * as z from 'zod';
import { DomainError } from '../../shared/errors.ts';
import { contentHashOf } from '../../shared/master-batch-record/life-cycle.ts';
import type { ControlRecipe } from '../../shared/master-batch-record/model.ts';
import { parseShape } from '../../shared/master-batch-record/schema.ts';
import type { ObjectStore } from './ports.ts';

/** Object of the library that holds the effective master batch record of a product. */
export const effectiveKey = (productId: string): string => `library/${productId}/effective.json`;

const Published = z.strictObject({ masterBatchRecordId: z.string(), version: z.int().positive(), contentHash: z.string(), effectiveAt: z.string(), content: z.unknown() });
export type Published = z.infer<typeof Published>;

/**
 * Read the effective master batch record and check that its content is what its hash says.
 *
 * @returns undefined when the product has none
 * @throws DomainError `record-corrupt`, `master-batch-record-malformed`
 */
export const readEffectiveRecipe = async (library: Pick<ObjectStore, 'get'>, productId: string): Promise<ControlRecipe | undefined> => {
  const object = await library.get(effectiveKey(productId));
  if (object === undefined) return undefined;
  const published = Published.parse(JSON.parse(Buffer.from(object.body).toString('utf8')));
  const content = parseShape(published.content);
  if (contentHashOf(content) !== published.contentHash) throw new DomainError('record-corrupt', `the effective master batch record of ${productId} does not match its hash`);
  return { masterBatchRecordId: published.masterBatchRecordId, masterBatchRecordVersion: published.version, contentHash: published.contentHash, content };
};
