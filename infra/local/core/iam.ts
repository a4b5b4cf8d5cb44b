import { AwsError, type PolicyStatement, type Principal, type ResourcePolicy } from './contracts.ts';

type Context = Readonly<Record<string, string>>;
type Raw = Readonly<{ Effect?: unknown; Action?: unknown; NotAction?: unknown; Resource?: unknown; NotResource?: unknown; Principal?: unknown; Condition?: unknown }>;

const texts = (value: unknown): readonly string[] => (value === undefined ? [] : [value].flat().map(String));

const principalsOf = (value: unknown): readonly string[] => {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(texts) : [];
};

const conditionsOf = (value: unknown): PolicyStatement['conditions'] =>
  Object.fromEntries(Object.entries((value ?? {}) as Record<string, Record<string, unknown>>).map(([operator, keys]) => [operator, Object.fromEntries(Object.entries(keys).map(([key, wanted]) => [key, texts(wanted)]))]));

/** The version of the policy language that knows variables. */
const WITH_VARIABLES = '2012-10-17';

/** Statements of an IAM policy document, scalars widened to arrays. `NotResource` is not used by our templates and is refused. */
export const statementsOf = (document: unknown): readonly PolicyStatement[] => {
  const { Version, Statement = [] } = document as Readonly<{ Version?: unknown; Statement?: unknown }>;
  return ([Statement].flat() as readonly Raw[]).map(({ Effect, Action, NotAction, Resource, NotResource, Principal: who, Condition }) => {
    if (NotResource !== undefined) throw new Error('a policy uses NotResource, which the local cloud does not evaluate');
    const { StringLike: _like, StringNotLike: _notLike, ...others } = (Condition ?? {}) as Readonly<Record<string, unknown>>;
    if (JSON.stringify(others).includes('${')) throw new Error('a policy uses a variable in a condition other than StringLike and StringNotLike, which the local cloud does not evaluate');
    if (Version !== WITH_VARIABLES && `${texts(Resource).join()}${JSON.stringify(Condition ?? {})}`.includes('${')) throw new Error(`a policy uses a variable: got Version ${String(Version)}, want ${WITH_VARIABLES}, without which it is plain text`);
    return {
      effect: Effect === 'Deny' ? 'Deny' : 'Allow', actions: texts(Action), ...(NotAction === undefined ? {} : { notActions: texts(NotAction) }), resources: texts(Resource),
      ...(who === undefined ? {} : { principals: principalsOf(who) }), conditions: conditionsOf(Condition),
    };
  });
};

const patterns = new Map<string, RegExp>();
const escaped = (text: string): string => text.replaceAll(/[.*?+^${}()|[\]\\]/g, '\\$&');
const sourceOf = (pattern: string): string => escaped(pattern).replaceAll('\\*', '[\\s\\S]*').replaceAll('\\?', '[\\s\\S]');

/** `*` is any text, `?` any character. */
export const matchesPattern = (pattern: string, text: string): boolean => {
  const known = patterns.get(pattern) ?? new RegExp(`^${sourceOf(pattern)}$`);
  patterns.set(pattern, known);
  return known.test(text);
};

const valueOf = (context: Context, key: string): string | undefined => Object.entries(context).find(([name]) => name.toLowerCase() === key.toLowerCase())?.[1];

const VARIABLE = /\$\{([^}]*)\}/;

/**
 * Does a resource of a statement name this one? `${key}` stands for what the request has under that key, to the letter; where the request has no such key the statement names nothing.
 *
 * @see IAM User Guide, Policy elements: variables and tags
 */
export const namesResource = (pattern: string, resource: string, context: Context): boolean => {
  const parts = pattern.split(VARIABLE);
  if (parts.length === 1) return matchesPattern(pattern, resource);
  const values = parts.map((part, i) => (i % 2 === 0 ? undefined : valueOf(context, part)));
  if (values.some((value, i) => i % 2 === 1 && value === undefined)) return false;
  return new RegExp(`^${parts.map((part, i) => (i % 2 === 0 ? sourceOf(part) : escaped(values[i] ?? ''))).join('')}$`).test(resource);
};

type Test = (wanted: readonly string[], got: string | undefined, context: Context) => boolean;
const equal: Test = (wanted, got) => got !== undefined && wanted.includes(got);
const like: Test = (wanted, got) => got !== undefined && wanted.some((pattern) => matchesPattern(pattern, got));
/** With variables, as in a resource. */
const likeWithVariables: Test = (wanted, got, context) => got !== undefined && wanted.some((pattern) => namesResource(pattern, got, context));
const OPERATORS: Readonly<Record<string, Test>> = {
  StringEquals: equal, StringLike: likeWithVariables, ArnLike: like, ArnEquals: like,
  StringNotEquals: (...asked) => !equal(...asked), StringNotLike: (...asked) => !likeWithVariables(...asked),
  Bool: (wanted, got) => wanted.includes(got ?? ''),
  Null: (wanted, got) => wanted.includes(String(got === undefined)),
  NumericLessThan: (wanted, got) => got !== undefined && wanted.some((limit) => Number(got) < Number(limit)),
};

const conditionHolds = (operator: string, key: string, wanted: readonly string[], context: Context): boolean => {
  const ifExists = operator.endsWith('IfExists');
  const test = OPERATORS[operator.replace(/IfExists$/, '').replace(/^For(All|Any)Values?:/, '')];
  if (test === undefined) throw new Error(`a policy uses the condition operator ${operator}, which the local cloud does not evaluate`);
  const got = valueOf(context, key);
  return ((ifExists || operator.startsWith('ForAllValues:')) && got === undefined) || test(wanted, got, context);
};

const applies = (statement: PolicyStatement, action: string, resource: string, context: Context): boolean => {
  const { actions, notActions, resources, conditions } = statement;
  const lower = action.toLowerCase();
  const named = notActions === undefined ? actions.some((pattern) => matchesPattern(pattern.toLowerCase(), lower)) : !notActions.some((pattern) => matchesPattern(pattern.toLowerCase(), lower));
  return named && resources.some((pattern) => namesResource(pattern, resource, context))
    && Object.entries(conditions).every(([operator, keys]) => Object.entries(keys).every(([key, wanted]) => conditionHolds(operator, key, wanted, context)));
};

type Named = Pick<Principal, 'arn' | 'account'>;
const namesItself = ({ principals = [] }: PolicyStatement, { arn }: Named): boolean => principals.some((each) => each === '*' || each === arn);
/** A statement that names an account leaves the decision to that account's own policies. */
export const namesAccount = ({ principals = [] }: PolicyStatement, { account }: Named): boolean => principals.some((each) => each === account || each === `arn:aws:iam::${account}:root`);

type Verdict = 'allow' | 'deny' | 'none';

export const evaluate = (statements: readonly PolicyStatement[], action: string, resource: string, context: Context): Verdict => {
  const applying = statements.filter((statement) => applies(statement, action, resource, context));
  if (applying.some(({ effect }) => effect === 'Deny')) return 'deny';
  return applying.some(({ effect }) => effect === 'Allow') ? 'allow' : 'none';
};

export type AccessRequest = Readonly<{ principal: Principal; action: string; resource: string; resourcePolicy?: ResourcePolicy; resourceAccount?: string; context?: Context }>;

/**
 * Would IAM allow it? An explicit deny wins; within one account either the caller's policies or the resource's, naming the caller, may allow; across accounts both must.
 *
 * @see IAM User Guide, Policy evaluation logic
 */
export const isAllowed = ({ principal, action, resource, resourcePolicy = [], resourceAccount = principal.account, context = {} }: AccessRequest): boolean => {
  if (principal.admin) return true;
  const full = { 'aws:SecureTransport': 'true', 'aws:PrincipalAccount': principal.account, 'aws:PrincipalArn': principal.arn, 's3:TlsVersion': '1.3', ...context };
  const identity = evaluate(principal.policies, action, resource, full);
  const naming = resourcePolicy.filter((statement) => namesItself(statement, principal) || namesAccount(statement, principal));
  const fromResource = evaluate(naming, action, resource, full);
  if (identity === 'deny' || fromResource === 'deny') return false;
  if (resourceAccount !== principal.account) return identity === 'allow' && fromResource === 'allow';
  return identity === 'allow' || evaluate(naming.filter((statement) => namesItself(statement, principal)), action, resource, full) === 'allow';
};

/** May an AWS service act on a resource, by that resource's policy? */
export const isServiceAllowed = (service: string, action: string, resource: string, resourcePolicy: ResourcePolicy, context: Context): boolean =>
  evaluate(resourcePolicy.filter(({ principals = [] }) => principals.includes(service) || principals.includes('*')), action, resource, { 'aws:SecureTransport': 'true', ...context }) === 'allow';

/** @throws AwsError `AccessDeniedException` (403) */
export const requireAllowed = (request: AccessRequest): void => {
  if (isAllowed(request)) return;
  throw new AwsError('AccessDeniedException', `${request.principal.arn} is not authorized to perform ${request.action} on ${request.resource}`, 403);
};
