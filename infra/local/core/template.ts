import type { StackIdentity } from './contracts.ts';

/** A CloudFormation template as JSON. */
export type Template = Readonly<{
  Parameters?: Readonly<Record<string, Readonly<{ Type: string; Default?: unknown }>>>;
  Mappings?: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
  Conditions?: Readonly<Record<string, unknown>>;
  Resources: Readonly<Record<string, TemplateResource>>;
  Outputs?: Readonly<Record<string, Readonly<{ Value: unknown; Export?: Readonly<{ Name: unknown }>; Condition?: string }>>>;
}>;
export type TemplateResource = Readonly<{ Type: string; Properties?: Readonly<Record<string, unknown>>; DependsOn?: string | readonly string[]; Condition?: string }>;

/** What is known while a template is being resolved. */
export type Scope = Readonly<{
  stack: StackIdentity;
  template: Template;
  parameters: Readonly<Record<string, unknown>>;
  /** What stacks before this one export, by name. */
  exports: Readonly<Record<string, unknown>>;
  /** Ref and GetAtt of resources that exist. @throws when they do not yet */
  refOf(logicalId: string): string;
  attributeOf(logicalId: string, attribute: string): unknown;
}>;

type Json = unknown;
const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);

const pseudo = ({ name, account, region }: StackIdentity): Readonly<Record<string, unknown>> => ({
  'AWS::AccountId': account, 'AWS::Region': region, 'AWS::Partition': 'aws', 'AWS::URLSuffix': 'amazonaws.com', 'AWS::StackName': name,
  'AWS::StackId': `arn:aws:cloudformation:${region}:${account}:stack/${name}/local`, 'AWS::NoValue': undefined,
});

const fail = (scope: Scope, what: string): never => {
  throw new Error(`template of ${scope.stack.name}: ${what}`);
};

const ref = (scope: Scope, name: string): unknown => {
  const known = pseudo(scope.stack);
  if (name in known) return known[name];
  if (scope.template.Parameters?.[name] !== undefined) return scope.parameters[name] ?? fail(scope, `parameter ${name} has no value: no output of that name in the network stack, and no default`);
  return scope.refOf(name);
};

const substitute = (scope: Scope, text: string, variables: Readonly<Record<string, unknown>>): string => text.replaceAll(/\$\{([^!${}][^${}]*)\}/g, (_, name: string) => {
  if (name in variables) return String(variables[name]);
  const [logicalId = '', ...attribute] = name.split('.');
  return String(attribute.length === 0 ? ref(scope, logicalId) : scope.attributeOf(logicalId, attribute.join('.')));
}).replaceAll('${!', '${');

export const condition = (scope: Scope, name: string): boolean => {
  const body = scope.template.Conditions?.[name];
  return body === undefined ? fail(scope, `no condition ${name}`) : resolve(scope, body) === true;
};

type Function = (scope: Scope, argument: Json) => unknown;
const list = (scope: Scope, value: Json): readonly unknown[] => {
  const resolved = resolve(scope, value);
  return Array.isArray(resolved) ? resolved : fail(scope, 'an intrinsic function wants a list');
};

const FUNCTIONS: Readonly<Record<string, Function>> = {
  Ref: (scope, name) => ref(scope, String(name)),
  Condition: (scope, name) => condition(scope, String(name)),
  'Fn::GetAtt': (scope, argument) => {
    const [logicalId = '', ...attribute] = Array.isArray(argument) ? argument.map(String) : String(argument).split('.');
    return scope.attributeOf(logicalId, attribute.join('.'));
  },
  'Fn::Join': (scope, argument) => {
    const [separator, parts] = list(scope, argument);
    return (parts as readonly unknown[]).map(String).join(String(separator));
  },
  'Fn::Sub': (scope, argument) => {
    if (typeof argument === 'string') return substitute(scope, argument, {});
    const [text, variables] = list(scope, argument);
    return substitute(scope, String(text), variables as Readonly<Record<string, unknown>>);
  },
  'Fn::Select': (scope, argument) => {
    const [index, values] = list(scope, argument);
    return (values as readonly unknown[])[Number(index)] ?? fail(scope, `Fn::Select: no element ${String(index)} in a list of ${(values as readonly unknown[]).length}`);
  },
  'Fn::Split': (scope, argument) => {
    const [separator, text] = list(scope, argument);
    return String(text).split(String(separator));
  },
  'Fn::If': (scope, argument) => {
    const [name, yes, no] = argument as readonly Json[];
    return resolve(scope, condition(scope, String(name)) ? yes : no);
  },
  'Fn::Equals': (scope, argument) => {
    const [a, b] = list(scope, argument);
    return JSON.stringify(a) === JSON.stringify(b);
  },
  'Fn::Not': (scope, argument) => list(scope, argument)[0] !== true,
  'Fn::And': (scope, argument) => list(scope, argument).every((each) => each === true),
  'Fn::Or': (scope, argument) => list(scope, argument).some((each) => each === true),
  'Fn::FindInMap': (scope, argument) => {
    const [map, top, second] = list(scope, argument).map(String);
    return scope.template.Mappings?.[map ?? '']?.[top ?? '']?.[second ?? ''] ?? fail(scope, `no mapping ${map}.${top}.${second}`);
  },
  'Fn::ImportValue': (scope, argument) => {
    const name = String(resolve(scope, argument));
    return scope.exports[name] ?? fail(scope, `no stack before this one exports ${name}`);
  },
  'Fn::Base64': (scope, argument) => Buffer.from(String(resolve(scope, argument))).toString('base64'),
};

/** Replace every intrinsic function by its value. @throws Error naming stack and fault */
export const resolve = (scope: Scope, value: Json): unknown => {
  if (Array.isArray(value)) return value.map((each) => resolve(scope, each)).filter((each) => each !== undefined);
  if (!isObject(value)) return value;
  const [only, ...others] = Object.keys(value);
  if (only !== undefined && others.length === 0 && (only === 'Ref' || only === 'Condition' && typeof value[only] === 'string' || only.startsWith('Fn::'))) {
    const run = FUNCTIONS[only];
    return run === undefined ? fail(scope, `intrinsic function ${only} is not known here`) : run(scope, value[only]);
  }
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, resolve(scope, each)]).filter(([, each]) => each !== undefined));
};

const referencesIn = (value: Json, ids: ReadonlySet<string>, found: Set<string>): void => {
  if (Array.isArray(value)) {
    for (const each of value) referencesIn(each, ids, found);
    return;
  }
  if (!isObject(value)) return;
  for (const [name, each] of Object.entries(value)) {
    if (name === 'Ref' && ids.has(String(each))) found.add(String(each));
    else if (name === 'Fn::GetAtt') found.add(Array.isArray(each) ? String(each[0]) : String(each).split('.')[0] ?? '');
    else if (name === 'Fn::Sub') for (const [, id = ''] of JSON.stringify(each).matchAll(/\$\{([A-Za-z0-9]+)/g)) if (ids.has(id)) found.add(id);
    referencesIn(each, ids, found);
  }
};

/** Logical ids in an order in which each comes after those it refers to. @throws Error naming a cycle */
export const provisionOrder = ({ Resources }: Template, stackName: string): readonly string[] => {
  const ids = new Set(Object.keys(Resources));
  const needs = new Map([...ids].map((id) => {
    const found = new Set<string>();
    referencesIn(Resources[id]?.Properties, ids, found);
    for (const each of [Resources[id]?.DependsOn ?? []].flat()) found.add(each);
    return [id, found] as const;
  }));
  const order: string[] = [];
  while (order.length < ids.size) {
    const ready = [...ids].filter((id) => !order.includes(id) && [...needs.get(id) ?? []].every((each) => order.includes(each) || !ids.has(each)));
    if (ready.length === 0) throw new Error(`template of ${stackName}: resources refer to each other in a circle: ${[...ids].filter((id) => !order.includes(id)).join(', ')}`);
    order.push(...ready);
  }
  return order;
};
