import { task } from '../_platform/batch.ts';
import { logger } from '../_platform/log.ts';

/** Hold what hospitals read of models against the record, and mend it: a publication that was cut off, an object that was changed. */
export const createHandler = (publish: () => Promise<boolean>) => task(async (_: unknown): Promise<Readonly<{ mended: boolean }>> => {
  const mended = await publish();
  if (mended) logger.warn('published the records of models, which hospitals read otherwise until now');
  return { mended };
});
