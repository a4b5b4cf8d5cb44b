import type { Rows } from '../../../models/federated/rows.ts';
import { sha256 } from '../../../models/federated/secure/messages.ts';
import { decodeRows, encodeRows } from '../../../models/federated/workflow/stored.ts';
import { requireBytes } from '../../../models/federated/workflow/wire.ts';
import type { ObjectStore } from '../../_platform/ports.ts';

const SECRET_BYTES = 32;
const keyOf = {
  secret: (runId: string) => `runs/${runId}/secret`,
  rows: (runId: string, hash: string) => `runs/${runId}/rows/${hash}`,
  sent: (runId: string, hash: string) => `runs/${runId}/sent/${hash}`,
  delivered: (runId: string, hash: string) => `runs/${runId}/delivered/${hash}`,
} as const;

/** What a hospital keeps of a run in its own bucket, and shows nobody: its secret, its rows as they were when it joined, what it sent. */
export const createOwnFiles = (own: Pick<ObjectStore, 'get' | 'put' | 'list' | 'delete'>, randomBytes: (count: number) => Uint8Array) => ({
  /** 32 random bytes of this run alone: made once, and the same ever after. */
  secretOf: async (runId: string): Promise<Uint8Array> => {
    await own.put(keyOf.secret(runId), randomBytes(SECRET_BYTES), { ifMatch: null });
    const held = await own.get(keyOf.secret(runId));
    if (held?.body.length !== SECRET_BYTES) throw new Error(`secret of run ${runId}: got ${held?.body.length ?? 0} bytes, want ${SECRET_BYTES}`);
    return held.body;
  },
  /** @returns SHA-256 of the object */
  keepRows: async (runId: string, rows: Rows): Promise<string> => {
    const bytes = encodeRows(rows);
    const hash = sha256(bytes);
    await own.put(keyOf.rows(runId, hash), bytes);
    return hash;
  },
  /** @throws DomainError `training-round-malformed` when they are not what was kept */
  rowsOf: async (runId: string, hash: string): Promise<Rows> => decodeRows(requireBytes('rows', (await own.get(keyOf.rows(runId, hash)))?.body, hash)),
  /** Kept before it leaves, so that exactly this is sent again should sending be cut off. */
  keepSent: async (runId: string, bytes: Uint8Array): Promise<string> => {
    const hash = sha256(bytes);
    await own.put(keyOf.sent(runId, hash), bytes);
    return hash;
  },
  sent: async (runId: string, hash: string): Promise<Uint8Array> => requireBytes('message', (await own.get(keyOf.sent(runId, hash)))?.body, hash),
  isDelivered: async (runId: string, hash: string): Promise<boolean> => await own.get(keyOf.delivered(runId, hash)) !== undefined,
  /** A run's secret, from which its keys and masks are, and what it sent. */
  clear: async (runId: string): Promise<void> => {
    for (const key of [keyOf.secret(runId), ...await own.list(keyOf.sent(runId, ''))]) await own.delete(key);
  },
  /** Which messages arrived: known until it is on record that they are gone. */
  clearDelivered: async (runId: string): Promise<void> => {
    for (const key of await own.list(keyOf.delivered(runId, ''))) await own.delete(key);
  },
  noteDelivered: async (runId: string, hash: string): Promise<void> => {
    await own.put(keyOf.delivered(runId, hash), new Uint8Array());
  },
});
export type OwnFiles = ReturnType<typeof createOwnFiles>;
