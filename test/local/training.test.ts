import { describe, expect, it } from 'vitest';
import { trainingDefinition } from '../../infra/training/definition.ts';
import { fails, startEngine } from './support/state-machine.ts';
import { eventually } from './support/eventually.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

const DEFINITION = JSON.stringify(trainingDefinition('coordinate'));
type Standing = Readonly<{ phase: string; waitSeconds: number }>;

/** Run the machine over these answers of the function, moving the clock where it waits. */
const play = async (answers: readonly (Standing | 'fails')[]) => {
  let at = 0;
  const engine = startEngine(temporaryFolder(), DEFINITION, {
    coordinate: () => {
      const answer = answers[at] ?? { phase: 'aborted', waitSeconds: 1 };
      at += 1;
      return answer === 'fails' ? fails('version-conflict') : answer;
    },
  });
  engine.begin({ runId: 'TRN-1' });
  await eventually('the execution to end', () => {
    engine.clock.advance(60_000);
    return engine.current().status !== 'RUNNING';
  });
  const { status, history } = await engine.ended();
  const { calls } = engine;
  engine.stop();
  return { status, history, calls };
};

describe('the training workflow as it is deployed', () => {
  it('waits for what is due, by name, and asks until the run is over', async () => {
    const { status, history, calls } = await play(['joining', 'answers', 'confirmations', 'reveals', 'answers', 'finished'].map((phase) => ({ phase, waitSeconds: 15 })));
    expect(status).toBe('SUCCEEDED');
    expect(history.filter((name) => name.startsWith('WaitFor'))).toEqual(['WaitForHospitals', 'WaitForAnswers', 'WaitForConfirmations', 'WaitForReveals', 'WaitForAnswers']);
    expect(history.at(-1)).toBe('Finished');
    expect(calls.every(({ payload }) => JSON.stringify(payload) === '{"runId":"TRN-1"}')).toBe(true);
  });
  it('looks again when a person stopped the run between two looks', async () => {
    const { status, history } = await play([{ phase: 'joining', waitSeconds: 15 }, 'fails', { phase: 'aborted', waitSeconds: 15 }]);
    expect([status, history.at(-1)]).toEqual(['SUCCEEDED', 'Aborted']);
  });
});
