import * as z from 'zod';
import { underAudit } from '../../shared/api/routes.ts';
import { STREAM_KINDS } from '../../shared/record/envelope.ts';
import { contract } from '../_platform/contract.ts';
import { Empty, Identifier } from '../_platform/fields.ts';

const READERS = ['regulator', 'quality-reviewer', 'qualified-person', 'process-scientist', 'operator', 'site-engineer'] as const;
const reading = { method: 'GET', body: Empty, roles: READERS } as const;
const Hash = z.string().regex(/^[0-9a-f]{64}$/);
const Path = z.array(z.base64()).describe('Hashes from the leaf up, base64 (RFC 6962)');
const Size = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);
const SignedNote = z.string().describe('Checkpoint as a signed note (C2SP tlog-checkpoint)');

export const ReadLogKey = contract({
  ...reading, operation: 'readLogKey', route: '/v1/log/key', summary: 'The log\'s name and the key its checkpoints are signed with', path: Empty, query: Empty,
  answer: z.strictObject({ origin: z.string(), key: z.string().describe('Verifier key (C2SP signed-note): name+id+base64') }),
});
export const ReadCheckpoint = contract({
  ...reading, operation: 'readCheckpoint', route: '/v1/log/checkpoint', summary: 'The published checkpoint', path: Empty, query: Empty, answer: z.unknown(), produces: ['text/plain'],
});
export const ReadTile = contract({
  ...reading, operation: 'readTile', route: '/v1/log/tile/{path+}', summary: 'A tile or entry bundle (C2SP tlog-tiles)', path: z.strictObject({ path: z.string().regex(/^(\d{1,2}|entries)\/(x\d{3}\/){0,5}\d{3}(\.p\/\d{1,3})?$/, 'want <level or entries>/<index>[.p/<width>], as in 0/x001/234.p/7') }), query: Empty,
  answer: z.strictObject({ url: z.string().describe('GET it without a token, before it ends'), expiresAt: z.string(), bytes: z.int() }).describe('In place of an entry bundle that is larger than one answer (4.4 MB)'), produces: ['application/octet-stream'], elsewhere: 'url',
});
export const ReadConsistency = contract({
  ...reading, operation: 'readConsistency', route: '/v1/log/consistency', summary: 'Proof that a smaller tree is the beginning of a larger one', path: Empty,
  query: z.strictObject({ from: Size, to: Size.optional().describe('The published size when left out') }),
  answer: z.strictObject({ from: z.int(), to: z.int(), proof: Path, checkpoint: SignedNote }),
});
/** The same four below `/v1/audit`, with all else that an inspector reads; `/v1/log` is what tlog-tiles clients and receipts name. */
export const InspectLogKey = contract({ ...ReadLogKey, operation: 'inspectLogKey', route: underAudit(ReadLogKey.route) });
export const InspectCheckpoint = contract({ ...ReadCheckpoint, operation: 'inspectCheckpoint', route: underAudit(ReadCheckpoint.route) });
export const InspectTile = contract({ ...ReadTile, operation: 'inspectTile', route: underAudit(ReadTile.route) });
export const InspectConsistency = contract({ ...ReadConsistency, operation: 'inspectConsistency', route: underAudit(ReadConsistency.route) });

const Proven = z.strictObject({
  receipt: z.strictObject({ stream: z.strictObject({ kind: z.string(), id: z.string() }), version: z.int(), leafHash: Hash, recordedAt: z.string() }),
  checkpoint: SignedNote, index: z.int(), inclusionProof: Path,
});
const Version = z.strictObject({ version: z.coerce.number().int().min(1).optional().describe('The last event when left out') });
export const ReadAnyProof = contract({
  ...reading, operation: 'readAnyProof', route: '/v1/audit/records/{kind}/{id}/proof', summary: 'Proof that an event of a record of any kind is under the published checkpoint', roles: ['regulator', 'quality-reviewer', 'qualified-person'],
  path: z.strictObject({ kind: z.enum(STREAM_KINDS), id: Identifier }), query: Version, answer: Proven,
});
export const ReadProof = contract({
  ...reading, operation: 'readProof', route: '/v1/batches/{batchId}/proof', summary: 'Proof that an event of a batch is under the published checkpoint', path: z.strictObject({ batchId: Identifier }),
  query: Version, answer: Proven,
});
