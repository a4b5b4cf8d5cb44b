import { task } from '../_platform/batch.ts';
import { logger } from '../_platform/log.ts';
import type { Publisher } from '../library-api/publish.ts';

/**
 * Hold what nodes read against what is effective, and mend it: a revision whose publication was cut off, an object that was changed. On a library that is as it should be it writes
 * nothing.
 */
export const createHandler = ({ publishAll }: Pick<Publisher, 'publishAll'>) => task(async (_: unknown): Promise<Readonly<{ mended: readonly string[] }>> => {
  const mended = await publishAll();
  if (mended.length > 0) logger.warn('published what was effective and not readable to the nodes', { productIds: mended });
  return { mended };
});
