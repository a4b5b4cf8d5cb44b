import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAllowed, isServiceAllowed, matchesPattern, namesResource, statementsOf } from '../../infra/local/core/iam.ts';
import { roleWith } from './support/cloud.ts';

const TABLE = 'arn:aws:dynamodb:eu-west-1:111111111111:table/Record';
const allow = (Action: unknown, Resource: unknown = '*', more: object = {}) => ({ Effect: 'Allow', Action, Resource, ...more });
const deny = (Action: unknown, Resource: unknown = '*', more: object = {}) => ({ ...allow(Action, Resource, more), Effect: 'Deny' });
const can = (statements: readonly unknown[], action: string, resource = TABLE, context: Readonly<Record<string, string>> = {}): boolean => isAllowed({ principal: roleWith(statements), action, resource, context });

describe('a role', () => {
  it('may do nothing that no statement allows', () => {
    expect(can([], 'dynamodb:GetItem')).toBe(false);
    expect(can([allow('dynamodb:GetItem', TABLE)], 'dynamodb:PutItem')).toBe(false);
    expect(can([allow('dynamodb:GetItem', TABLE)], 'dynamodb:GetItem', `${TABLE}/index/by-node`)).toBe(false);
  });

  it('is denied by one Deny whatever else allows, wherever it stands', () => {
    fc.assert(fc.property(fc.array(fc.constantFrom(allow('*'), allow('dynamodb:*'), allow('dynamodb:GetItem', TABLE))), fc.nat(), (statements, at) => {
      const all = [...statements];
      all.splice(at % (all.length + 1), 0, deny('dynamodb:Get*', TABLE));
      expect(can(all, 'dynamodb:GetItem')).toBe(false);
      expect(can(all, 'dynamodb:Query')).toBe(statements.some(({ Action }) => Action !== 'dynamodb:GetItem'));
    }));
  });

  it.each([
    ['s3:Get*', 's3:GetObject', true], ['s3:get*', 's3:GetObject', true], ['s3:GetObjec?', 's3:GetObject', true], ['s3:GetObjec?', 's3:GetObjec', false], ['s3.*', 's3:GetObject', false], ['*', 'kms:Sign', true],
  ])('with the action %s and the wish %s: %s', (pattern, action, expected) => {
    expect(can([allow(pattern)], action)).toBe(expected);
  });

  it('with NotAction may do everything else', () => {
    const statement = { Effect: 'Allow', NotAction: ['iam:*', 's3:DeleteObject'], Resource: '*' };
    expect(can([statement], 's3:GetObject')).toBe(true);
    expect(can([statement], 's3:DeleteObject')).toBe(false);
    expect(can([statement], 'iam:CreateRole')).toBe(false);
  });

  it('never gets a policy with NotResource wrong: it is refused when read', () => {
    expect(() => statementsOf({ Statement: { Effect: 'Deny', Action: '*', NotResource: '*' } })).toThrow(/NotResource/);
  });
});

describe('conditions', () => {
  const holds = (condition: unknown, context: Readonly<Record<string, string>>): boolean => can([allow('*', '*', { Condition: condition })], 'events:PutEvents', '*', context);

  it.each([
    ['equal text', { StringEquals: { 'events:source': ['bedside.node', 'other'] } }, { 'events:source': 'bedside.node' }, true],
    ['other text', { StringEquals: { 'events:source': 'bedside.node' } }, { 'events:source': 'bedside' }, false],
    ['a missing key', { StringEquals: { 'events:source': 'bedside.node' } }, {}, false],
    ['a missing key, if it exists', { StringEqualsIfExists: { 'events:source': 'bedside.node' } }, {}, true],
    ['not equal, missing', { StringNotEquals: { 'events:source': 'bedside.node' } }, {}, true],
    ['a pattern', { StringLike: { 'events:source': 'bedside.*' } }, { 'events:source': 'bedside.node' }, true],
    ['an ARN pattern', { ArnLike: { 'aws:SourceArn': 'arn:aws:events:*:*:rule/x' } }, { 'aws:SourceArn': 'arn:aws:events:eu-west-1:1:rule/x' }, true],
    ['a key in other letters', { StringEquals: { 'aws:sourceaccount': '111111111111' } }, { 'aws:SourceAccount': '111111111111' }, true],
    ['transport, always there', { Bool: { 'aws:SecureTransport': 'true' } }, {}, true],
    ['absence', { Null: { 'events:source': 'true' } }, {}, true],
    ['all of nothing', { 'ForAllValues:StringEquals': { 'events:source': 'bedside.node' } }, {}, true],
    ['any of nothing', { 'ForAnyValue:StringEquals': { 'events:source': 'bedside.node' } }, {}, false],
    ['two that both must hold', { StringEquals: { 'events:source': 'a', 'events:detail-type': 'b' } }, { 'events:source': 'a', 'events:detail-type': 'c' }, false],
  ])('%s', (_, condition, context, expected) => {
    expect(holds(condition, context as Readonly<Record<string, string>>)).toBe(expected);
  });

  it('of an operator that is not known stop the call instead of letting it pass', () => {
    expect(() => holds({ IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } }, {})).toThrow(/IpAddress/);
  });
});

describe('resource policies', () => {
  const policy = (Principal: unknown, Effect = 'Allow') => statementsOf({ Statement: { Effect, Principal, Action: 's3:GetObject', Resource: '*' } });
  const reads = (statements: readonly unknown[], resourcePolicy: ReturnType<typeof policy>, resourceAccount = '111111111111'): boolean =>
    isAllowed({ principal: roleWith(statements), action: 's3:GetObject', resource: 'arn:aws:s3:::library/a', resourcePolicy, resourceAccount });
  const READ = allow('s3:GetObject');

  it('that name the role are enough within one account', () => {
    expect(reads([], policy({ AWS: 'arn:aws:iam::111111111111:role/function' }))).toBe(true);
  });

  it('that name the account leave it to the account’s own policies', () => {
    expect(reads([], policy({ AWS: 'arn:aws:iam::111111111111:root' }))).toBe(false);
    expect(reads([READ], policy({ AWS: 'arn:aws:iam::111111111111:root' }))).toBe(true);
  });

  it('and the role’s policies must both allow across accounts', () => {
    const named = policy({ AWS: 'arn:aws:iam::111111111111:root' });
    expect(reads([READ], named, '999999999999')).toBe(true);
    expect(reads([], named, '999999999999')).toBe(false);
    expect(reads([READ], policy({ AWS: 'arn:aws:iam::222222222222:root' }), '999999999999')).toBe(false);
  });

  it('that deny win over the role’s own', () => {
    expect(reads([READ], policy('*', 'Deny'))).toBe(false);
  });

  it('let a service in only by its own name and source', () => {
    const named = statementsOf({ Statement: { Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' }, Action: 'sqs:SendMessage', Resource: '*', Condition: { ArnEquals: { 'aws:SourceArn': 'arn:rule/a' } } } });
    expect(isServiceAllowed('events.amazonaws.com', 'sqs:SendMessage', 'q', named, { 'aws:SourceArn': 'arn:rule/a' })).toBe(true);
    expect(isServiceAllowed('events.amazonaws.com', 'sqs:SendMessage', 'q', named, { 'aws:SourceArn': 'arn:rule/b' })).toBe(false);
    expect(isServiceAllowed('sns.amazonaws.com', 'sqs:SendMessage', 'q', named, { 'aws:SourceArn': 'arn:rule/a' })).toBe(false);
  });
});

describe('variables', () => {
  const named = (resource: string, Version?: string) => statementsOf({ ...(Version !== undefined && { Version }), Statement: { Effect: 'Allow', Principal: { AWS: ['111111111111', '222222222222'] }, Action: 's3:PutObject', Resource: resource } });
  const writes = (resourcePolicy: ReturnType<typeof named>, key: string): boolean =>
    isAllowed({ principal: roleWith([allow('s3:*')]), action: 's3:PutObject', resource: `arn:aws:s3:::mailbox/${key}`, resourcePolicy, resourceAccount: '999999999999' });
  const OWN = 'arn:aws:s3:::mailbox/answers/${aws:PrincipalAccount}/*';

  it('stand for the account of whoever calls, and for no other of those the statement names', () => {
    const policy = named(OWN, '2012-10-17');
    expect(['answers/111111111111/a', 'answers/222222222222/a', 'answers/111111111111', 'answers/1111111111110/a', 'answers/x/111111111111/a', 'answers/${aws:PrincipalAccount}/a'].map((key) => writes(policy, key))).toEqual([true, false, false, false, false, false]);
  });
  it('that the request has nothing for name nothing, not even what they would be as text', () => {
    for (const resource of ['a//b', 'a/${aws:PrincipalTag/node}/b', 'a/undefined/b']) expect(namesResource('a/${aws:PrincipalTag/node}/b', resource, { 'aws:PrincipalAccount': '1' })).toBe(false);
  });
  it('are taken to the letter, whatever the value is: a star in it is only a star', () => {
    fc.assert(fc.property(fc.string(), fc.string(), (value, other) => {
      const names = (text: string): boolean => namesResource('a/${aws:username}/b*', text, { 'AWS:UserName': value });
      expect(names(`a/${value}/b${other}`)).toBe(true);
      expect(names(`a/${other}/b`)).toBe(other === value || `${other}/b`.startsWith(`${value}/b`));
    }));
    expect(namesResource('${aws:username}', 'north', { 'aws:username': '*' })).toBe(false);
  });
  it('are several in one resource', () => {
    expect(namesResource('${aws:PrincipalAccount}/${aws:username}', '1/north', { 'aws:PrincipalAccount': '1', 'aws:username': 'north' })).toBe(true);
    expect(namesResource('${aws:PrincipalAccount}/${aws:username}', '1/hill', { 'aws:PrincipalAccount': '1', 'aws:username': 'north' })).toBe(false);
  });
  it('stand in a condition on what is listed, too', () => {
    const policyWith = (operator: string) => statementsOf({ Version: '2012-10-17', Statement: { Effect: 'Allow', Principal: { AWS: ['111111111111', '222222222222'] }, Action: 's3:ListBucket', Resource: '*', Condition: { [operator]: { 's3:prefix': ['library/*', 'grants/${aws:PrincipalAccount}/*'] } } } });
    const lists = (operator: string) => (prefix?: string): boolean => isAllowed({ principal: roleWith([allow('s3:*')]), action: 's3:ListBucket', resource: 'arn:aws:s3:::library', resourcePolicy: policyWith(operator), resourceAccount: '999999999999', context: prefix === undefined ? {} : { 's3:prefix': prefix } });
    const prefixes = ['library/a', 'grants/111111111111/', 'grants/222222222222/', 'grants/', '', undefined];
    expect(prefixes.map((each) => lists('StringLike')(each))).toEqual([true, true, false, false, false, false]);
    expect(prefixes.map((each) => lists('StringNotLike')(each))).toEqual([false, false, true, true, true, true]);
  });
  it('are refused where AWS would read them as text, or we would', () => {
    for (const version of [undefined, '2008-10-17']) expect(() => named(OWN, version)).toThrow(/want 2012-10-17/);
    expect(() => statementsOf({ Version: '2012-10-17', Statement: allow('s3:GetObject', '*', { Condition: { StringEquals: { 's3:prefix': '${aws:username}' } } }) })).toThrow(/variable in a condition/);
  });
});

describe('patterns', () => {
  it('take every text for a star, and only themselves for anything else', () => {
    fc.assert(fc.property(fc.string(), fc.string(), (head, tail) => {
      const literal = head.replaceAll(/[*?]/g, '');
      expect(matchesPattern(`${literal}*`, literal + tail)).toBe(true);
      expect(matchesPattern(literal, `${literal}${tail}`)).toBe(tail === '');
    }));
  });
});
