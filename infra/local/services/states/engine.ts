import { randomUUID } from 'node:crypto';
import type { Clock } from '../../core/contracts.ts';
import { machineAt, type Catcher, type Machine, type State } from './asl.ts';
import { bindingsOf } from './bindings.ts';
import { requireSmall } from './data-limit.ts';
import { evaluate, StateError } from './evaluate.ts';
import { beginBelow, planFanOut } from './fan-out.ts';
import { catches, DEFAULT_ATTEMPTS, delayMs } from './retry.ts';
import type { Execution, ExecutionStore } from './store.ts';

export type EngineParts = Readonly<{
  store: ExecutionStore;
  clock: Clock;
  machineOf(machineArn: string): Machine;
  /** Invoke a function as the machine's role; a function's own error is a StateError. */
  invoke(machineArn: string, functionArn: string, payload: unknown): Promise<unknown>;
  log(message: string, facts: Readonly<Record<string, unknown>>): void;
}>;

const TOKEN_RESOURCE = '.waitForTaskToken';

/** How a state is left: its result, and what its choice rule says instead of the state. */
type Taken = Readonly<{ result?: unknown; next?: string; rule?: Readonly<{ Assign?: unknown; Output?: unknown }> }>;

/** Free of what belongs to the state being left. */
const leaving = ({ token: _token, called: _called, deadlineEpochMs: _deadline, answer: _answer, wakeEpochMs: _wake, fanOut: _fanOut, ...rest }: Execution): Execution => rest;

/** Runs executions, one state at a time; each step is on disk before its effect. A task whose effect may have happened is done again after a crash: at least once. */
export class StateEngine {
  readonly #parts: EngineParts;
  readonly #active = new Set<string>();
  /** Asked for while they were active: looked at again. */
  readonly #again = new Set<string>();
  readonly #stopping = new AbortController();

  constructor(parts: EngineParts) {
    this.#parts = parts;
  }

  /** Go on with an execution, if nobody does. */
  run(arn: string): void {
    if (this.#stopping.signal.aborted) return;
    if (this.#active.has(arn)) {
      this.#again.add(arn);
      return;
    }
    this.#active.add(arn);
    void this.#drive(arn).catch((error: unknown) => { this.#break(arn, error); }).finally(() => {
      this.#active.delete(arn);
      if (this.#again.delete(arn)) this.run(arn);
    });
  }

  stop(): void {
    this.#stopping.abort();
  }

  /** A fault of the definition or of the local cloud, which no state can catch. */
  #break(arn: string, error: unknown): void {
    if (this.#stopping.signal.aborted) return;
    this.#parts.log('execution broke', { arn, error: error instanceof Error ? error.stack : String(error) });
    const execution = this.#parts.store.get(arn);
    if (execution?.status === 'RUNNING') this.#finish(execution, { status: 'FAILED', error: 'States.Runtime', cause: error instanceof Error ? error.message : String(error) });
  }

  async #drive(arn: string): Promise<void> {
    for (;;) {
      const execution = this.#parts.store.get(arn);
      if (execution?.status !== 'RUNNING' || this.#stopping.signal.aborted) return;
      if (this.#waitsForToken(execution)) return;
      if (execution.wakeEpochMs !== undefined) await this.#parts.clock.until(execution.wakeEpochMs, this.#stopping.signal);
      if (!(await this.#step(execution))) return;
    }
  }

  #waitsForToken({ arn, called, answer, deadlineEpochMs }: Execution): boolean {
    if (called !== true || answer !== undefined) return false;
    if (deadlineEpochMs === undefined) return true;
    if (deadlineEpochMs <= this.#parts.clock.now()) return false;
    void this.#parts.clock.until(deadlineEpochMs, this.#stopping.signal).then(() => { this.run(arn); }, () => undefined);
    return true;
  }

  #stateOf({ machineArn, below, state }: Execution): State {
    const found = machineAt(this.#parts.machineOf(machineArn), below?.scope ?? [])?.States[state];
    if (found === undefined) throw new Error(`the definition has no state ${state} any more`);
    return found;
  }

  /** @returns false when the execution now waits for a token or for what is below it, or has ended */
  async #step(execution: Execution): Promise<boolean> {
    const state = this.#stateOf(execution);
    try {
      return await this.#take(execution, state);
    } catch (error) {
      if (!(error instanceof StateError) || this.#stopping.signal.aborted) throw error;
      return await this.#recover(execution, state, error);
    }
  }

  async #take(execution: Execution, state: State): Promise<boolean> {
    switch (state.Type) {
      case 'Fail': throw new StateError(String(await this.#text(execution, state.Error) ?? 'States.Failed'), String(await this.#text(execution, state.Cause) ?? ''));
      case 'Choice': return this.#leave(execution, state, await this.#choose(execution, state));
      case 'Wait': return this.#wait(execution, state);
      case 'Task': return this.#task(execution, state);
      case 'Parallel': case 'Map': return this.#fanOut(execution, state);
      default: return this.#leave(execution, state, {});
    }
  }

  #text(execution: Execution, value: unknown): Promise<unknown> {
    return value === undefined ? Promise.resolve(undefined) : evaluate(value, bindingsOf(execution));
  }

  async #choose(execution: Execution, { Choices = [], Default }: State): Promise<Taken> {
    for (const rule of Choices) {
      const holds = await evaluate(rule.Condition, bindingsOf(execution));
      if (typeof holds !== 'boolean') throw new StateError('States.QueryEvaluationError', `Condition ${rule.Condition}: got ${JSON.stringify(holds)}, want true or false`);
      if (holds) return { next: rule.Next, rule };
    }
    if (Default === undefined) throw new StateError('States.NoChoiceMatched', `state ${execution.state} has no choice for its input`);
    return { next: Default };
  }

  async #wait(execution: Execution, state: State): Promise<boolean> {
    if (execution.wakeEpochMs !== undefined) return this.#leave(execution, state, {});
    const wanted = await evaluate(state.Timestamp ?? state.Seconds, bindingsOf(execution));
    const wakeEpochMs = state.Timestamp === undefined ? this.#parts.clock.now() + Number(wanted) * 1000 : Date.parse(String(wanted));
    if (!Number.isFinite(wakeEpochMs)) throw new StateError('States.QueryEvaluationError', `state ${execution.state} waits for ${JSON.stringify(wanted)}, which is no time`);
    this.#parts.store.keep({ ...execution, wakeEpochMs });
    return true;
  }

  async #task(execution: Execution, state: State): Promise<boolean> {
    if (execution.answer !== undefined) {
      if ('error' in execution.answer) throw new StateError(execution.answer.error, execution.answer.cause);
      return this.#leave(execution, state, { result: execution.answer.output });
    }
    const timeoutSeconds = state.TimeoutSeconds === undefined ? undefined : Number(await evaluate(state.TimeoutSeconds, bindingsOf(execution)));
    if (execution.called === true) throw new StateError('States.Timeout', `no answer to the task token in ${String(timeoutSeconds)} s`);
    if (state.Resource?.endsWith(TOKEN_RESOURCE) !== true) {
      const payload = await this.#call(execution, state, timeoutSeconds);
      return this.#leave(execution, state, { result: { Payload: payload, StatusCode: 200 } });
    }
    const deadline = timeoutSeconds === undefined ? {} : { deadlineEpochMs: this.#parts.clock.now() + timeoutSeconds * 1000 };
    const held = this.#parts.store.keep({ ...deadline, ...execution, token: execution.token ?? randomUUID() });
    await this.#call(held, state, timeoutSeconds);
    // The answer may have come while the function still ran: it is in the store, not in `held`.
    const { answer } = this.#parts.store.get(held.arn) ?? {};
    this.#parts.store.keep({ ...held, called: true, ...(answer === undefined ? {} : { answer }) });
    return true;
  }

  async #call(execution: Execution, state: State, timeoutSeconds: number | undefined): Promise<unknown> {
    const { FunctionName, Payload } = await evaluate(state.Arguments, bindingsOf(execution)) as Readonly<{ FunctionName: string; Payload: unknown }>;
    requireSmall(execution.state, Payload);
    const invoked = this.#parts.invoke(execution.machineArn, FunctionName, Payload).then((result) => {
      requireSmall(execution.state, result);
      return result;
    });
    if (timeoutSeconds === undefined) return invoked;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => { timer = setTimeout(() => { reject(new StateError('States.Timeout', `no answer in ${timeoutSeconds} s`)); }, timeoutSeconds * 1000); });
    return Promise.race([invoked, late]).finally(() => { clearTimeout(timer); });
  }

  /** Branches and iterations run as executions of their own below this one, which goes on when the last of them has ended or the first has failed. */
  async #fanOut(execution: Execution, state: State): Promise<boolean> {
    const { store, clock } = this.#parts;
    const { fanOut } = execution;
    if (fanOut === undefined) {
      store.keep(await planFanOut(store, execution, state));
      return true;
    }
    const { total, running, failed } = store.familyState(fanOut.family);
    const failure = fanOut.failed ?? (failed === undefined ? undefined : { error: failed.error ?? '', cause: failed.cause ?? '' });
    if (failure !== undefined) {
      // The failure is on disk before the rest is stopped, else a crash in between would begin all of it again.
      store.keep({ ...execution, fanOut: { ...fanOut, failed: failure } });
      store.removeBelow(execution.arn);
      throw new StateError(failure.error, failure.cause);
    }
    if (running === 0 && total === fanOut.inputs.length) {
      const left = await this.#leave(execution, state, { result: store.outputsOf(fanOut.family) });
      store.removeBelow(execution.arn);
      return left;
    }
    for (const arn of beginBelow(store, execution, state, clock.now())) this.run(arn);
    return false;
  }

  async #assigned(execution: Execution, assign: unknown, more: Readonly<Record<string, unknown>>): Promise<Readonly<Record<string, unknown>>> {
    return assign === undefined ? execution.variables : { ...execution.variables, ...await evaluate(assign, bindingsOf(execution, more)) as Readonly<Record<string, unknown>> };
  }

  async #leave(execution: Execution, state: State, { result, next = state.Next, rule = state }: Taken): Promise<boolean> {
    const more = result === undefined ? {} : { result };
    const output = rule.Output === undefined ? result ?? execution.stateInput : await evaluate(rule.Output, bindingsOf(execution, more));
    const variables = await this.#assigned(execution, rule.Assign, more);
    if (next === undefined) {
      this.#finish({ ...execution, variables }, { status: 'SUCCEEDED', output });
      return false;
    }
    this.#enter({ ...execution, variables }, next, output);
    return true;
  }

  #enter(execution: Execution, state: string, stateInput: unknown): void {
    this.#parts.store.keep({ ...leaving(execution), state, stateInput, enteredEpochMs: this.#parts.clock.now(), attempts: {}, history: [...execution.history, state] });
  }

  #finish(execution: Execution, end: Pick<Execution, 'status' | 'output' | 'error' | 'cause'>): void {
    this.#parts.store.keep({ ...leaving(execution), ...end, stoppedEpochMs: this.#parts.clock.now() });
    if (end.status !== 'SUCCEEDED') this.#parts.store.removeBelow(execution.arn);
    if (execution.below !== undefined) this.run(execution.below.parentArn);
  }

  async #recover(execution: Execution, { Retry = [], Catch = [] }: State, error: StateError): Promise<boolean> {
    const index = Retry.findIndex(({ ErrorEquals }) => catches(ErrorEquals, error.error));
    const retrier = Retry[index];
    const made = execution.attempts[String(index)] ?? 0;
    if (retrier !== undefined && made < (retrier.MaxAttempts ?? DEFAULT_ATTEMPTS)) {
      this.#parts.store.keep({ ...leaving(execution), attempts: { ...execution.attempts, [String(index)]: made + 1 }, wakeEpochMs: this.#parts.clock.now() + delayMs(retrier, made) });
      return true;
    }
    const catcher = Catch.find(({ ErrorEquals }) => catches(ErrorEquals, error.error));
    this.#parts.log('state failed', { execution: execution.name, state: execution.state, error: error.error, cause: error.message, caught: catcher?.Next });
    if (catcher !== undefined) return this.#catch(execution, catcher, error);
    this.#finish(execution, { status: 'FAILED', error: error.error, cause: error.message });
    return false;
  }

  async #catch(execution: Execution, { Assign, Output, Next }: Catcher, error: StateError): Promise<boolean> {
    const errorOutput = { Error: error.error, Cause: error.message };
    try {
      const variables = await this.#assigned(execution, Assign, { errorOutput });
      this.#enter({ ...execution, variables }, Next, Output === undefined ? errorOutput : await evaluate(Output, bindingsOf(execution, { errorOutput })));
      return true;
    } catch (fault) {
      if (!(fault instanceof StateError)) throw fault;
      this.#finish(execution, { status: 'FAILED', error: fault.error, cause: fault.message });
      return false;
    }
  }
}
