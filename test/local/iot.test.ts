import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { statementsOf } from '../../infra/local/core/iam.ts';
import { isDeviceAllowed } from '../../infra/local/services/iot/policy.ts';
import { fitsFilter, parseRuleSql } from '../../infra/local/services/iot/rule-sql.ts';

const HOME = 'arn:aws:iot:eu-west-1:111111111111';
const device = { clientId: 'mixer-1', thingName: 'mixer-1', certificateId: 'c'.repeat(64) };
const POLICY = [
  { Effect: 'Allow', Action: 'iot:Connect', Resource: `${HOME}:client/\${iot:Connection.Thing.ThingName}`, Condition: { Bool: { 'iot:Connection.Thing.IsAttached': 'true' } } },
  { Effect: 'Allow', Action: 'iot:Publish', Resource: `${HOME}:topic/spBv1.0/north/*/\${iot:Connection.Thing.ThingName}` },
  { Effect: 'Allow', Action: 'iot:Subscribe', Resource: `${HOME}:topicfilter/spBv1.0/north/NCMD/\${iot:ClientId}` },
];
const may = (action: string, resource: string, connection: Parameters<typeof isDeviceAllowed>[3] = device, policy: readonly unknown[] = POLICY): boolean => isDeviceAllowed(statementsOf({ Version: '2012-10-17', Statement: policy }), `iot:${action}`, `${HOME}:${resource}`, connection);

describe('a device', () => {
  it('connects, publishes and subscribes under its own name only', () => {
    expect(may('Connect', 'client/mixer-1')).toBe(true);
    expect(may('Connect', 'client/mixer-2')).toBe(false);
    expect(may('Publish', 'topic/spBv1.0/north/NDATA/mixer-1')).toBe(true);
    expect(may('Publish', 'topic/spBv1.0/north/NDATA/mixer-2')).toBe(false);
    expect(may('Publish', 'topic/spBv1.0/hill/NDATA/mixer-1')).toBe(false);
    expect(may('Subscribe', 'topicfilter/spBv1.0/north/NCMD/mixer-1')).toBe(true);
  });

  it('may not subscribe to a filter that only contains what it may have', () => {
    expect(may('Subscribe', 'topicfilter/spBv1.0/north/NCMD/+')).toBe(false);
    expect(may('Subscribe', 'topicfilter/#')).toBe(false);
  });

  it('without a thing gets nothing that depends on the thing', () => {
    const stray = { ...device, thingName: undefined };
    expect(may('Connect', 'client/mixer-1', stray)).toBe(false);
    expect(may('Publish', 'topic/spBv1.0/north/NDATA/mixer-1', stray)).toBe(false);
    expect(may('Publish', 'topic/spBv1.0/north/NDATA/', stray)).toBe(false);
  });

  it('does not widen its policy by a name that is a pattern', () => {
    fc.assert(fc.property(fc.constantFrom('*', '?', 'mixer-*', '??????-1'), fc.constantFrom('mixer-1', 'pump-7'), (name, other) => {
      expect(may('Connect', `client/${other}`, { ...device, clientId: name, thingName: name })).toBe(false);
    }));
  });

  it('is stopped by a Deny, also one that says all but', () => {
    expect(may('Publish', 'topic/spBv1.0/north/NDATA/mixer-1', device, [...POLICY, { Effect: 'Deny', Action: 'iot:Publish', Resource: '*' }])).toBe(false);
    const allBut = [...POLICY, { Effect: 'Deny', NotAction: 'iot:Connect', Resource: '*' }];
    expect(may('Connect', 'client/mixer-1', device, allBut)).toBe(true);
    expect(may('Publish', 'topic/spBv1.0/north/NDATA/mixer-1', device, allBut)).toBe(false);
  });

  it('with a condition nobody evaluates is not let through', () => {
    expect(() => may('Connect', 'client/mixer-1', device, [{ ...POLICY[0], Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } }])).toThrow(/IpAddress/);
  });
});

describe('a topic filter', () => {
  it.each([
    ['a/b', 'a/b', true], ['a/+', 'a/b', true], ['a/+', 'a/b/c', false], ['a/#', 'a/b/c', true], ['a/#', 'a', true], ['#', 'a/b', true], ['+', 'a/b', false], ['+/+', '/b', true], ['a/b', 'a/b/c', false], ['a/b/c', 'a/b', false],
    ['#', '$aws/things/x', false], ['+/things/x', '$aws/things/x', false], ['$aws/#', '$aws/things/x', true],
  ])('%s and the topic %s: %s', (filter, topic, expected) => {
    expect(fitsFilter(filter, topic)).toBe(expected);
  });
});

describe('a topic rule', () => {
  const message = { topic: 'spBv1.0/north/NDATA/mixer-1', payload: Buffer.from([0, 255, 7]), clientId: 'mixer-1', receivedEpochMs: 1_790_000_000_000 };

  it('selects payload, topic, time and client under the names it gives them', () => {
    const rule = parseRuleSql("SELECT encode(*, 'base64') AS payload, topic() AS topic, topic(2) AS node, timestamp() AS receivedAt, clientid() AS clientId, 'v1' AS version FROM 'spBv1.0/north/#'");
    expect(rule.matches(message.topic)).toBe(true);
    expect(rule.matches('spBv1.0/hill/NDATA/mixer-1')).toBe(false);
    expect(rule.select(message)).toEqual({ payload: 'AP8H', topic: message.topic, node: 'north', receivedAt: 1_790_000_000_000, clientId: 'mixer-1', version: 'v1' });
  });

  it.each(["SELECT * FROM 'a/#'", "SELECT temperature AS t FROM 'a'", "SELECT topic() AS t FROM 'a' WHERE x > 1", "SELECT topic() FROM 'a'", 'DELETE everything'])('%s, which is not evaluated, is refused', (sql) => {
    expect(() => parseRuleSql(sql)).toThrow(/does not evaluate/);
  });
});
