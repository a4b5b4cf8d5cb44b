import { LapseClock } from '../../../infra/local/core/clock.ts';
import { parseMachine } from '../../../infra/local/services/states/definition.ts';
import { StateEngine } from '../../../infra/local/services/states/engine.ts';
import { StateError } from '../../../infra/local/services/states/evaluate.ts';
import { ExecutionStore, type Execution } from '../../../infra/local/services/states/store.ts';
import { eventually } from './eventually.ts';

export type States = Readonly<Record<string, unknown>>;
export const machineOf = (StartAt: string, States: States): string => JSON.stringify({ QueryLanguage: 'JSONata', StartAt, States });
export const invoke = (functionName: string, payload: unknown = '{% $states.input %}', more: States = {}): States => ({ Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke', Arguments: { FunctionName: functionName, Payload: payload }, Output: '{% $states.result.Payload %}', ...more });
export const waitForToken = (functionName: string, more: States = {}): States => ({ Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken', Arguments: { FunctionName: functionName, Payload: { token: '{% $states.context.Task.Token %}', input: '{% $states.input %}' } }, ...more });

type Functions = Readonly<Record<string, (payload: never) => unknown>>;
const MACHINE = 'arn:aws:states:eu-west-1:111111111111:stateMachine:release';
const ARN = 'arn:aws:states:eu-west-1:111111111111:execution:release:batch-1';
/** A clock far enough behind that tests can move it on by days. */
const BEHIND_MS = 30 * 86_400_000;

/** An engine on a folder, its functions in memory; another one on the same folder is a restart. */
export const startEngine = (folder: string, definition: string, functions: Functions = {}) => {
  const store = new ExecutionStore(folder);
  const clock = new LapseClock(BEHIND_MS, () => undefined);
  const calls: { name: string; payload: unknown }[] = [];
  const machine = parseMachine(definition);
  const engine = new StateEngine({
    store, clock, machineOf: () => machine, log: () => undefined,
    invoke: async (_, name, payload) => {
      calls.push({ name, payload });
      const run = functions[name];
      if (run === undefined) throw new StateError('ResourceNotFoundException', `no function ${name}`);
      return await run(payload as never);
    },
  });
  const current = (): Execution => store.get(ARN)!;
  return {
    store, clock, calls, current,
    begin: (input: unknown = {}): void => {
      store.begin({ arn: ARN, machineArn: MACHINE, name: 'batch-1', input, startedEpochMs: clock.now(), enteredEpochMs: clock.now(), status: 'RUNNING', state: machine.StartAt, stateInput: input, variables: {}, attempts: {}, history: [machine.StartAt] });
      engine.run(ARN);
    },
    resume: (): void => { for (const { arn } of store.running()) engine.run(arn); },
    answer: (token: string, answer: NonNullable<Execution['answer']>): void => {
      const waiting = store.byToken(token)!;
      store.keep({ ...waiting, answer });
      engine.run(waiting.arn);
    },
    ended: (): Promise<Execution> => eventually('the execution to end', () => current().status !== 'RUNNING' && current()),
    stop: (): void => {
      engine.stop();
      store.close();
    },
  };
};

export const fails = (error: string, cause = ''): never => { throw new StateError(error, cause); };
