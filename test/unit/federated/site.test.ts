import { describe, expect, it } from 'vitest';
import { planHash } from '../../../models/federated/plan.ts';
import { signCertificate } from '../../../models/federated/secure/keys.ts';
import { EMPTY_LEDGER, type Ledger } from '../../../models/federated/secure/ledger.ts';
import { digestOf, type Ask, type Complete } from '../../../models/federated/secure/messages.ts';
import { Site } from '../../../models/federated/secure/site.ts';
import { LEAST_COHORT } from '../../../shared/training-data/least-cohort.ts';
import { codeOf } from '../../support/error-code.ts';
import { CLASSES, identityOf, KNOWN, maskedRun, NOW, planOf, rowsOf, sitesOver, type Table } from '../../support/federated.ts';

const table: Table = {
  keys: Array.from({ length: 40 }, (_, i) => `b${i}`), labels: Array.from({ length: 40 }, (_, i) => (i % 3 === 0 ? 1 : 0)),
  values: Array.from({ length: 40 }, (_, i) => [i % 7, (i * 13) % 11, (i * i) % 17]),
};
const plan = planOf();
const cohorts = Array.from({ length: 5 }, (_, site) => rowsOf(table, table.keys.flatMap((__, i) => (i % 5 === site ? [i] : []))));

const ready = (ledger: Ledger = EMPTY_LEDGER, runId = 'run-1', own = plan) => {
  const { sites, certificates } = sitesOver(own, cohorts, { ledger, runId });
  const ask = (change: Partial<Ask> = {}, count = 5): Ask => ({
    runId, planHash: planHash(own), round: 0, attempt: 1, members: sites.slice(0, count).map(({ siteId }) => siteId), certificates: certificates.slice(0, count), closesAtEpochMs: NOW, question: { type: 'scale' }, ...change,
  });
  /** An attempt up to confirmation. */
  const sum = (asked: Ask): Complete => {
    const members = sites.filter(({ siteId }) => asked.members.includes(siteId));
    const answers = members.map((site) => site.answer(asked, NOW));
    const complete = { context: answers[0]!.context, digests: Object.fromEntries(answers.map(({ siteId, words }) => [siteId, digestOf(words)])) };
    for (const site of members) site.confirm(complete);
    return complete;
  };
  return { sites, site: sites[0]!, certificates, ask, sum };
};

describe('a site refuses, whatever the coordinator says', () => {
  it('a sum over fewer than three sites', () => {
    const { site, ask } = ready();
    expect(codeOf(() => site.answer(ask({}, 2), NOW))).toBe('training-sites-too-few');
    expect(codeOf(() => maskedRun(plan, cohorts.slice(0, 2)))).toBe('training-sites-too-few');
  });
  it('a sum with sites the training was not announced with, or that people here never confirmed, or confirmed with another key', () => {
    const own = { siteId: 'site-0', runId: 'run-1', plan, rows: cohorts[0]!, secret: Buffer.alloc(32, 1), ledger: EMPTY_LEDGER, leastCohort: LEAST_COHORT, ...KNOWN };
    const answering = (change: object): unknown => codeOf(() => new Site({ ...own, ...change }).answer(ready().ask(), NOW));
    const without = (siteId: string) => new Map([...KNOWN.partners].filter(([each]) => each !== siteId));
    expect(answering({})).toBeUndefined();
    expect(answering({ invited: KNOWN.invited.filter((siteId) => siteId !== 'site-3') })).toBe('training-sites-uninvited');
    expect(answering({ partners: without('site-4') })).toBe('training-partner-unconfirmed');
    expect(answering({ partners: new Map([...KNOWN.partners, ['site-4', KNOWN.partners.get('site-5')!]]) })).toBe('training-partner-unconfirmed');
    expect(answering({ partners: without('site-0') })).toBeUndefined();
  });
  it('its own certificate with other rows or keys than it has', () => {
    const { site, ask, certificates } = ready();
    const forged = signCertificate({ ...site.unsignedCertificate, cohort: 'ab'.repeat(32) }, identityOf('site-0'));
    expect(codeOf(() => site.answer(ask({ certificates: [forged, ...certificates.slice(1)] }), NOW))).toBe('training-certificate-wrong');
  });
  it('to take part with a cohort that is too small, or larger than the plan allows', () => {
    const options = { siteId: 'site-0', runId: 'run-1', plan, secret: Buffer.alloc(32), ...KNOWN, ledger: EMPTY_LEDGER, leastCohort: LEAST_COHORT };
    expect(codeOf(() => new Site({ ...options, rows: rowsOf(table, [0, 1, 2, 3]) }))).toBe('training-cohort-too-small');
    expect(codeOf(() => new Site({ ...options, rows: rowsOf(table, [0, 1, 2, 3, 4]) }))).toBeUndefined();
    expect(codeOf(() => new Site({ ...options, rows: rowsOf(table), plan: planOf({ rowLimit: 39 }) }))).toBe('training-sum-overflow');
  });
  it('a second sum over all but one site, in the same round, in a later round, and in another run', () => {
    const { site, sites, ask, sum, certificates } = ready();
    sum(ask());
    expect(codeOf(() => site.answer(ask({ attempt: 2 }, 4), NOW))).toBe('training-sites-changed');
    expect(codeOf(() => site.answer(ask({ round: 1, question: CLASSES }, 4), NOW))).toBe('training-sites-changed');
    const later = ready(sites[0]!.ledger, 'run-2');
    expect(codeOf(() => later.site.answer(later.ask({}, 4), NOW))).toBe('training-sites-changed');
    expect(codeOf(() => later.site.answer(later.ask({}, 3), NOW))).toBe('training-sites-changed');
    expect(codeOf(() => later.site.answer(later.ask(), NOW))).toBeUndefined();
    expect(certificates).toHaveLength(5);
  });
  it('but lets the set change while no sum was confirmed, since nothing could be read', () => {
    const { sites, ask, sum } = ready();
    for (const site of sites) site.answer(ask(), NOW);
    expect(codeOf(() => sum(ask({ attempt: 2 }, 4)))).toBeUndefined();
  });
  it('another set in the next round, though it did not see the sum of the last one', () => {
    const { site, ask } = ready();
    site.answer(ask(), NOW);
    const next = { round: 1, question: CLASSES };
    expect(codeOf(() => site.answer(ask(next, 4), NOW))).toBe('training-sites-changed');
    const later = ready(site.ledger, 'run-2');
    expect(codeOf(() => later.site.answer(later.ask({}, 4), NOW))).toBeUndefined();
  });
  it('to use masks again', () => {
    const { site, ask } = ready();
    site.answer(ask({ attempt: 2 }), NOW);
    expect(codeOf(() => site.answer(ask({ attempt: 2 }), NOW))).toBe('training-masks-reused');
    expect(codeOf(() => site.answer(ask(), NOW))).toBe('training-masks-reused');
  });
  it('to use masks again after it was started anew from its ledger', () => {
    const { site, ask } = ready();
    site.answer(ask(), NOW);
    const again = ready(JSON.parse(JSON.stringify(site.ledger)) as Ledger);
    expect(codeOf(() => again.site.answer(again.ask(), NOW))).toBe('training-masks-reused');
  });
  it('another question in a round it answered', () => {
    const { site, ask } = ready();
    site.answer(ask(), NOW);
    expect(codeOf(() => site.answer(ask({ attempt: 2, question: CLASSES }), NOW))).toBe('training-question-changed');
  });
  it('a round that is past, ahead, late, of another run or of another plan', () => {
    const { site, ask, sum } = ready();
    expect(codeOf(() => site.answer(ask({ round: 1 }), NOW))).toBe('training-round-stale');
    expect(codeOf(() => site.answer(ask(), NOW + 1))).toBe('training-round-late');
    expect(codeOf(() => site.answer(ask({ runId: 'run-9' }), NOW))).toBe('training-round-stale');
    expect(codeOf(() => site.answer(ask({ planHash: planHash(planOf({ seed: 8 })) }), NOW))).toBe('training-round-stale');
    sum(ask());
    expect(codeOf(() => site.answer(ask({ round: 2 }), NOW))).toBe('training-round-stale');
    expect(codeOf(() => site.confirm({ context: 'ab', digests: {} }))).toBe('training-round-stale');
  });
  it('a round beyond the plan, or members that are not sorted or not with it', () => {
    const { site, ask } = ready();
    expect(codeOf(() => site.answer(ask({ round: 6 }), NOW))).toBe('training-round-malformed');
    expect(codeOf(() => site.answer(ask({ attempt: 0 }), NOW))).toBe('training-round-malformed');
    expect(codeOf(() => site.answer(ask({ members: ['site-1', 'site-0', 'site-2'] }), NOW))).toBe('training-round-malformed');
    expect(codeOf(() => site.answer(ask({ members: ['site-1', 'site-2', 'site-3'] }), NOW))).toBe('training-round-malformed');
  });
  it('a sum that could overflow', () => {
    const own = planOf({ method: 'boosting', rowLimit: 1_000_000 });
    expect(codeOf(() => ready(EMPTY_LEDGER, 'run-1', own).site.answer(ready(EMPTY_LEDGER, 'run-1', own).ask(), NOW))).toBeUndefined();
    const { site, ask } = ready(EMPTY_LEDGER, 'run-1', own);
    expect(codeOf(() => site.answer(ask({ members: Array.from({ length: 9000 }, (_, i) => `site-${String(i).padStart(5, '0')}`) }), NOW))).toBe('training-round-malformed');
  });
  it('keys that the node they name did not certify for this run', () => {
    const { site, ask, certificates, sites } = ready();
    const [first, second, ...rest] = certificates as readonly [typeof certificates[0], typeof certificates[0]];
    const withSecond = (certificate: typeof second) => codeOf(() => site.answer(ask({ certificates: [first, certificate, ...rest] }), NOW));
    expect(withSecond(signCertificate(sites[1]!.unsignedCertificate, identityOf('site-2')))).toBe('training-certificate-wrong');
    expect(withSecond({ ...second, agreementKey: first.agreementKey })).toBe('training-certificate-wrong');
    expect(withSecond(signCertificate({ ...sites[1]!.unsignedCertificate, runId: 'run-0' }, identityOf('site-1')))).toBe('training-certificate-wrong');
    expect(withSecond(signCertificate({ ...sites[1]!.unsignedCertificate, agreementKey: 'AAAA' }, identityOf('site-1')))).toBe('training-certificate-wrong');
    expect(withSecond(first)).toBe('training-certificate-wrong');
    expect(codeOf(() => site.answer(ask({ certificates: certificates.slice(1) }), NOW))).toBe('training-certificate-wrong');
    expect(codeOf(() => site.answer(ask(), NOW))).toBeUndefined();
  });
  it('a known certificate with one field exchanged', () => {
    const { site, ask, certificates } = ready();
    site.answer(ask(), NOW);
    const forged = certificates.map((each, i) => (i === 1 ? { ...each, confirmationKey: certificates[0]!.confirmationKey } : each));
    expect(codeOf(() => site.answer(ask({ attempt: 2, certificates: forged }), NOW))).toBe('training-certificate-wrong');
  });
  it('to confirm without everybody\'s answer, with another than its own, or two sums', () => {
    const { sites, site, ask } = ready();
    const answers = sites.map((each) => each.answer(ask(), NOW));
    const digests = Object.fromEntries(answers.map(({ siteId, words }) => [siteId, digestOf(words)]));
    const { context } = answers[0]!;
    const { 'site-4': _, ...fewer } = digests;
    expect(codeOf(() => site.confirm({ context, digests: fewer }))).toBe('training-round-malformed');
    expect(codeOf(() => site.confirm({ context, digests: { ...digests, 'site-0': digests['site-1']! } }))).toBe('training-round-malformed');
    site.confirm({ context, digests });
    expect(codeOf(() => site.confirm({ context, digests: { ...digests, 'site-4': digests['site-1']! } }))).toBe('training-round-answered');
  });
  it('to show a seed before it confirmed, for too few confirmations, for forged ones or repeated ones', () => {
    const { sites, site, ask } = ready();
    const answers = sites.map((each) => each.answer(ask(), NOW));
    const complete = { context: answers[0]!.context, digests: Object.fromEntries(answers.map(({ siteId, words }) => [siteId, digestOf(words)])) };
    const others = sites.slice(1).map((each) => each.confirm(complete));
    const sealed = { 'site-1': answers[1]!.sealed['site-0']! };
    expect(codeOf(() => site.reveal({ context: complete.context, confirmations: others, sealed }))).toBe('training-round-stale');
    site.confirm(complete);
    const reveal = (confirmations: typeof others, shares: Readonly<Record<string, string>> = sealed) => codeOf(() => site.reveal({ context: complete.context, confirmations, sealed: shares }));
    expect(reveal(others.slice(0, 3))).toBe('training-certificate-wrong');
    expect(reveal([...others.slice(0, 3), others[0]!, others[1]!])).toBe('training-certificate-wrong');
    expect(reveal(others.map((each) => ({ ...each, signature: others[0]!.signature })))).toBe('training-certificate-wrong');
    expect(reveal(others, { 'site-1': answers[2]!.sealed['site-0']! })).toBe('training-shares-wrong');
    expect(reveal(others, { 'site-1': 'AA' })).toBe('training-shares-wrong');
    expect(reveal(others)).toBeUndefined();
  });
});
