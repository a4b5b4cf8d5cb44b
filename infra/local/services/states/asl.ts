/** The Amazon States Language that the local cloud runs: JSONata machines of these state types. */
export type Retrier = Readonly<{ ErrorEquals: readonly string[]; IntervalSeconds?: number; MaxAttempts?: number; BackoffRate?: number; MaxDelaySeconds?: number; JitterStrategy?: string }>;
export type Catcher = Readonly<{ ErrorEquals: readonly string[]; Next: string; Assign?: unknown; Output?: unknown }>;
export type State = Readonly<{
  Type: string; Next?: string; End?: boolean; Resource?: string; Arguments?: unknown; Output?: unknown; Assign?: unknown; TimeoutSeconds?: number; Retry?: readonly Retrier[]; Catch?: readonly Catcher[];
  Choices?: readonly Readonly<{ Condition: string; Next: string; Assign?: unknown }>[]; Default?: string; Seconds?: unknown; Timestamp?: unknown; Error?: string; Cause?: string;
}>;
export type Machine = Readonly<{ StartAt: string; States: Readonly<Record<string, State>>; QueryLanguage?: string }>;

const TYPES = new Set(['Task', 'Pass', 'Choice', 'Wait', 'Succeed', 'Fail']);
const RESOURCES = new Set(['arn:aws:states:::lambda:invoke', 'arn:aws:states:::lambda:invoke.waitForTaskToken']);

const targetsOf = ({ Next, Choices = [], Default, Catch = [] }: State): readonly string[] => [...[Next, Default].filter((each) => each !== undefined), ...Choices.map((choice) => choice.Next), ...Catch.map((catcher) => catcher.Next)];

const stateFaults = (name: string, state: State, names: ReadonlySet<string>): readonly string[] => [
  ...(TYPES.has(state.Type) ? [] : [`States.${name}.Type: the local cloud does not run ${state.Type}, only ${[...TYPES].join(', ')}`]),
  ...(state.Type === 'Task' && !RESOURCES.has(state.Resource ?? '') ? [`States.${name}.Resource: the local cloud does not call ${state.Resource ?? 'nothing'}, only ${[...RESOURCES].join(', ')}`] : []),
  ...targetsOf(state).filter((target) => !names.has(target)).map((target) => `States.${name}: no state ${target}`),
];

/** @throws Error naming every fault of the definition by its path */
export const parseMachine = (text: string): Machine => {
  const machine = JSON.parse(text) as Machine;
  const names = new Set(Object.keys(machine.States));
  const faults = [
    ...(machine.QueryLanguage === 'JSONata' ? [] : [`QueryLanguage: got ${machine.QueryLanguage ?? 'JSONPath'}, want JSONata`]),
    ...(names.has(machine.StartAt) ? [] : [`StartAt: no state ${machine.StartAt}`]),
    ...Object.entries(machine.States).flatMap(([name, state]) => stateFaults(name, state, names)),
  ];
  if (faults.length > 0) throw new Error(`state machine: ${faults.join('; ')}`);
  return machine;
};
