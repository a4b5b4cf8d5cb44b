import { randomUUID } from 'node:crypto';
import type { Clock } from '../../core/contracts.ts';
import type { Catcher, Machine, Retrier, State } from './asl.ts';
import { evaluate, StateError, type Bindings } from './evaluate.ts';
import type { Execution, ExecutionStore } from './store.ts';

export type EngineParts = Readonly<{
  store: ExecutionStore;
  clock: Clock;
  machineOf(machineArn: string): Machine;
  /** Invoke a function as the machine's role; a function's own error is a StateError. */
  invoke(machineArn: string, functionArn: string, payload: unknown): Promise<unknown>;
  log(message: string, facts: Readonly<Record<string, unknown>>): void;
}>;

const DEFAULT_INTERVAL_SECONDS = 1;
const DEFAULT_ATTEMPTS = 3;
const DEFAULT_BACKOFF = 2;
const TOKEN_RESOURCE = '.waitForTaskToken';

const catches = (names: readonly string[], error: string): boolean => names.includes(error) || names.includes('States.ALL') || (names.includes('States.TaskFailed') && error !== 'States.Timeout');

type Taken = Readonly<{ result: unknown; next?: string }>;

/** Runs executions, one state at a time; each step is on disk before its effect. A task whose effect may have happened is done again after a crash: at least once. */
export class StateEngine {
  readonly #parts: EngineParts;
  readonly #active = new Set<string>();
  readonly #stopping = new AbortController();

  constructor(parts: EngineParts) {
    this.#parts = parts;
  }

  /** Go on with an execution, if nobody does. */
  run(arn: string): void {
    if (this.#active.has(arn) || this.#stopping.signal.aborted) return;
    this.#active.add(arn);
    void this.#drive(arn).catch((error: unknown) => { this.#parts.log('execution broke', { arn, error: error instanceof Error ? error.stack : String(error) }); }).finally(() => {
      this.#active.delete(arn);
      const held = this.#stopping.signal.aborted ? undefined : this.#parts.store.get(arn);
      if (held?.status === 'RUNNING' && held.answer !== undefined) this.run(arn);
    });
  }

  stop(): void {
    this.#stopping.abort();
  }

  async #drive(arn: string): Promise<void> {
    for (;;) {
      const execution = this.#parts.store.get(arn);
      if (execution?.status !== 'RUNNING' || this.#stopping.signal.aborted) return;
      if (execution.token !== undefined && execution.answer === undefined) return;
      if (execution.wakeEpochMs !== undefined) await this.#parts.clock.until(execution.wakeEpochMs, this.#stopping.signal);
      if (!(await this.#step(execution))) return;
    }
  }

  /** @returns false when the execution now waits for a token, or has ended */
  async #step(execution: Execution): Promise<boolean> {
    const { store, machineOf } = this.#parts;
    const state = machineOf(execution.machineArn).States[execution.state];
    if (state === undefined) {
      store.keep({ ...execution, status: 'FAILED', error: 'States.Runtime', cause: `no state ${execution.state}`, stoppedEpochMs: this.#parts.clock.now() });
      return false;
    }
    try {
      return await this.#take(execution, state);
    } catch (error) {
      if (!(error instanceof StateError)) throw error;
      return this.#recover(execution, state, error);
    }
  }

  async #take(execution: Execution, state: State): Promise<boolean> {
    switch (state.Type) {
      case 'Succeed': return this.#end(execution, await this.#output(execution, state, execution.stateInput));
      case 'Fail': throw new StateError(state.Error ?? 'States.Failed', state.Cause ?? '');
      case 'Choice': return this.#leave(execution, state, await this.#choose(execution, state));
      case 'Wait': return this.#wait(execution, state);
      case 'Task': return this.#task(execution, state);
      default: return this.#leave(execution, state, { result: execution.stateInput });
    }
  }

  #bindings(execution: Execution, more: Readonly<Record<string, unknown>> = {}): Bindings {
    const { arn, name, input, startedEpochMs, state, stateInput, variables, machineArn, token } = execution;
    const context = { Execution: { Id: arn, Name: name, Input: input, StartTime: new Date(startedEpochMs).toISOString() }, State: { Name: state }, StateMachine: { Id: machineArn }, ...(token === undefined ? {} : { Task: { Token: token } }) };
    return { states: { input: stateInput, context, ...more }, variables };
  }

  async #choose(execution: Execution, { Choices = [], Default }: State): Promise<Taken> {
    for (const { Condition, Next } of Choices) {
      if (await evaluate(Condition, this.#bindings(execution)) === true) return { result: execution.stateInput, next: Next };
    }
    if (Default === undefined) throw new StateError('States.NoChoiceMatched', `state ${execution.state} has no choice for its input`);
    return { result: execution.stateInput, next: Default };
  }

  async #wait(execution: Execution, state: State): Promise<boolean> {
    if (execution.wakeEpochMs !== undefined) return this.#leave(execution, state, { result: execution.stateInput });
    const bindings = this.#bindings(execution);
    const wakeEpochMs = state.Timestamp === undefined ? this.#parts.clock.now() + Number(await evaluate(state.Seconds, bindings)) * 1000 : Date.parse(String(await evaluate(state.Timestamp, bindings)));
    this.#parts.store.keep({ ...execution, wakeEpochMs });
    return true;
  }

  async #task(execution: Execution, state: State): Promise<boolean> {
    if (execution.answer !== undefined) {
      if ('error' in execution.answer) throw new StateError(execution.answer.error, execution.answer.cause);
      return this.#leave(execution, state, { result: execution.answer.output });
    }
    const waits = state.Resource?.endsWith(TOKEN_RESOURCE) === true;
    const held = waits ? this.#parts.store.keep({ ...execution, token: randomUUID() }) : execution;
    const { FunctionName, Payload } = await evaluate(state.Arguments, this.#bindings(held)) as Readonly<{ FunctionName: string; Payload: unknown }>;
    const payload = await this.#invokeWithin(state, held.machineArn, FunctionName, Payload);
    if (waits) {
      // The answer may have come while the function still ran.
      return this.#parts.store.get(execution.arn)?.answer !== undefined;
    }
    return this.#leave(held, state, { result: { Payload: payload, StatusCode: 200 } });
  }

  async #invokeWithin({ TimeoutSeconds }: State, machineArn: string, functionArn: string, payload: unknown): Promise<unknown> {
    const invoked = this.#parts.invoke(machineArn, functionArn, payload);
    if (TimeoutSeconds === undefined) return invoked;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => { timer = setTimeout(() => { reject(new StateError('States.Timeout', `no answer in ${TimeoutSeconds} s`)); }, TimeoutSeconds * 1000); });
    return Promise.race([invoked, late]).finally(() => { clearTimeout(timer); });
  }

  #output(execution: Execution, { Output }: State, result: unknown): Promise<unknown> {
    return Output === undefined ? Promise.resolve(result) : evaluate(Output, this.#bindings(execution, { result }));
  }

  async #assigned(execution: Execution, assign: unknown, more: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, unknown>>> {
    return assign === undefined ? execution.variables : { ...execution.variables, ...await evaluate(assign, this.#bindings(execution, more)) as Readonly<Record<string, unknown>> };
  }

  async #leave(execution: Execution, state: State, { result, next = state.Next }: Taken): Promise<boolean> {
    const output = await this.#output(execution, state, result);
    const variables = await this.#assigned(execution, state.Assign, { result });
    if (next === undefined) return this.#end({ ...execution, variables }, output);
    this.#enter({ ...execution, variables }, next, output);
    return true;
  }

  #enter(execution: Execution, state: string, stateInput: unknown): void {
    const { token: _token, answer: _answer, wakeEpochMs: _wake, ...rest } = execution;
    this.#parts.store.keep({ ...rest, state, stateInput, attempts: {}, history: [...execution.history, state] });
  }

  #end(execution: Execution, output: unknown): false {
    const { token: _token, answer: _answer, wakeEpochMs: _wake, ...rest } = execution;
    this.#parts.store.keep({ ...rest, status: 'SUCCEEDED', output, stoppedEpochMs: this.#parts.clock.now() });
    return false;
  }

  async #recover(execution: Execution, { Retry = [], Catch = [] }: State, error: StateError): Promise<boolean> {
    const { token: _token, answer: _answer, wakeEpochMs: _wake, ...rest } = execution;
    const index = Retry.findIndex(({ ErrorEquals }) => catches(ErrorEquals, error.error));
    const retrier = Retry[index];
    const made = execution.attempts[String(index)] ?? 0;
    if (retrier !== undefined && made < (retrier.MaxAttempts ?? DEFAULT_ATTEMPTS)) {
      this.#parts.store.keep({ ...rest, attempts: { ...execution.attempts, [String(index)]: made + 1 }, wakeEpochMs: this.#parts.clock.now() + delayMs(retrier, made) });
      return true;
    }
    const errorOutput = { Error: error.error, Cause: error.message };
    const catcher = Catch.find(({ ErrorEquals }) => catches(ErrorEquals, error.error));
    this.#parts.log('state failed', { execution: execution.name, state: execution.state, error: error.error, cause: error.message, caught: catcher?.Next });
    if (catcher === undefined) {
      this.#parts.store.keep({ ...rest, status: 'FAILED', error: error.error, cause: error.message, stoppedEpochMs: this.#parts.clock.now() });
      return false;
    }
    await this.#catch(execution, catcher, errorOutput);
    return true;
  }

  async #catch(execution: Execution, { Assign, Output, Next }: Catcher, errorOutput: Readonly<{ Error: string; Cause: string }>): Promise<void> {
    const variables = await this.#assigned(execution, Assign, { errorOutput });
    this.#enter({ ...execution, variables }, Next, Output === undefined ? errorOutput : await evaluate(Output, this.#bindings(execution, { errorOutput })));
  }
}

/** Full jitter is any time up to the delay; half of it is as good as any here, and repeatable. */
const delayMs = ({ IntervalSeconds = DEFAULT_INTERVAL_SECONDS, BackoffRate = DEFAULT_BACKOFF, MaxDelaySeconds = Infinity, JitterStrategy }: Retrier, made: number): number =>
  Math.min(IntervalSeconds * BackoffRate ** made, MaxDelaySeconds) * 1000 * (JitterStrategy === 'FULL' ? 0.5 : 1);
