/** The Amazon States Language that the local cloud runs: JSONata machines of these state types. */
export type Retrier = Readonly<{ ErrorEquals: readonly string[]; IntervalSeconds?: number; MaxAttempts?: number; BackoffRate?: number; MaxDelaySeconds?: number; JitterStrategy?: string }>;
export type Catcher = Readonly<{ ErrorEquals: readonly string[]; Next: string; Assign?: unknown; Output?: unknown }>;
export type ChoiceRule = Readonly<{ Condition: string; Next: string; Assign?: unknown; Output?: unknown }>;
/** States that end in a machine of their own: a branch of a Parallel, the processor of a Map. */
export type Submachine = Readonly<{ StartAt: string; States: Readonly<Record<string, State>> }>;
export type State = Readonly<{
  Type: string; Next?: string; End?: boolean; Resource?: string; Arguments?: unknown; Output?: unknown; Assign?: unknown; TimeoutSeconds?: unknown; Retry?: readonly Retrier[]; Catch?: readonly Catcher[];
  Choices?: readonly ChoiceRule[]; Default?: string; Seconds?: unknown; Timestamp?: unknown; Error?: unknown; Cause?: unknown;
  Branches?: readonly Submachine[]; ItemProcessor?: Submachine & Readonly<{ ProcessorConfig?: Readonly<{ Mode?: string }> }>; Items?: unknown; ItemSelector?: unknown; MaxConcurrency?: unknown;
}>;
export type Machine = Submachine & Readonly<{ QueryLanguage?: string }>;

/** Where a machine sits inside another: the state that holds it, and which of that state's branches. */
export type Scope = readonly Readonly<{ state: string; branch: number }>[];

/** Machines of a state, in the order of its branches. */
export const submachinesOf = ({ Type, Branches = [], ItemProcessor }: State): readonly Submachine[] => {
  if (Type === 'Parallel') return Branches;
  return Type === 'Map' && ItemProcessor !== undefined ? [ItemProcessor] : [];
};

export const machineAt = (machine: Submachine, scope: Scope): Submachine | undefined => {
  const [first, ...rest] = scope;
  if (first === undefined) return machine;
  const state = machine.States[first.state];
  const inner = state === undefined ? undefined : submachinesOf(state)[first.branch];
  return inner === undefined ? undefined : machineAt(inner, rest);
};
