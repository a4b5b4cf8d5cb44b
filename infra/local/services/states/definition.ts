import { submachinesOf, type Machine, type State, type Submachine } from './asl.ts';

const TYPES = new Set(['Task', 'Pass', 'Choice', 'Wait', 'Succeed', 'Fail', 'Parallel', 'Map']);
const RESOURCES = new Set(['arn:aws:states:::lambda:invoke', 'arn:aws:states:::lambda:invoke.waitForTaskToken']);
/** Fields that change what a state does and that are not carried out here. */
const REFUSED: Readonly<Record<string, readonly string[]>> = {
  Task: ['HeartbeatSeconds', 'Credentials'],
  Map: ['Iterator', 'ItemReader', 'ItemBatcher', 'ResultWriter', 'Label', 'ToleratedFailureCount', 'ToleratedFailurePercentage'],
};
const ALL = ['InputPath', 'OutputPath', 'ResultPath', 'Parameters', 'ResultSelector'];
const ENDS = new Set(['Succeed', 'Fail', 'Choice']);

const targetsOf = ({ Next, Choices = [], Default, Catch = [] }: State): readonly string[] => [...[Next, Default].filter((each) => each !== undefined), ...Choices.map((choice) => choice.Next), ...Catch.map((catcher) => catcher.Next)];

const assignedBy = ({ Assign, Choices = [], Catch = [] }: State): readonly string[] => [Assign, ...Choices.map((choice) => choice.Assign), ...Catch.map((catcher) => catcher.Assign)].flatMap((each) => Object.keys(each ?? {}));

const fanOutFaults = (at: string, state: State): readonly string[] => [
  ...(state.Type === 'Parallel' && (state.Branches ?? []).length === 0 ? [`${at}.Branches: want at least one`] : []),
  ...(state.Type === 'Map' && state.ItemProcessor === undefined ? [`${at}.ItemProcessor: want one`] : []),
  ...((state.ItemProcessor?.ProcessorConfig?.Mode ?? 'INLINE') === 'INLINE' ? [] : [`${at}.ItemProcessor.ProcessorConfig.Mode: the local cloud runs INLINE, got ${String(state.ItemProcessor?.ProcessorConfig?.Mode)}`]),
];

const stateFaults = (at: string, state: State, names: ReadonlySet<string>, seen: Set<string>): readonly string[] => [
  ...(TYPES.has(state.Type) ? [] : [`${at}.Type: the local cloud does not run ${state.Type}, only ${[...TYPES].join(', ')}`]),
  ...(state.Type === 'Task' && !RESOURCES.has(state.Resource ?? '') ? [`${at}.Resource: the local cloud does not call ${state.Resource ?? 'nothing'}, only ${[...RESOURCES].join(', ')}`] : []),
  ...[...ALL, ...REFUSED[state.Type] ?? []].filter((field) => field in state).map((field) => `${at}.${field}: the local cloud does not carry it out`),
  ...(ENDS.has(state.Type) || state.End === true || state.Next !== undefined ? [] : [`${at}: want Next or End`]),
  ...targetsOf(state).filter((target) => !names.has(target)).map((target) => `${at}: no state ${target}`),
  ...fanOutFaults(at, state),
  ...submachinesOf(state).flatMap((inner, branch) => machineFaults(`${at}.${state.Type === 'Map' ? 'ItemProcessor' : `Branches[${branch}]`}.`, inner, seen)),
];

const machineFaults = (path: string, { StartAt, States }: Submachine, seen: Set<string>): readonly string[] => {
  const names = new Set(Object.keys(States));
  const repeated = [...names].filter((name) => seen.has(name));
  for (const name of names) seen.add(name);
  const variables = new Set(Object.values(States).flatMap(assignedBy));
  return [
    ...(names.has(StartAt) ? [] : [`${path}StartAt: no state ${StartAt}`]),
    ...repeated.map((name) => `${path}States.${name}: the name is used twice; state names are unique in the whole machine`),
    ...Object.entries(States).flatMap(([name, state]) => [...stateFaults(`${path}States.${name}`, state, names, seen), ...shadowedInside(`${path}States.${name}`, state, variables)]),
  ];
};

/** Variables that a machine inside a state assigns although the machine around it has them: inner ones would hide outer ones, which AWS refuses. */
const shadowedInside = (at: string, state: State, variables: ReadonlySet<string>): readonly string[] => submachinesOf(state).flatMap(({ States }) => Object.entries(States).flatMap(([name, inner]) => [
  ...assignedBy(inner).filter((each) => variables.has(each)).map((each) => `${at}, inner state ${name}.Assign: ${each} is a variable of a machine around it`), ...shadowedInside(at, inner, variables),
]));

/** @throws Error naming every fault of the definition by its path */
export const parseMachine = (text: string): Machine => {
  const machine = JSON.parse(text) as Machine;
  const faults = [
    ...(machine.QueryLanguage === 'JSONata' ? [] : [`QueryLanguage: got ${machine.QueryLanguage ?? 'JSONPath'}, want JSONata`]),
    ...machineFaults('', machine, new Set()),
  ];
  if (faults.length > 0) throw new Error(`state machine: ${faults.join('; ')}`);
  return machine;
};
