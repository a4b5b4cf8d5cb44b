import { describe, expect, it } from 'vitest';
import { followingOf, type Following } from '../../../scripts/verify/marked-entry.ts';
import { Streams } from '../../../scripts/verify/streams.ts';

const GENESIS = '0'.repeat(64);
const hashOf = (version: number): string => String(version).padStart(64, 'a');
/** An event as another thread read it: with a number of its stream, here the same for all. */
const event = (stream: string, version: number, previousHash = version === 1 ? GENESIS : hashOf(version - 1)): Following => ({
  ...followingOf({ stream: `{"id":"${stream}","kind":"batch"}`, version, recordedAt: '2026-03-02T14:05:09.120Z', previousHash, hash: hashOf(version), computedHash: hashOf(version), signers: 0, needsReading: false }), streamKey: 7,
});

describe('the chain of each stream', () => {
  it('is held apart from that of another stream with the same number', () => {
    const streams = new Streams();
    for (const version of [1, 2, 3]) for (const stream of ['N-1', 'N-2']) expect(streams.follow(event(stream, version))).toBeUndefined();
    expect(streams.count).toBe(2);
    expect(streams.lastId).toEqual({ kind: 'batch', id: 'N-2' });
    expect(streams.follow(event('N-1', 4, hashOf(9)))).toContain('does not follow version 3');
  });

  it('goes on after an event that could not be read, found by its number as by its text', () => {
    const streams = new Streams();
    for (const version of [1, 2]) expect(streams.follow(event('N-1', version))).toBeUndefined();
    streams.skipEvent('{"id":"N-1","kind":"batch"}', 3);
    expect(streams.follow(event('N-1', 4, hashOf(9)))).toBeUndefined();
    expect(streams.follow(event('N-1', 5))).toBeUndefined();
    expect(streams.follow(event('N-1', 7))).toContain('got version 7 after version 5');
  });
});
