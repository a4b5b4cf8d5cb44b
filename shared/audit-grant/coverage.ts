import { loginOf, type AuditGrant, type GrantTerms } from './grant.ts';

/** What a hospital must know of a grant to decide by itself. A revoked grant is not among those it is given. */
export type NodeGrant = Pick<GrantTerms, 'grantId' | 'login' | 'productIds' | 'from' | 'until'>;

/** What grants together let an inspector see of one hospital, and by which of them. */
export type Coverage =
  | Readonly<{ type: 'nothing' }>
  | Readonly<{ type: 'products'; productIds: ReadonlySet<string>; grantIds: readonly string[] }>
  | Readonly<{ type: 'everything'; grantIds: readonly string[] }>;

/** From `from` until before `until`; a time that can not be read is no time. */
const isWithin = ({ from, until }: NodeGrant, atEpochMs: number): boolean => atEpochMs >= Date.parse(from) && atEpochMs < Date.parse(until);

/** What the grants of one hospital give one login at one moment. */
export const coverageOf = (grants: readonly NodeGrant[], login: string, atEpochMs: number): Coverage => {
  const live = grants.filter((each) => each.login === loginOf(login) && isWithin(each, atEpochMs));
  if (live.length === 0) return { type: 'nothing' };
  const grantIds = live.map(({ grantId }) => grantId).toSorted();
  if (live.some(({ productIds }) => productIds === undefined)) return { type: 'everything', grantIds };
  return { type: 'products', productIds: new Set(live.flatMap(({ productIds = [] }) => productIds)), grantIds };
};

/** Whether something of a product may be seen; what belongs to no product only by who may see everything. */
export const isCovered = (coverage: Coverage, productId: string | undefined): boolean => {
  switch (coverage.type) {
    case 'nothing':
      return false;
    case 'everything':
      return true;
    case 'products':
      return productId !== undefined && coverage.productIds.has(productId);
    default:
      return coverage satisfies never;
  }
};

/** The grants one hospital is told of: those that name it, that are not revoked and have not ended. In the order of their ids, so that the same grants give the same bytes. */
export const grantsOfNode = (grants: readonly AuditGrant[], nodeId: string, nowEpochMs: number): readonly NodeGrant[] =>
  grants.filter(({ nodeIds, revoked, until }) => nodeIds.includes(nodeId) && revoked === undefined && Date.parse(until) > nowEpochMs)
    .map(({ grantId, login, productIds, from, until }) => ({ grantId, login, ...(productIds === undefined ? {} : { productIds }), from, until }))
    .toSorted((a, b) => (a.grantId < b.grantId ? -1 : 1));
