import { describe, expect, it } from 'vitest';
import { progressOn } from '../../../scripts/verify/progress.ts';
import { parseVerifierKey } from '../../../scripts/verify/keys.ts';
import { verifyLog } from '../../../scripts/verify/verify-log.ts';
import { LOG, NOW, SOUND } from '../../support/verify/damages.ts';
import { memorySource } from '../../support/verify/memory-source.ts';

const screenOf = (isTerminal: boolean) => {
  const time = { nowMs: 0 }, said: string[] = [];
  const progress = progressOn({ isTerminal, nowEpochMs: () => time.nowMs, error: (text) => { said.push(text); } });
  const showAt = (ms: number, done: number): void => {
    time.nowMs = ms;
    progress.show(done, 20_000, 'telemetry chunks');
  };
  return { said, showAt, clear: () => { progress.clear(); } };
};

describe('the progress of a verification', () => {
  it('writes over one line of a terminal, and takes it away at the end', () => {
    const { said, showAt, clear } = screenOf(true);
    for (const [ms, done] of [[100, 1], [200, 1500], [250, 1600], [400, 2000]] as const) showAt(ms, done);
    clear();
    expect(said).toEqual(['\r\u001b[K1,500 of 20,000 telemetry chunks', '\r\u001b[K2,000 of 20,000 telemetry chunks', '\r\u001b[K']);
  });
  it('writes a line each few seconds where there is no terminal, and nothing of what is short', () => {
    const { said, showAt, clear } = screenOf(false);
    for (let ms = 0; ms <= 11_000; ms += 100) showAt(ms, ms);
    clear();
    expect(said).toEqual(['5,000 of 20,000 telemetry chunks\n', '10,000 of 20,000 telemetry chunks\n']);
    expect(screenOf(false).said).toEqual([]);
  });
  it('goes over the entries, and then over the chunks, to the end of both', async () => {
    const seen = new Map<string, number[]>();
    await verifyLog({
      source: memorySource(SOUND), key: parseVerifierKey(LOG.vkey, 1), witnesses: [], quorum: 0, nowEpochMs: NOW,
      progress: (done, of, what) => { seen.set(what, [...seen.get(what) ?? [], done / of]); },
    });
    expect([...seen.keys()]).toEqual(['entries', 'telemetry chunks']);
    for (const shares of seen.values()) expect([shares.length > 2, shares.toSorted((a, b) => a - b), shares.at(-1)]).toEqual([true, shares, 1]);
  });
});
