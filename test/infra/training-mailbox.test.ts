import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, it } from 'vitest';
import { createKey } from '../../infra/constructs/node-key.ts';
import { createAccessLogBucket } from '../../infra/constructs/private-bucket.ts';
import { TrainingMailbox } from '../../infra/constructs/training-mailbox.ts';
import { FEATURES } from '../../infra/features.ts';
import type { PolicyStatement, Principal } from '../../infra/local/core/contracts.ts';
import { isAllowed, statementsOf } from '../../infra/local/core/iam.ts';
import { placeOf } from '../../shared/storage/place.ts';
import { BOARD, mailboxKey, type Step } from '../../models/federated/workflow/mailbox.ts';
import { bucketPolicyOf } from '../support/templates.ts';

const CONTROL = '999999999999';
const ACCOUNTS = { north: '111111111111', hill: '222222222222', 'hill-2': '333333333333' } as const;
type Hospital = keyof typeof ACCOUNTS;
const placeOfHospital = (id: Hospital): string => placeOf({ id, account: ACCOUNTS[id] });
const BUCKET = 'arn:aws:s3:::mailbox';
const HASH = 'ab'.repeat(32);

type WithLifecycle = Readonly<{ Properties: Readonly<{ LifecycleConfiguration?: Readonly<{ Rules: readonly Readonly<{ Prefix?: string; ExpirationInDays?: number; Status: string }>[] }> }> }>;
let policy: readonly PolicyStatement[];
let expired: readonly string[];
beforeAll(() => {
  const stack = new Stack(new App({ context: FEATURES }), 'Network', { env: { account: CONTROL, region: 'eu-west-2' } });
  const nodes = Object.entries(ACCOUNTS).map(([id, account]) => ({ id, account, name: id, region: 'eu-west-2', country: 'GB', logRetentionDays: 365 as const, recordLockYears: 1, exampleModel: false, leastCohort: 5, thinkingMinutes: 60, deviceClockMinutes: 5, trainingConsent: 'after-thinking-time' as const, witnessQuorum: 1 }));
  new TrainingMailbox(stack, 'Mailbox', { key: createKey(stack, 'test'), accessLogs: createAccessLogBucket(stack), nodes });
  const template = Template.fromStack(stack);
  policy = bucketPolicyOf(template.toJSON(), /^Mailbox/, BUCKET);
  const rules = Object.values(template.findResources('AWS::S3::Bucket')).flatMap((bucket) => (bucket as WithLifecycle).Properties.LifecycleConfiguration?.Rules ?? []);
  expired = rules.flatMap(({ Prefix, ExpirationInDays, Status }) => (Prefix !== undefined && ExpirationInDays === 90 && Status === 'Enabled' ? [Prefix] : []));
});

/** A hospital whose own policies allow everything, so that the bucket's alone decides; a role of it that nobody thought of. */
const principalOf = (account: string): Principal => ({ arn: `arn:aws:iam::${account}:role/any`, account, region: 'eu-west-2', admin: false, policies: statementsOf({ Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }] }) });
const may = (hospital: Hospital, action: string, key: string | undefined, context: Readonly<Record<string, string>> = {}): boolean =>
  isAllowed({ principal: principalOf(ACCOUNTS[hospital]), action, resource: key === undefined ? BUCKET : `${BUCKET}/${key}`, resourcePolicy: policy, resourceAccount: CONTROL, context });
const ONCE = { 's3:if-none-match': '*' };
const answerOf = (hospital: Hospital, step: Step = 'answer'): string => mailboxKey.answer(placeOfHospital(hospital), 'TRN-1', { round: 1, attempt: 1 }, step);

describe('the policy of the mailbox', () => {
  it('lets a hospital read what is asked of all and of it, and nothing that is asked of another', () => {
    for (const hospital of ['north', 'hill', 'hill-2'] as const) {
      expect([BOARD, mailboxKey.forAll('TRN-1', HASH), mailboxKey.forOne(placeOfHospital(hospital), 'TRN-1', HASH)].map((key) => may(hospital, 's3:GetObject', key))).toEqual([true, true, true]);
      for (const other of (['north', 'hill', 'hill-2'] as const).filter((each) => each !== hospital)) expect([other, may(hospital, 's3:GetObject', mailboxKey.forOne(placeOfHospital(other), 'TRN-1', HASH))]).toEqual([other, false]);
    }
  });
  it('lets a hospital write its own answers, once each, and nobody else\'s; also one whose name begins with another\'s', () => {
    for (const hospital of ['north', 'hill', 'hill-2'] as const) {
      for (const step of ['join', 'answer', 'confirm', 'reveal', 'refuse', 'decline'] as const) expect(may(hospital, 's3:PutObject', answerOf(hospital, step), ONCE)).toBe(true);
      expect(may(hospital, 's3:PutObject', answerOf(hospital))).toBe(false);
      for (const other of (['north', 'hill', 'hill-2'] as const).filter((each) => each !== hospital)) expect([other, may(hospital, 's3:PutObject', answerOf(other), ONCE)]).toEqual([other, false]);
    }
  });
  it('lets no hospital read an answer, not even its own, nor the state of a run', () => {
    for (const key of [answerOf('north'), answerOf('hill'), mailboxKey.state('TRN-1', HASH)]) expect([key, may('north', 's3:GetObject', key), may('north', 's3:GetObjectVersion', key)]).toEqual([key, false, false]);
  });
  it('lets no hospital write a question, put up a board, delete, or see a list but that of the board', () => {
    for (const key of [BOARD, mailboxKey.forAll('TRN-1', HASH), mailboxKey.forOne(placeOfHospital('north'), 'TRN-1', HASH), mailboxKey.state('TRN-1', HASH)]) expect([key, may('north', 's3:PutObject', key, ONCE)]).toEqual([key, false]);
    for (const action of ['s3:DeleteObject', 's3:DeleteObjectVersion', 's3:PutObjectAcl', 's3:PutObjectTagging']) expect([action, may('north', action, answerOf('north'), ONCE)]).toEqual([action, false]);
    expect([undefined, '', 'answers/', 'answers/north/', 'questions/', BOARD].map((prefix) => may('north', 's3:ListBucket', undefined, prefix === undefined ? {} : { 's3:prefix': prefix }))).toEqual([false, false, false, false, false, true]);
    expect(may('north', 's3:PutBucketPolicy', undefined)).toBe(false);
  });
  it('lets the control site list answers, and write none twice', () => {
    const own = (action: string, key: string | undefined, context: Readonly<Record<string, string>>): boolean =>
      isAllowed({ principal: principalOf(CONTROL), action, resource: key === undefined ? BUCKET : `${BUCKET}/${key}`, resourcePolicy: policy, resourceAccount: CONTROL, context });
    expect([own('s3:ListBucket', undefined, { 's3:prefix': 'answers/' }), own('s3:GetObject', answerOf('north'), {}), own('s3:PutObject', answerOf('north'), {})]).toEqual([true, true, false]);
  });
  it('does not grow with a hospital but by its account', () => {
    expect(policy.filter(({ principals = [] }) => principals.some((each) => each.includes(ACCOUNTS.north)))).toHaveLength(2);
    expect(policy.flatMap(({ resources }) => resources).filter((each) => Object.keys(ACCOUNTS).some((id) => each.includes(`/${id}/`)))).toEqual([]);
  });
  it('forgets what was asked of one hospital, answered or kept between rounds after a while, and never the board, an invitation or a notice', () => {
    const goes = (key: string): boolean => expired.some((prefix) => key.startsWith(prefix));
    for (const hospital of ['north', 'hill', 'hill-2'] as const) expect([mailboxKey.forOne(placeOfHospital(hospital), 'TRN-1', HASH), answerOf(hospital)].map(goes)).toEqual([true, true]);
    expect([mailboxKey.state('TRN-1', HASH), BOARD, mailboxKey.forAll('TRN-1', HASH)].map(goes)).toEqual([true, false, false]);
  });
  it('lets nobody else in', () => {
    for (const action of ['s3:GetObject', 's3:PutObject']) for (const key of [BOARD, answerOf('north')]) {
      expect(isAllowed({ principal: principalOf('444444444444'), action, resource: `${BUCKET}/${key}`, resourcePolicy: policy, resourceAccount: CONTROL, context: ONCE })).toBe(false);
    }
  });
});
