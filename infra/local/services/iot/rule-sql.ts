/** A message as rules see it. */
export type RuleMessage = Readonly<{ topic: string; payload: Buffer; clientId: string; receivedEpochMs: number }>;
export type TopicRule = Readonly<{ matches(topic: string): boolean; select(message: RuleMessage): unknown }>;

type Expression = (message: RuleMessage) => unknown;

const EXPRESSIONS: readonly Readonly<{ form: RegExp; build(match: RegExpExecArray): Expression }>[] = [
  { form: /^encode\(\*,\s*'base64'\)$/, build: () => ({ payload }) => payload.toString('base64') },
  { form: /^topic\(\)$/, build: () => ({ topic }) => topic },
  { form: /^topic\((\d+)\)$/, build: (match) => ({ topic }) => topic.split('/')[Number(match[1]) - 1] },
  { form: /^timestamp\(\)$/, build: () => ({ receivedEpochMs }) => receivedEpochMs },
  { form: /^clientid\(\)$/, build: () => ({ clientId }) => clientId },
  { form: /^'([^']*)'$/, build: (match) => () => match[1] },
];

/** Does a topic fit an MQTT topic filter? */
export const fitsFilter = (filter: string, topic: string): boolean => {
  const wanted = filter.split('/');
  const got = topic.split('/');
  if (topic.startsWith('$') && (wanted[0] === '#' || wanted[0] === '+')) return false;
  for (const [i, level] of wanted.entries()) {
    if (level === '#') return true;
    if (got[i] === undefined || (level !== '+' && level !== got[i])) return false;
  }
  return wanted.length === got.length;
};

const splitList = (text: string): readonly string[] => text.split(/,(?![^(]*\))/).map((part) => part.trim());

/**
 * The subset of AWS IoT SQL our templates use: a SELECT list of encode(*), topic, timestamp, clientid and literals with aliases, and FROM a topic filter.
 *
 * @throws Error for anything else
 */
export const parseRuleSql = (sql: string): TopicRule => {
  const match = /^SELECT\s+(.+)\s+FROM\s+'([^']+)'$/s.exec(sql.trim());
  if (match?.[1] === undefined || match[2] === undefined) throw new Error(`the local cloud does not evaluate the topic rule: ${sql}`);
  const filter = match[2];
  const columns = splitList(match[1]).map((column) => {
    const [text = '', alias] = column.split(/\s+AS\s+/i);
    const known = EXPRESSIONS.map(({ form, build }) => ({ found: form.exec(text.trim()), build })).find(({ found }) => found !== null);
    if (known?.found == null || alias === undefined) throw new Error(`the local cloud does not evaluate '${column}' in a topic rule`);
    return { alias: alias.trim(), evaluate: known.build(known.found) };
  });
  return { matches: (topic) => fitsFilter(filter, topic), select: (message) => Object.fromEntries(columns.map(({ alias, evaluate }) => [alias, evaluate(message)])) };
};
