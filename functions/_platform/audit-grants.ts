import * as z from 'zod';
import { coverageOf, type Coverage, type NodeGrant } from '../../shared/audit-grant/coverage.ts';
import { DomainError } from '../../shared/errors.ts';
import { placeOf, type Home } from '../../shared/storage/place.ts';
import { logger } from './log.ts';
import type { Clock, ObjectStore } from './ports.ts';

/** Object of the control site's bucket that holds the grants of one hospital, by its place; nobody but that hospital may read it. */
export const grantsKey = (place: string): string => `grants/${place}.json`;

const Grant = z.strictObject({ grantId: z.string(), login: z.string(), productIds: z.array(z.string()).min(1).exactOptional(), from: z.iso.datetime({ offset: true }), until: z.iso.datetime({ offset: true }) });
const Published = z.strictObject({ formatVersion: z.literal(1), nodeId: z.string(), grants: z.array(Grant) });

export const encodeGrants = (nodeId: string, grants: readonly NodeGrant[]): Uint8Array => new TextEncoder().encode(JSON.stringify({ formatVersion: 1, nodeId, grants } satisfies Readonly<{ formatVersion: 1; nodeId: string; grants: readonly NodeGrant[] }>));

/** What an inspector may see here and now. */
export type GrantSource = (login: string) => Promise<Coverage>;

/** For interfaces that no inspector may call: who could read there by a grant alone is refused, and the function needs no sight of the grants. */
export const noGrants: GrantSource = () => Promise.resolve({ type: 'nothing' });

/** A revocation is felt after this long at the latest, counted from when the control site has published it. */
export const GRANTS_KEPT_MS = 10_000;

/** @throws DomainError `audit-grant-unreadable`; the cause stays in the log */
const readGrants = async (library: Pick<ObjectStore, 'get'>, home: Home): Promise<readonly NodeGrant[]> => {
  try {
    const object = await library.get(grantsKey(placeOf(home)));
    if (object === undefined) return [];
    const published = Published.parse(JSON.parse(Buffer.from(object.body).toString('utf8')));
    if (published.nodeId !== home.id) throw new Error(`got the grants of ${published.nodeId}, want those of ${home.id}`);
    return published.grants;
  } catch (cause) {
    logger.error('the grants of the control site can not be read', cause instanceof Error ? cause : new Error(String(cause)));
    throw new DomainError('audit-grant-unreadable', 'this hospital can not read the grants of the control site now, and shows nothing without one; ask again later', {}, { cause });
  }
};

/**
 * Grants of one hospital, kept for a few seconds and weighed at each read by the hospital's own clock, so that one that ends ends at once. What is kept can only allow: before
 * it refuses, it is read again, so that a new grant is felt at once.
 */
export const createGrantSource = (library: Pick<ObjectStore, 'get'>, home: Home, now: Clock): GrantSource => {
  let held: Readonly<{ grants: readonly NodeGrant[]; readAtEpochMs: number }> | undefined;
  return async (login) => {
    const nowEpochMs = now().getTime();
    if (held !== undefined && Math.abs(nowEpochMs - held.readAtEpochMs) < GRANTS_KEPT_MS) {
      const coverage = coverageOf(held.grants, login, nowEpochMs);
      if (coverage.type !== 'nothing') return coverage;
    }
    held = undefined;
    held = { grants: await readGrants(library, home), readAtEpochMs: nowEpochMs };
    return coverageOf(held.grants, login, nowEpochMs);
  };
};
