import jsonata from 'jsonata';

/** An error a state can retry or catch, in Step Functions' words. */
export class StateError extends Error {
  readonly error: string;
  constructor(error: string, cause: string) {
    super(cause);
    this.error = error;
  }
}

export type Bindings = Readonly<{ states: Readonly<Record<string, unknown>>; variables: Readonly<Record<string, unknown>> }>;

const EXPRESSION = /^\{%([\s\S]*)%\}$/;
const compiled = new Map<string, jsonata.Expression>();

const compile = (text: string): jsonata.Expression => {
  const known = compiled.get(text) ?? jsonata(text);
  compiled.set(text, known);
  return known;
};

/** JSONata marks its sequences with hidden members; a plain copy has none. */
const plain = (value: unknown): unknown => (value === undefined ? undefined : JSON.parse(JSON.stringify(value)) as unknown);

/**
 * Evaluate every `{% … %}` text inside a value.
 *
 * @throws StateError `States.QueryEvaluationError`
 * @see Amazon States Language, JSONata
 */
export const evaluate = async (value: unknown, bindings: Bindings): Promise<unknown> => {
  if (typeof value === 'string') {
    const match = EXPRESSION.exec(value.trim());
    if (match?.[1] === undefined) return value;
    try {
      const result = plain(await compile(match[1].trim()).evaluate({}, { states: bindings.states, ...bindings.variables }));
      if (result === undefined) throw new Error('the expression gave nothing');
      return result;
    } catch (error) {
      throw new StateError('States.QueryEvaluationError', `${value}: ${error instanceof Error ? error.message : (error as { message?: string }).message ?? String(error)}`);
    }
  }
  if (Array.isArray(value)) return Promise.all(value.map((each) => evaluate(each, bindings)));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(await Promise.all(Object.entries(value).map(async ([name, each]): Promise<[string, unknown]> => [name, await evaluate(each, bindings)])));
  }
  return value;
};
