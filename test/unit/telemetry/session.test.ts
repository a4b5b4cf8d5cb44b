import { describe, expect, it } from 'vitest';
import { BirthBook, birthOf, isConflict, isPreferred, namingFault, resolve, type Birth } from '../../../shared/telemetry/birth.ts';
import { receive } from '../../../shared/telemetry/received.ts';
import { isCommandTopic, parseTopic } from '../../../shared/telemetry/topic.ts';
import { codeOf } from '../../support/telemetry/code-of.ts';
import { DATATYPE, encodePayload, MINUTE, topicOf } from '../../support/telemetry/sparkplug-writer.ts';

const raw = (type: string, payload: Parameters<typeof encodePayload>[0], device?: string, receivedAtEpochMs = MINUTE + 100) => ({ topic: topicOf(type, 'gateway-1', device), payload: encodePayload(payload), receivedAtEpochMs });

describe('a topic', () => {
  it('names node, message type, edge node and device', () => {
    expect(parseTopic('spBv1.0/north/DDATA/gateway-1/bioreactor-1')).toEqual({ groupId: 'north', messageType: 'DDATA', edgeNodeId: 'gateway-1', deviceId: 'bioreactor-1' });
    expect(parseTopic('spBv1.0/north/NDEATH/gateway-1').deviceId).toBeUndefined();
  });

  it.each(['', 'spBv1.0', 'spAv1.0/north/NDATA/g', 'spBv1.0/north/NDATA', 'spBv1.0/north/NDATA/', 'spBv1.0//NDATA/g', 'spBv1.0/north/DDATA/g', 'spBv1.0/north/NDATA/g/d', 'spBv1.0/north/DDATA/g/d/e',
    'spBv1.0/north/QDATA/g', 'spBv1.0/north/NCMD/g', 'spBv1.0/STATE/host', 'spBv1.0/north/DDATA/g/-', 'spBv1.0/north/DDATA/../d', 'spBv1.0/north/NDATA/a#b', `spBv1.0/north/NDATA/${'x'.repeat(129)}`, 'spBv1.0/north/NDATA/a\u0000b'])('refuses %j', (topic) => {
    expect(codeOf(() => parseTopic(topic))).toBe('sparkplug-malformed');
  });

  it('tells commands from telemetry', () => {
    expect([isCommandTopic('spBv1.0/north/NCMD/g'), isCommandTopic('spBv1.0/north/DCMD/g/d'), isCommandTopic('spBv1.0/north/NDATA/NCMD/')]).toEqual([true, true, false]);
  });
});

describe('a received message', () => {
  it('stands at the time of its sender, a death at that of the broker', () => {
    expect(receive(raw('NDATA', { timestamp: MINUTE, seq: 4 }))).toMatchObject({ sentAtEpochMs: MINUTE, seq: 4 });
    expect(receive(raw('NDEATH', { timestamp: MINUTE - 86_400_000 * 40, metrics: [{ name: 'bdSeq', datatype: DATATYPE.uint64, longValue: 7 }] }))).toMatchObject({ sentAtEpochMs: MINUTE + 100, seq: undefined });
    expect(receive(raw('NDEATH', {})).sentAtEpochMs).toBe(MINUTE + 100);
  });

  it.each([
    ['has no time', { seq: 1 }], ['has no number', { timestamp: MINUTE }],
  ])('is refused when it %s', (_, payload) => {
    expect(codeOf(() => receive(raw('NDATA', payload)))).toBe('sparkplug-malformed');
  });
});

const birth = (at: number, table: Birth['table'], deviceId: string | undefined = 'bioreactor-1'): Birth => ({ edgeNodeId: 'gateway-1', deviceId, timestampEpochMs: MINUTE + at, bdSeq: 1, table });
const FIRST = [['Temperature', '1', 10], ['pH', '2', 10]] as const;
const SECOND = [['pH', '1', 10], ['Temperature', '2', 10]] as const;
const nameOf = (book: BirthBook, at: number, alias = '1'): string | undefined => resolve({ name: undefined, alias, datatype: 0 }, book.sessionAt('bioreactor-1', MINUTE + at))?.name;

describe('names of metrics', () => {
  it('are those of the latest birth at or before the message, in whatever order births came', () => {
    for (const births of [[birth(0, FIRST), birth(500, SECOND)], [birth(500, SECOND), birth(0, FIRST)]]) {
      const book = new BirthBook(births);
      expect([-1, 0, 499, 500, 9999].map((at) => nameOf(book, at))).toEqual([undefined, 'Temperature', 'Temperature', 'pH', 'pH']);
    }
  });

  it('are the same for two births of one millisecond, whichever came first', () => {
    const [a, b] = [birth(0, FIRST), birth(0, SECOND)];
    expect(nameOf(new BirthBook([a, b]), 1)).toBe(nameOf(new BirthBook([b, a]), 1));
    expect(isPreferred(a, b)).not.toBe(isPreferred(b, a));
  });

  it('are unknown for an alias the birth lacks', () => {
    expect(nameOf(new BirthBook([birth(0, FIRST)]), 1, '3')).toBeUndefined();
  });

  it('are unknown when the gateway was born again and the device was not: its aliases may mean something else', () => {
    const book = new BirthBook([birth(0, FIRST), birth(60_000, [], undefined)]);
    expect([nameOf(book, 59_000), nameOf(book, 61_000)]).toEqual(['Temperature', undefined]);
    book.add(birth(60_010, FIRST));
    expect(nameOf(book, 61_000)).toBe('Temperature');
  });

  it('stand in the message itself when it has them', () => {
    expect(resolve({ name: 'x', alias: undefined, datatype: 3 }, undefined)).toEqual({ name: 'x', datatype: 3 });
    expect(resolve({ name: 'pH', alias: undefined, datatype: 0 }, new BirthBook([birth(0, FIRST)]).sessionAt('bioreactor-1', MINUTE))).toEqual({ name: 'pH', datatype: 10 });
  });

  it('list every alias a metric ever had', () => {
    expect([...new BirthBook([birth(0, FIRST), birth(1, SECOND)]).aliasesOf('bioreactor-1', 'pH')].sort()).toEqual(['1', '2']);
  });

  it('come from a birth message with the number of its session', () => {
    const message = receive(raw('NBIRTH', { timestamp: MINUTE, seq: 0, metrics: [{ name: 'bdSeq', datatype: DATATYPE.uint64, longValue: 7 }, { name: 'Temperature', alias: 5, datatype: DATATYPE.double, doubleValue: 37 }] }));
    expect(birthOf(message)).toEqual({ edgeNodeId: 'gateway-1', deviceId: undefined, timestampEpochMs: MINUTE, bdSeq: 7, table: [['bdSeq', '', 8], ['Temperature', '5', 10]] });
  });

  it('conflict when an alias means something else, or nothing, in the later birth', () => {
    expect([isConflict(FIRST, FIRST), isConflict(FIRST, SECOND), isConflict(FIRST, [...FIRST, ['new', '3', 10]]), isConflict(FIRST, [FIRST[0]]), isConflict([['a', '1', 9]], [['a', '1', 10]])]).toEqual([false, true, false, true, true]);
  });

  it('are missed by messages of data only', () => {
    const data = (metrics: readonly object[]) => receive(raw('DDATA', { timestamp: MINUTE + 5, seq: 1, metrics: metrics as never }, 'bioreactor-1'));
    const book = new BirthBook([birth(0, FIRST)]);
    expect(namingFault(data([{ alias: 1 }]), book)).toBeUndefined();
    expect(namingFault(data([{ alias: 1 }, { alias: 9 }]), book)).toBe('alias-unknown');
    expect(namingFault(data([{ alias: 1 }]), new BirthBook())).toBe('birth-missing');
    expect(namingFault(receive(raw('NBIRTH', { timestamp: MINUTE, seq: 0 })), new BirthBook())).toBeUndefined();
  });
});
