import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TrainingEvent } from '../../../models/federated/workflow/coordination.ts';
import { unawaitedOf, type MessageName } from '../../../models/federated/workflow/late.ts';
import { mailboxKey, stepOfKey, STEPS } from '../../../models/federated/workflow/mailbox.ts';

const name = fc.record({ from: fc.constantFrom('hill', 'north'), at: fc.record({ round: fc.nat(3), attempt: fc.integer({ min: 1, max: 3 }) }), step: fc.constantFrom(...STEPS) });
const textOf = ({ from, at: { round, attempt }, step }: MessageName): string => `${from} ${round} ${attempt} ${step}`;
const askOf = ({ from, at }: MessageName): TrainingEvent => ({ type: 'training-asked', ...at, members: [from], sentSha256: 'ab', closesAtEpochMs: 0 });
const takenOf = ({ from, at, step }: MessageName): TrainingEvent => ({ type: 'training-message-taken', from, ...at, step, sha256: 'ab' });

describe('messages in the mailbox of a run that is over', () => {
  it('are each on record, or refused: late where the hospital was asked, stale where it was not', () => {
    fc.assert(fc.property(fc.array(name), fc.array(name), fc.array(name), (found, known, asked) => {
      const unawaited = unawaitedOf([...asked.map(askOf), ...known.map(takenOf)], found);
      const onRecord = new Set(known.map(textOf));
      expect(unawaited.map(textOf)).toEqual(found.filter((each) => !onRecord.has(textOf(each))).map(textOf));
      for (const each of unawaited) expect(each.code).toBe(asked.some(({ from, at }) => from === each.from && at.round === each.at.round && at.attempt === each.at.attempt) ? 'training-round-late' : 'training-round-stale');
    }));
  });
  it('before all rounds are late', () => {
    expect(unawaitedOf([], [{ from: 'hill', at: { round: 0, attempt: 0 }, step: 'join' }])).toMatchObject([{ code: 'training-round-late' }]);
  });
});

describe('a key of the mailbox', () => {
  it('names the message it was made for', () => {
    fc.assert(fc.property(name, ({ at, step }) => { expect(stepOfKey(mailboxKey.answer('1/hill', 'TRN-1', at, step), '1/hill', 'TRN-1')).toEqual({ at, step }); }));
  });
  it.each(['1-1/lies', '1-1', '01-1/answer', '1-1/answer/2', '-1-1/answer', '99999999999-1/answer'])('%s names none', (rest) => {
    expect(stepOfKey(`answers/1/hill/TRN-1/${rest}`, '1/hill', 'TRN-1')).toBeUndefined();
  });
  it('of another run names none', () => { expect(stepOfKey(mailboxKey.answer('1/hill', 'TRN-2', { round: 1, attempt: 1 }, 'answer'), '1/hill', 'TRN-1')).toBeUndefined(); });
});
