import { grantsOfNode } from '../../shared/audit-grant/coverage.ts';
import type { AuditGrant } from '../../shared/audit-grant/grant.ts';
import { DomainError } from '../../shared/errors.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { encodeGrants, grantsKey } from './audit-grants.ts';
import type { Clock, ObjectStore, OperationsStore } from './ports.ts';
import { walk } from './walk.ts';

type Ports = Readonly<{ operations: Pick<OperationsStore, 'list'>; library: Pick<ObjectStore, 'get' | 'put'>; placeOf: (nodeId: string) => string; now: Clock }>;
/** Who loses the race as often has met a very busy coordinator. */
const ATTEMPTS = 8;

const isSame = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

/** @returns false when another has published meanwhile */
const tryPublish = async ({ operations, library, placeOf, now }: Ports, nodeId: string): Promise<boolean> => {
  // The object first, the grants after it: what is then written is never older than what it replaces, and so no revoked grant comes back.
  const key = grantsKey(placeOf(nodeId));
  const held = await library.get(key);
  const grants: AuditGrant[] = [];
  for await (const each of walk<AuditGrant>(operations, keyOf.summary('audit-grant', '-').pk)) grants.push(each);
  const body = encodeGrants(nodeId, grantsOfNode(grants, nodeId, now().getTime()));
  return (held !== undefined && isSame(held.body, body)) || library.put(key, body, { ifMatch: held?.etag ?? null, contentType: 'application/json' });
};

/**
 * Tell hospitals the grants that name them, as they stand now. Repeatable; several at once end with the latest.
 *
 * @throws DomainError `version-conflict` after ATTEMPTS
 */
export const createGrantPublisher = (ports: Ports) => async (nodeIds: readonly string[]): Promise<void> => {
  for (const nodeId of nodeIds) {
    let made = 1;
    while (!await tryPublish(ports, nodeId)) {
      if (made >= ATTEMPTS) throw new DomainError('version-conflict', `others published the grants of ${nodeId} ${ATTEMPTS} times meanwhile; send the request again`);
      made += 1;
    }
  }
};
