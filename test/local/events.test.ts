import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchesEvent, parsePattern } from '../../infra/local/services/events/pattern.ts';
import { nextAfter, parseSchedule } from '../../infra/local/services/events/schedule.ts';
import { Turns } from '../../infra/local/services/events/turns.ts';
import { EventsService } from '../../infra/local/services/events/service.ts';
import { codeOf, declaration, jsonOf, request, roleWith, testCloud } from './support/cloud.ts';
import { eventually } from './support/eventually.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

const matches = (pattern: unknown, event: unknown): boolean => matchesEvent(parsePattern(pattern), event);
const HOUR_MS = 3_600_000;

describe('a pattern', () => {
  it.each([
    ['one of several texts', ['a', 'b'], 'b', true], ['another text', ['a'], 'b', false], ['a number is no text', ['1'], 1, false], ['null', [null], null, true], ['any element of a list', ['a'], ['x', 'a'], true],
    ['prefix', [{ prefix: 'BATCH#' }], 'BATCH#7', true], ['prefix, not inside', [{ prefix: 'BATCH#' }], 'xBATCH#7', false], ['suffix', [{ suffix: '.pdf' }], 'a.pdf', true],
    ['anything but', [{ 'anything-but': ['a', 'b'] }], 'c', true], ['anything but, listed', [{ 'anything-but': ['a', 'b'] }], 'a', false], ['anything but, absent', [{ 'anything-but': ['a'] }], undefined, false],
    ['anything but a prefix', [{ 'anything-but': { prefix: 'te' } }], 'test', false], ['anything but another prefix', [{ 'anything-but': { prefix: 'te' } }], 'best', true],
    ['exists', [{ exists: true }], null, true], ['exists, absent', [{ exists: true }], undefined, false], ['exists not', [{ exists: false }], undefined, true], ['exists not, present', [{ exists: false }], 0, false],
    ['numeric', [{ numeric: ['>', 0, '<=', 5] }], 5, true], ['numeric, outside', [{ numeric: ['>', 0, '<=', 5] }], 0, false], ['numeric, a text', [{ numeric: ['>', 0] }], '1', false],
    ['wildcard', [{ wildcard: 'a*z' }], 'abcz', true], ['wildcard, a question mark is itself', [{ wildcard: 'a?' }], 'ab', false], ['in other letters', [{ 'equals-ignore-case': 'Release' }], 'RELEASE', true],
  ])('%s', (_, wanted, value, expected) => {
    expect(matches({ detail: { it: wanted } }, { detail: value === undefined ? {} : { it: value } })).toBe(expected);
  });

  it('wants every one of its fields, and no others', () => {
    fc.assert(fc.property(fc.dictionary(fc.string({ minLength: 1 }).filter((name) => !name.startsWith('$') && name !== '__proto__'), fc.integer(), { minKeys: 1, noNullPrototype: true }), (event) => {
      const pattern = Object.fromEntries(Object.entries(event).map(([name, value]) => [name, [value]]));
      expect(matches(pattern, { ...event, $more: 1 })).toBe(true);
      const [name] = Object.keys(event) as [string];
      expect(matches(pattern, { ...event, [name]: event[name]! + 1 })).toBe(false);
    }));
  });

  it.each([['an operator nobody knows', { a: [{ cidr: '10.0.0.0/8' }] }], ['$or', { $or: [{ a: [1] }] }], ['half a numeric', { a: [{ numeric: ['>'] }] }], ['two operators at once', { a: [{ prefix: 'a', suffix: 'b' }] }], ['a list', []]])('with %s is refused when it is read', (_, pattern) => {
    expect(() => parsePattern(pattern)).toThrow(/event pattern/);
  });
});

describe('a schedule', () => {
  it.each([
    ['rate(15 minutes)', '2026-03-01T10:07:00Z', '2026-03-01T10:15:00Z'], ['rate(1 minute)', '2026-03-01T10:07:00Z', '2026-03-01T10:08:00Z'],
    ['cron(0 5 * * ? *)', '2026-03-01T04:59:59Z', '2026-03-01T05:00:00Z'], ['cron(0 5 * * ? *)', '2026-03-01T05:00:00Z', '2026-03-02T05:00:00Z'],
  ])('%s after %s is due at %s', (expression, after, due) => {
    expect(new Date(nextAfter(parseSchedule(expression), Date.parse(after))).toISOString().replace('.000', '')).toBe(due);
  });

  it('is always due later than now and within its period', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 500 }), fc.constantFrom('minute', 'hour', 'day'), fc.integer({ min: 0, max: 4e12 }), (n, unit, now) => {
      const schedule = parseSchedule(`rate(${n} ${unit}s)`);
      const period = n * { minute: 60_000, hour: HOUR_MS, day: 24 * HOUR_MS }[unit];
      const wait = nextAfter(schedule, now) - now;
      expect(wait > 0 && wait <= period).toBe(true);
    }));
  });

  it.each(['cron(0 5 ? * MON *)', 'rate(5 weeks)', 'at(2026-01-01T00:00:00)'])('%s, which is not evaluated, is refused', (expression) => {
    expect(() => parseSchedule(expression)).toThrow(expression);
  });
});

describe('turns', () => {
  it('are taken first come, first served, so many at once, and given back by what fails', async () => {
    const turns = new Turns(2);
    const begun: number[] = [];
    const ends: (() => void)[] = [];
    const runs = [0, 1, 2, 3].map((i) => turns.run(async () => {
      begun.push(i);
      await new Promise<void>((resolve, reject) => { ends.push(i === 0 ? () => { reject(new Error('failed')); } : resolve); });
    }));
    await eventually('two', () => begun.length === 2);
    ends[0]?.();
    await expect(runs[0]).rejects.toThrow('failed');
    await eventually('the third', () => begun.length === 3);
    ends[1]?.();
    await eventually('the last', () => begun.length === 4);
    expect(begun).toEqual([0, 1, 2, 3]);
    ends.slice(2).forEach((end) => { end(); });
    await Promise.all(runs.slice(1));
  });
});

describe('a bus', () => {
  const BUS = 'arn:aws:events:eu-west-1:111111111111:event-bus/Node-Bus';
  const target = { Id: 't', Arn: 'arn:aws:lambda:eu-west-1:111111111111:function:intake' };
  const entry = { EventBusName: BUS, Source: 'bedside.node', DetailType: 'batch-status', Detail: '{"batchId":"B-7"}' };
  const start = (rule: Readonly<Record<string, unknown>> = {}) => {
    const made = testCloud(temporaryFolder());
    const service = new EventsService(made.cloud);
    service.provision(declaration('AWS::Events::EventBus', {}, 'Bus'));
    service.provision(declaration('AWS::Events::EventBusPolicy', { EventBusName: 'Node-Bus', Statement: { Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::222222222222:root' }, Action: 'events:PutEvents', Resource: BUS, Condition: { StringEquals: { 'events:source': 'bedside.node' } } } }, 'Policy'));
    service.provision(declaration('AWS::Events::Rule', { EventBusName: 'Node-Bus', EventPattern: { source: ['bedside.node'] }, Targets: [target], ...rule }, 'Rule'));
    const put = async (Entries: readonly unknown[], principal = roleWith([{ Effect: 'Allow', Action: 'events:PutEvents', Resource: '*' }])) => jsonOf(await service.handle(request({ operation: 'PutEvents', body: { Entries }, principal })));
    return { ...made, service, put };
  };

  it('hands matching events to the targets of its rules, whole', async () => {
    const { put, deliveries } = start();
    await put([entry, { ...entry, Source: 'other' }]);
    expect(deliveries).toMatchObject([{ targetArn: target.Arn, payload: { source: 'bedside.node', 'detail-type': 'batch-status', detail: { batchId: 'B-7' } } }]);
  });

  it('takes the good entries and says which are malformed', async () => {
    const { put, deliveries } = start();
    expect(await put([{ ...entry, Detail: 'no JSON' }, entry, { ...entry, DetailType: undefined }])).toMatchObject({ FailedEntryCount: 2, Entries: [{ ErrorCode: 'MalformedDetail' }, { EventId: expect.any(String) as string }, { ErrorCode: 'InvalidArgument' }] });
    expect(deliveries).toHaveLength(1);
  });

  it('lets another account in by its policy and that account’s role, for the named source only', async () => {
    const { put } = start();
    const foreign = roleWith([{ Effect: 'Allow', Action: 'events:PutEvents', Resource: '*' }], '222222222222');
    expect(await codeOf(() => put([entry], foreign))).toBe('none');
    expect(await codeOf(() => put([{ ...entry, Source: 'forged' }], foreign))).toBe('AccessDeniedException');
    expect(await codeOf(() => put([entry], roleWith([], '222222222222')))).toBe('AccessDeniedException');
    expect(await codeOf(() => put([entry], roleWith([{ Effect: 'Allow', Action: '*', Resource: '*' }], '333333333333')))).toBe('AccessDeniedException');
  });

  it('gives nothing to a disabled rule, and refuses a rule that would reshape events', async () => {
    const { put, deliveries } = start({ State: 'DISABLED' });
    await put([entry]);
    expect(deliveries).toEqual([]);
    expect(() => start({ Targets: [{ ...target, InputPath: '$.detail' }] })).toThrow(/InputTransformer or InputPath/);
  });

  it('fires a scheduled rule when the cloud’s clock reaches its time', async () => {
    const { service, clock, deliveries } = start({ EventPattern: undefined, ScheduleExpression: 'rate(1 hour)', EventBusName: undefined });
    await service.start();
    expect(deliveries).toEqual([]);
    clock.advance(HOUR_MS);
    await eventually('the event', () => deliveries.length === 1);
    await service.stop();
    expect(deliveries).toMatchObject([{ payload: { 'detail-type': 'Scheduled Event' } }]);
  });
});
