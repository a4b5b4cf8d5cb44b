import type { Bindings } from './evaluate.ts';
import type { Execution } from './store.ts';

/** `$states` and the variables, as an expression of the current state sees them; `more` adds `result` or `errorOutput`. */
export const bindingsOf = (execution: Execution, more: Readonly<Record<string, unknown>> = {}, item = execution.below?.item): Bindings => {
  const { arn, name, input, startedEpochMs, state, stateInput, enteredEpochMs, variables, machineArn, token, attempts, below } = execution;
  const context = {
    Execution: { Id: below?.rootArn ?? arn, Name: name, Input: input, StartTime: new Date(startedEpochMs).toISOString() },
    State: { Name: state, EnteredTime: new Date(enteredEpochMs ?? startedEpochMs).toISOString(), RetryCount: Object.values(attempts).reduce((sum, made) => sum + made, 0) },
    StateMachine: { Id: machineArn, Name: machineArn.split(':').at(-1) },
    ...(token === undefined ? {} : { Task: { Token: token } }), ...(item === undefined ? {} : { Map: { Item: item } }),
  };
  return { states: { input: stateInput, context, ...more }, variables };
};
