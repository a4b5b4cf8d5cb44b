import ts from 'typescript';

const SUITE = 'describe';
const CASES = new Set(['it', 'test']);
/** What may stand between `it` and its name. `skip` and `todo` may not: a test that does not run shows nothing. */
const RUNNING = new Set(['each', 'for', 'skipIf', 'runIf', 'only', 'concurrent', 'sequential']);
/** `it.each(table)` makes a test; it is none. */
const MAKING = new Set(['each', 'for', 'skipIf', 'runIf']);

/** Between the title of a suite and that of what is in it. */
export const JOINT = ' › ';

/** `it.skipIf(x).each(y)` as `['it', 'skipIf', 'each']`; undefined for any other expression. */
const wordsOf = (expression: ts.Expression): readonly string[] | undefined => {
  if (ts.isIdentifier(expression)) return [expression.text];
  if (ts.isCallExpression(expression)) return wordsOf(expression.expression);
  if (ts.isTaggedTemplateExpression(expression)) return wordsOf(expression.tag);
  if (!ts.isPropertyAccessExpression(expression)) return undefined;
  const before = wordsOf(expression.expression);
  return before === undefined ? undefined : [...before, expression.name.text];
};

const isMaking = ({ expression }: ts.CallExpression): boolean => ts.isPropertyAccessExpression(expression) && MAKING.has(expression.name.text);

type Found = Readonly<{ kind: 'suite' | 'case' | 'silent'; title: string | undefined }>;

const foundIn = (call: ts.CallExpression): Found | undefined => {
  const [root = '', ...modifiers] = wordsOf(call.expression) ?? [];
  if ((root !== SUITE && !CASES.has(root)) || isMaking(call)) return undefined;
  const [first] = call.arguments;
  const title = first !== undefined && ts.isStringLiteralLike(first) ? first.text : undefined;
  if (modifiers.some((modifier) => !RUNNING.has(modifier))) return { kind: 'silent', title };
  return { kind: root === SUITE ? 'suite' : 'case', title };
};

/**
 * Names of the tests in a file: titles of suites and test joined, placeholders as they are written (`names %s`).
 *
 * A test that is skipped for good, or whose title is not written out, has no name.
 */
export const testNamesOf = (path: string, source: string): ReadonlySet<string> => {
  const names = new Set<string>();
  const visit = (node: ts.Node, suites: readonly string[]): void => {
    const found = ts.isCallExpression(node) ? foundIn(node) : undefined;
    if (found === undefined) {
      ts.forEachChild(node, (child) => { visit(child, suites); });
      return;
    }
    if (found.title === undefined || found.kind === 'silent') return;
    if (found.kind === 'case') names.add([...suites, found.title].join(JOINT));
    else ts.forEachChild(node, (child) => { visit(child, [...suites, found.title ?? '']); });
  };
  visit(ts.createSourceFile(path, source, ts.ScriptTarget.Latest, false), []);
  return names;
};
