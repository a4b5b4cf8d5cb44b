import * as z from 'zod';

/** What the topic rule writes to the queue. */
export const QueuedMessage = z.strictObject({
  payload: z.base64(),
  topic: z.string().min(1).max(512),
  /** Epoch ms, by the broker. */
  receivedAt: z.int().nonnegative(),
  clientId: z.string().optional(),
});
export type QueuedMessage = z.infer<typeof QueuedMessage>;
