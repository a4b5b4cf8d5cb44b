import { describe, expect, it } from 'vitest';
import { releaseDefinition } from '../../infra/release/definition.ts';
import { eventually } from './support/eventually.ts';
import { fails, startEngine } from './support/state-machine.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

type Sequenced = Readonly<{ entries: number; size: number; checkpoint: string; isWhole: boolean }>;
const DEFINITION = JSON.stringify(releaseDefinition({ seal: 'seal', monitor: 'monitor', review: 'review', wait: 'wait', certificate: 'certificate', sequencer: 'sequencer' }));
const ofLog = (checkpoint: string, isWhole: boolean): Sequenced => ({ entries: 3, size: 9, checkpoint, isWhole });

/** The release workflow of a batch without open points, over functions in memory. */
const startRelease = (sequenced: () => Sequenced) => {
  const asked: string[] = [];
  const engine = startEngine(temporaryFolder(), DEFINITION, {
    seal: () => ({}), monitor: () => ({ settlesInSeconds: 0 }), review: () => ({ openPoints: [], reviewedVersion: 7 }), sequencer: sequenced,
    wait: ({ waitingFor }: Readonly<{ waitingFor: string }>) => { asked.push(waitingFor); return {}; },
  });
  engine.begin({ batchId: 'north-20260302-ABC123', completedVersion: 6 });
  return { ...engine, asked, taken: () => engine.calls.filter(({ name }) => name === 'sequencer').length };
};

describe('the release of a batch', () => {
  it('asks for certification once the record is in the tree and under a published checkpoint', async () => {
    const release = startRelease(() => ofLog('published', true));
    await eventually('the question to the qualified person', () => release.asked.length > 0);
    expect([release.asked, release.taken()]).toEqual([['disposition'], 1]);
    release.stop();
  });
  it.each([['no quorum of witnesses answers', ofLog('waiting', false)], ['the log has not taken all in', ofLog('published', false)]])('asks nobody to certify while %s, tries again, and asks then', async (_, waiting) => {
    const log = { now: waiting };
    const release = startRelease(() => log.now);
    for (let tries = 1; tries < 4; tries += 1) {
      await eventually('the next look at the log', () => release.taken() === tries && release.current().wakeEpochMs !== undefined);
      expect(release.asked).toEqual([]);
      release.clock.advance(900_000);
    }
    await eventually('one more look', () => release.taken() === 4 && release.current().wakeEpochMs !== undefined);
    log.now = ofLog('published', true);
    release.clock.advance(900_000);
    await eventually('the question to the qualified person', () => release.asked.length > 0);
    expect(release.asked).toEqual(['disposition']);
    release.stop();
  });
  it('keeps the certificate out of every state, however long it is', async () => {
    const engine = startEngine(temporaryFolder(), DEFINITION, {
      seal: () => ({}), monitor: () => ({ settlesInSeconds: 0 }), review: () => ({ openPoints: [], reviewedVersion: 7 }), sequencer: () => ofLog('published', true), wait: () => ({}), certificate: () => ({ certificateId: 'CERT-1' }),
    });
    engine.begin({ batchId: 'north-20260302-ABC123', completedVersion: 6 });
    await eventually('the question to the qualified person', () => engine.current().called === true);
    engine.answer(engine.current().token ?? '', { output: { disposition: 'release' } });
    expect(await engine.ended()).toMatchObject({ status: 'SUCCEEDED', output: { certificateId: 'CERT-1' } });
    expect(engine.calls.filter(({ name }) => name === 'certificate').map(({ payload }) => payload)).toEqual([{ batchId: 'north-20260302-ABC123' }]);
    engine.stop();
  });
  it('asks what process monitoring makes of the culture before the review, and waits until telemetry of it is settled', async () => {
    const settles = [1800, 60, 0];
    const engine = startEngine(temporaryFolder(), DEFINITION, {
      seal: () => ({}), monitor: () => ({ settlesInSeconds: settles.shift() }), review: () => ({ openPoints: [], reviewedVersion: 7 }), sequencer: () => ofLog('published', true), wait: () => ({}),
    });
    engine.begin({ batchId: 'north-20260302-ABC123', completedVersion: 6 });
    for (const [asked, pause] of [[1, 1800], [2, 60]] as const) {
      await eventually(`look ${asked}`, () => engine.calls.length === 1 + asked && engine.current().wakeEpochMs !== undefined);
      expect(engine.calls.map(({ name }) => name)).toEqual(['seal', ...Array.from({ length: asked }, () => 'monitor')]);
      engine.clock.advance((pause - 1) * 1000);
      expect(engine.calls.map(({ name }) => name)).not.toContain('review');
      engine.clock.advance(1000);
    }
    await eventually('the review', () => engine.calls.some(({ name }) => name === 'wait'));
    expect(engine.calls.map(({ name }) => name)).toEqual(['seal', 'monitor', 'monitor', 'monitor', 'review', 'sequencer', 'wait']);
    engine.stop();
  });
  it('reviews without a word of process monitoring where that fails', async () => {
    const engine = startEngine(temporaryFolder(), DEFINITION, {
      seal: () => ({}), monitor: () => fails('DomainError', 'model-tampered'), review: () => ({ openPoints: [], reviewedVersion: 7 }), sequencer: () => ofLog('published', true), wait: () => ({}),
    });
    engine.begin({ batchId: 'north-20260302-ABC123', completedVersion: 6 });
    for (let tries = 1; tries <= 3; tries += 1) {
      await eventually('another try', () => engine.calls.filter(({ name }) => name === 'monitor').length === tries && engine.current().wakeEpochMs !== undefined);
      engine.clock.advance(60_000);
    }
    await eventually('the review', () => engine.calls.some(({ name }) => name === 'wait'));
    expect(engine.calls.filter(({ name }) => name === 'review')).toHaveLength(1);
    engine.stop();
  });
});
