import { describe, expect, it } from 'vitest';
import type { StreamId } from '../../../shared/record/envelope.ts';
import { PEOPLE, type TestPerson } from '../../support/people.ts';
import { LOG, NOW, SIGNERS, WITNESSES } from '../../support/verify/damages.ts';
import { entryOf, Recorder, register, START } from '../../support/verify/events.ts';
import { logOf } from '../../support/verify/naive-log.ts';
import { verifyFiles } from '../../support/verify/run.ts';

const { second, qualified } = PEOPLE;
/** May stop people, themselves too. */
const operator: TestPerson = { ...PEOPLE.operator, roles: [...PEOPLE.operator.roles, 'quality-reviewer'] };
const BATCH: StreamId = { kind: 'batch', id: 'north-20260302-TEST01' };
const OTHER: StreamId = { kind: 'batch', id: 'north-20260302-TEST02' };
const WORDS = ['--key', LOG.vkey, ...WITNESSES.flatMap(({ vkey }) => ['--witness', vkey])];
const personOf = ({ id }: typeof operator): StreamId => ({ kind: 'person', id });

type Act = Readonly<{ at: number; do: 'sign' | 'sign elsewhere' | 'other signs' | 'suspend' | 'revoke' | 'reinstate' | 'stop oneself' }>;

/** What the verifier says of events in this order, each recorded so many seconds after the start. */
const damagesOf = async (acts: readonly Act[]): Promise<readonly string[]> => {
  const recorder = new Recorder();
  for (const person of [operator, second, qualified]) register(recorder, person);
  for (const act of acts) {
    recorder.nowEpochMs = START + act.at * 1000;
    switch (act.do) {
      case 'sign': recorder.sign(BATCH, operator, { type: 'phase-signed' }); break;
      case 'sign elsewhere': recorder.sign(OTHER, operator, { type: 'phase-signed' }); break;
      case 'other signs': recorder.sign(BATCH, second, { type: 'phase-signed' }); break;
      case 'suspend': recorder.sign(personOf(operator), qualified, { type: 'person-suspended', reason: 'left' }); break;
      case 'revoke': recorder.sign(personOf(operator), qualified, { type: 'person-revoked', reason: 'left' }); break;
      case 'reinstate': recorder.sign(personOf(operator), qualified, { type: 'person-reinstated', reason: 'back' }); break;
      case 'stop oneself': recorder.sign(personOf(operator), operator, { type: 'person-suspended', reason: 'my password is lost' }); break;
    }
  }
  const { report } = await verifyFiles(logOf(recorder.recorded.map(entryOf), SIGNERS), WORDS, NOW);
  // As if one entry stood before the first act.
  const shift = recorder.recorded.length - acts.length - 1;
  return report.damages.map(({ entry = NaN, message }) => `${entry - shift}: ${message.replaceAll(/entry (\d+)/g, (_, index) => `entry ${Number(index) - shift}`)}`);
};
const at = (seconds: number, act: Act['do']): Act => ({ at: seconds, do: act });
const timeAt = (seconds: number): string => new Date(START + seconds * 1000).toISOString();

describe('the log of a hospital where somebody must not sign', () => {
  it.each<[string, readonly Act[]]>([
    ['whoever was stopped signed only before', [at(1, 'sign'), at(2, 'revoke'), at(1000, 'other signs')]],
    ['a suspended person came back', [at(1, 'sign'), at(100, 'suspend'), at(900, 'reinstate'), at(901, 'sign'), at(2000, 'sign')]],
    ['somebody stops their own account', [at(1, 'sign'), at(100, 'stop oneself')]],
    ['a signature and a stop passed each other', [at(1, 'sign'), at(100, 'revoke'), at(129, 'sign')]],
    ['a signature was accepted first and stored last', [at(100, 'revoke'), at(71, 'sign')]],
    ['a signature was stored before the stop that was decided before it', [at(129, 'sign'), at(100, 'revoke')]],
  ])('is sound when %s', async (_, acts) => { expect(await damagesOf(acts)).toEqual([]); });

  it.each<[string, readonly Act[], readonly string[]]>([
    ['signs after being revoked', [at(1, 'sign'), at(100, 'revoke'), at(131, 'sign'), at(5000, 'sign elsewhere')], [0, 1].map((i) => `${3 + i}: is signed by op-1, who was revoked at ${timeAt(100)} (entry 2)`)],
    ['signs while suspended', [at(100, 'suspend'), at(500, 'sign'), at(900, 'reinstate'), at(1000, 'sign')], [`2: is signed by op-1, who was suspended at ${timeAt(100)} (entry 1)`]],
    ['signed while suspended, and the keeper of the log put it behind the return', [at(100, 'suspend'), at(600, 'reinstate'), at(500, 'sign')], [`3: is signed by op-1, who was suspended at ${timeAt(100)} (entry 1)`]],
    ['signs after being revoked, and the server\'s time is put back', [at(100, 'revoke'), at(350, 'other signs'), at(99, 'sign elsewhere')], [`3: is signed by op-1 and comes after the event by which they were revoked at ${timeAt(100)} (entry 1), though it says it is of ${timeAt(99)}: back-dated, or taken in late`]],
    ['signs while the stop is held back', [at(131, 'sign'), at(100, 'revoke')], [`1: is signed by op-1 at ${timeAt(131)}, who was revoked at ${timeAt(100)} (entry 2, which comes later): the stop was held back`]],
    ['is suspended again after coming back', [at(100, 'suspend'), at(900, 'reinstate'), at(1000, 'suspend'), at(1100, 'sign')], [`4: is signed by op-1, who was suspended at ${timeAt(1000)} (entry 3)`]],
  ])('names the entry of who %s', async (_, acts, named) => { expect(await damagesOf(acts)).toEqual(named); });
});
