import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { coverageOf, grantsOfNode, isCovered, type NodeGrant } from '../../../shared/audit-grant/coverage.ts';
import { evolveAuditGrant, issueGrant, MAXIMUM_GRANT_DAYS, revokeGrant, type AuditGrant, type AuditGrantEvent, type GrantTerms } from '../../../shared/audit-grant/grant.ts';
import { GENESIS_HASH, type Recorded } from '../../../shared/record/envelope.ts';
import { NOW, signature } from '../../support/batch-fixtures.ts';
import { codeOf } from '../../support/error-code.ts';

const DAY_MS = 86_400_000;
const iso = (epochMs: number): string => new Date(epochMs).toISOString();
const TERMS: GrantTerms = { grantId: 'MHRA-2026-014', login: 'H.Regulator@mhra.example', nodeIds: ['north'], productIds: ['cd19-car-t'], from: iso(NOW), until: iso(NOW + 5 * DAY_MS), reason: 'routine inspection' };
const NODES = ['north', 'hill'];
const approval = signature('coo-1', 'approval');
const issue = (own: Partial<GrantTerms> = {}, meaning = approval, existing?: AuditGrant) => issueGrant(existing, { ...TERMS, ...own }, NODES, NOW, meaning);
const recorded = (event: AuditGrantEvent, version: number): Recorded<AuditGrantEvent> =>
  ({ stream: { kind: 'audit-grant', id: TERMS.grantId }, version, recordedAt: iso(NOW), actor: { kind: 'system', id: 's', version: '1' }, event, previousHash: GENESIS_HASH, hash: GENESIS_HASH });
const fold = (...events: readonly AuditGrantEvent[]): AuditGrant => events.map((event, i) => recorded(event, i + 1)).reduce<AuditGrant | undefined>(evolveAuditGrant, undefined)!;

describe('issuing a grant', () => {
  it('keeps who, where, what, how long, why and by whom', () => {
    expect(fold(...issue())).toEqual({ ...TERMS, login: 'h.regulator@mhra.example', grantedAt: iso(NOW), grantedBy: 'Name of coo-1' });
  });
  it.each<readonly [string, () => unknown, string]>([
    ['of an id that is taken', () => issue({}, approval, fold(...issue())), 'audit-grant-exists'],
    ['for a hospital that is not of this network', () => issue({ nodeIds: ['north', 'nowhere'] }), 'node-not-found'],
    ['that ends as it begins', () => issue({ until: TERMS.from }), 'request-malformed'],
    ['that is too long by a millisecond', () => issue({ until: iso(NOW + MAXIMUM_GRANT_DAYS * DAY_MS + 1) }), 'request-malformed'],
    ['that is over already', () => issue({ from: iso(NOW - DAY_MS), until: iso(NOW) }), 'request-malformed'],
    ['signed with another meaning', () => issue({}, signature('coo-1', 'review')), 'signature-meaning-wrong'],
  ])('refuses one %s', (_, run, code) => { expect(codeOf(run)).toBe(code); });
  it('takes one of the longest time', () => { expect(issue({ until: iso(NOW + MAXIMUM_GRANT_DAYS * DAY_MS) })).toHaveLength(1); });
});

describe('revoking a grant', () => {
  const grant = fold(...issue());
  it('keeps when, by whom and why, and is final', () => {
    const revoked = fold(...issue(), ...revokeGrant(grant, TERMS.grantId, 'inspection is over', approval));
    expect(revoked.revoked).toEqual({ at: iso(NOW), by: 'Name of coo-1', reason: 'inspection is over' });
    expect(codeOf(() => revokeGrant(revoked, TERMS.grantId, 'again', approval))).toBe('audit-grant-revoked');
  });
  it('refuses one that is not there, and another meaning', () => {
    expect(codeOf(() => revokeGrant(undefined, 'X', 'why', approval))).toBe('audit-grant-not-found');
    expect(codeOf(() => revokeGrant(grant, TERMS.grantId, 'why', signature('coo-1', 'review')))).toBe('signature-meaning-wrong');
  });
  it('is no beginning of a grant', () => { expect(codeOf(() => fold({ type: 'audit-grant-revoked', reason: 'why', signature: approval }))).toBe('record-corrupt'); });
});

describe('what a hospital is told', () => {
  it('are grants that name it, are not revoked and have not ended, without reason or name', () => {
    const live = fold(...issue());
    const others = [fold(...issue({ grantId: 'B', nodeIds: ['hill'] })), fold(...issue({ grantId: 'C' }), ...revokeGrant(live, 'C', 'over', approval)), { ...live, grantId: 'D', until: iso(NOW) }];
    expect(grantsOfNode([...others, live], 'north', NOW)).toEqual([{ grantId: TERMS.grantId, login: 'h.regulator@mhra.example', productIds: ['cd19-car-t'], from: TERMS.from, until: TERMS.until }]);
  });
});

describe('what grants cover', () => {
  const grantId = fc.constantFrom('A', 'B', 'C');
  const grant: fc.Arbitrary<NodeGrant> = fc.record({ grantId, login: fc.constantFrom('ada', 'ben'), from: fc.integer({ min: 0, max: 9 }), days: fc.integer({ min: 1, max: 5 }), productIds: fc.option(fc.uniqueArray(fc.constantFrom('p', 'q', 'r'), { minLength: 1 }), { nil: undefined }) })
    .map(({ days, from, productIds, ...rest }) => ({ ...rest, from: iso(NOW + from), until: iso(NOW + from + days), ...(productIds === undefined ? {} : { productIds }) }));
  it('is what one of them covers for that login at that moment, to the millisecond', () => {
    fc.assert(fc.property(fc.array(grant, { maxLength: 5 }), fc.constantFrom('ada', 'ADA', 'ben', 'eve'), fc.integer({ min: -1, max: 16 }), fc.constantFrom('p', 'q', 'r', 's'), (grants, login, after, productId) => {
      const live = grants.filter((each) => each.login === login.toLowerCase() && NOW + after >= Date.parse(each.from) && NOW + after < Date.parse(each.until));
      const coverage = coverageOf(grants, login, NOW + after);
      expect(isCovered(coverage, productId)).toBe(live.some(({ productIds }) => productIds === undefined || productIds.includes(productId)));
      expect(isCovered(coverage, undefined)).toBe(live.some(({ productIds }) => productIds === undefined));
      expect(coverage.type === 'nothing' ? [] : coverage.grantIds).toEqual(live.map((each) => each.grantId).toSorted());
    }));
  });
  it('is nothing when a time can not be read', () => { expect(coverageOf([{ grantId: 'A', login: 'ada', from: 'once', until: iso(NOW + 1) }], 'ada', NOW)).toEqual({ type: 'nothing' }); });
});
