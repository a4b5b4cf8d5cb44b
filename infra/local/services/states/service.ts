import { randomUUID } from 'node:crypto';
import { AwsError, type Cloud, type LocalService, type LocalServiceFactory, type Principal, type ProvisionedResource, type ResourceDeclaration, type SdkRequest, type SdkResponse } from '../../core/contracts.ts';
import type { Machine } from './asl.ts';
import { parseMachine } from './definition.ts';
import { StateEngine } from './engine.ts';
import { LARGEST_BYTES } from './data-limit.ts';
import { StateError } from './evaluate.ts';
import { ExecutionStore, type Execution } from './store.ts';

type Definition = Readonly<{ arn: string; roleArn: string; machine: Machine }>;
type Input = Readonly<Record<string, unknown>>;
const NAME = /^[A-Za-z0-9_.+-]{1,80}$/;

const epochSeconds = (epochMs: number): number => epochMs / 1000;

/** Step Functions: JSONata state machines whose executions survive a restart. */
export class StatesService implements LocalService {
  readonly name = 'states';
  readonly signingNames = ['states'];
  readonly resourceTypes = ['AWS::StepFunctions::StateMachine'];
  readonly deliverPrefixes = ['arn:aws:states:'];
  readonly #cloud: Cloud;
  readonly #store: ExecutionStore;
  readonly #engine: StateEngine;
  readonly #definitions = new Map<string, Definition>();

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
    this.#store = new ExecutionStore(cloud.stateFolder('states'));
    this.#engine = new StateEngine({
      store: this.#store, clock: cloud.clock, machineOf: (arn) => this.#definition(arn).machine, invoke: (machineArn, functionArn, payload) => this.#invoke(machineArn, functionArn, payload),
      log: (message, facts) => { cloud.log('states', message, facts); },
    });
  }

  provision({ stack, logicalId, properties }: ResourceDeclaration): ProvisionedResource {
    const name = `${stack.name}-${logicalId}`;
    const arn = `arn:aws:states:${stack.region}:${stack.account}:stateMachine:${name}`;
    const definition = properties['DefinitionString'] ?? JSON.stringify(properties['Definition']);
    this.#definitions.set(arn, { arn, roleArn: String(properties['RoleArn']), machine: parseMachine(String(definition)) });
    return { physicalId: arn, attributes: { Arn: arn, Name: name } };
  }

  start(): Promise<void> {
    for (const { arn } of this.#store.running()) this.#engine.run(arn);
    return Promise.resolve();
  }

  stop(): Promise<void> {
    this.#engine.stop();
    this.#store.close();
    return Promise.resolve();
  }

  #definition(arn: string): Definition {
    const definition = this.#definitions.get(arn);
    if (definition === undefined) throw new AwsError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
    return definition;
  }

  async #invoke(machineArn: string, functionArn: string, payload: unknown): Promise<unknown> {
    try {
      return await this.#cloud.deliver(functionArn, payload, this.#cloud.principalOf(this.#definition(machineArn).roleArn));
    } catch (error) {
      if (error instanceof AwsError) throw new StateError(error.code, error.message);
      throw error;
    }
  }

  #startExecution(arn: string, name: string, input: unknown): Execution {
    const { machine } = this.#definition(arn);
    if (!NAME.test(name)) throw new AwsError('InvalidName', `got the execution name '${name}', want at most 80 letters, digits and -_.+`);
    const executionArn = `${arn.replace(':stateMachine:', ':execution:')}:${name}`;
    const held = this.#store.get(executionArn);
    if (held !== undefined) {
      if (held.status === 'RUNNING' && JSON.stringify(held.input) === JSON.stringify(input)) return held;
      throw new AwsError('ExecutionAlreadyExists', `Execution Already Exists: '${executionArn}'`);
    }
    const now = this.#cloud.clock.now();
    const execution = this.#store.begin({ arn: executionArn, machineArn: arn, name, input, startedEpochMs: now, status: 'RUNNING', state: machine.StartAt, stateInput: input, enteredEpochMs: now, variables: {}, attempts: {}, history: [machine.StartAt] });
    this.#engine.run(executionArn);
    return execution;
  }

  #answer(token: string, answer: NonNullable<Execution['answer']>): void {
    const execution = this.#store.byToken(token);
    if (execution?.status !== 'RUNNING' || execution.token !== token || execution.answer !== undefined) throw new AwsError('TaskTimedOut', 'Task Timed Out: the task is no longer waiting');
    this.#store.keep({ ...execution, answer });
    this.#engine.run(execution.arn);
  }

  receive(targetArn: string, payload: unknown, from: Principal | Readonly<{ service: string; sourceArn: string }>): Promise<unknown> {
    if ('service' in from) throw new AwsError('AccessDeniedException', 'a state machine is started with a role', 403);
    this.#cloud.authorize(from, 'states:StartExecution', targetArn);
    return Promise.resolve({ executionArn: this.#startExecution(targetArn, randomUUID(), payload).arn });
  }

  readonly #operations: Readonly<Record<string, (input: Input, principal: Principal) => unknown>> = {
    StartExecution: ({ stateMachineArn, name, input = '{}' }, principal) => {
      const arn = String(stateMachineArn);
      this.#cloud.authorize(principal, 'states:StartExecution', arn);
      if (Buffer.byteLength(String(input)) > LARGEST_BYTES) throw new AwsError('InvalidExecutionInput', `want an input of at most ${LARGEST_BYTES} bytes`);
      const execution = this.#startExecution(arn, name === undefined ? randomUUID() : String(name), JSON.parse(String(input)));
      return { executionArn: execution.arn, startDate: epochSeconds(execution.startedEpochMs) };
    },
    DescribeExecution: ({ executionArn }, principal) => {
      const arn = String(executionArn);
      this.#cloud.authorize(principal, 'states:DescribeExecution', arn);
      const held = this.#store.get(arn);
      if (held === undefined || held.below !== undefined) throw new AwsError('ExecutionDoesNotExist', `Execution Does Not Exist: '${arn}'`);
      return { executionArn: arn, stateMachineArn: held.machineArn, name: held.name, status: held.status, startDate: epochSeconds(held.startedEpochMs), ...(held.stoppedEpochMs === undefined ? {} : { stopDate: epochSeconds(held.stoppedEpochMs) }), input: JSON.stringify(held.input), ...(held.output === undefined ? {} : { output: JSON.stringify(held.output) }), ...(held.error === undefined ? {} : { error: held.error, cause: held.cause }) };
    },
    ListExecutions: ({ stateMachineArn }, principal) => {
      this.#cloud.authorize(principal, 'states:ListExecutions', String(stateMachineArn));
      return { executions: this.#store.ofMachine(String(stateMachineArn)).map(({ arn, machineArn, name, status, startedEpochMs }) => ({ executionArn: arn, stateMachineArn: machineArn, name, status, startDate: epochSeconds(startedEpochMs) })) };
    },
    SendTaskSuccess: ({ taskToken, output }, principal) => {
      this.#authorizeToken(principal, String(taskToken), 'states:SendTaskSuccess');
      this.#answer(String(taskToken), { output: JSON.parse(String(output)) });
      return {};
    },
    SendTaskFailure: ({ taskToken, error = 'States.TaskFailed', cause = '' }, principal) => {
      this.#authorizeToken(principal, String(taskToken), 'states:SendTaskFailure');
      this.#answer(String(taskToken), { error: String(error), cause: String(cause) });
      return {};
    },
  };

  #authorizeToken(principal: Principal, token: string, action: string): void {
    const execution = this.#store.byToken(token);
    if (execution === undefined) throw new AwsError('InvalidToken', 'Invalid Token');
    this.#cloud.authorize(principal, action, execution.machineArn);
  }

  handle({ operation = '', body, principal }: SdkRequest): Promise<SdkResponse> {
    const run = this.#operations[operation];
    if (run === undefined) throw new AwsError('UnknownOperationException', `the local cloud does not serve Step Functions ${operation}`);
    return Promise.resolve({ status: 200, headers: { 'content-type': 'application/x-amz-json-1.0' }, body: JSON.stringify(run(JSON.parse(body.toString('utf8')) as Input, principal)) });
  }
}

export const createStatesService: LocalServiceFactory = (cloud) => new StatesService(cloud);
