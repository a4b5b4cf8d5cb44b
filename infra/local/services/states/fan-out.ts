import { submachinesOf, type State } from './asl.ts';
import { bindingsOf } from './bindings.ts';
import { evaluate, StateError } from './evaluate.ts';
import type { Execution, ExecutionStore, FanOut } from './store.ts';

/** Iterations of an inline Map that AWS runs at once at most. */
const INLINE_CONCURRENCY = 40;

const wrongType = (field: string, got: unknown, want: string): StateError => new StateError('States.QueryEvaluationError', `${field}: got ${JSON.stringify(got).slice(0, 100)}, want ${want}`);

const planMap = async (execution: Execution, { Items, ItemSelector, MaxConcurrency = 0 }: State): Promise<Omit<FanOut, 'family'>> => {
  const values = Items === undefined ? execution.stateInput : await evaluate(Items, bindingsOf(execution));
  if (!Array.isArray(values)) throw wrongType('Items', values, 'an array');
  const limit = await evaluate(MaxConcurrency, bindingsOf(execution));
  if (!Number.isInteger(limit) || Number(limit) < 0) throw wrongType('MaxConcurrency', limit, 'a whole number of at least 0');
  const inputs = await Promise.all(values.map(async (Value: unknown, Index) => {
    const item = { Index, Value };
    return { item, input: ItemSelector === undefined ? Value : await evaluate(ItemSelector, bindingsOf(execution, {}, item)) };
  }));
  return { inputs, limit: Math.min(limit === 0 ? INLINE_CONCURRENCY : Number(limit), INLINE_CONCURRENCY) };
};

/** What a Parallel or Map state is going to run, decided once and kept: a restart does not ask again. */
export const planFanOut = async (store: ExecutionStore, execution: Execution, state: State): Promise<Execution> => {
  const family = store.nextFamily(execution);
  const familyCount = (execution.familyCount ?? 0) + 1;
  if (state.Type === 'Map') return { ...execution, familyCount, fanOut: { family, ...await planMap(execution, state) } };
  const input = state.Arguments === undefined ? execution.stateInput : await evaluate(state.Arguments, bindingsOf(execution));
  const inputs = submachinesOf(state).map(() => ({ input }));
  return { ...execution, familyCount, fanOut: { family, inputs, limit: inputs.length } };
};

/** Begin branches or iterations while there is room. @returns ARNs of those begun */
export const beginBelow = (store: ExecutionStore, execution: Execution, state: State, nowEpochMs: number): readonly string[] => {
  const { fanOut, below, variables, machineArn, name, input: rootInput, startedEpochMs } = execution;
  if (fanOut === undefined) return [];
  const { total, running } = store.familyState(fanOut.family);
  const machines = submachinesOf(state);
  return fanOut.inputs.slice(total, total + Math.max(0, fanOut.limit - running)).map(({ input, item = below?.item }, i) => {
    const index = total + i;
    const branch = state.Type === 'Map' ? 0 : index;
    const start = machines[branch]?.StartAt ?? '';
    return store.begin({
      arn: store.arnBelow(fanOut.family, index), machineArn, name, input: rootInput, startedEpochMs, status: 'RUNNING', state: start, stateInput: input, enteredEpochMs: nowEpochMs, variables, attempts: {}, history: [start],
      below: { parentArn: execution.arn, rootArn: below?.rootArn ?? execution.arn, family: fanOut.family, scope: [...below?.scope ?? [], { state: execution.state, branch }], ...(item === undefined ? {} : { item }) },
    }).arn;
  });
};
