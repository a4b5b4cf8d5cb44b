const THING = '${iot:Connection.Thing.ThingName}';
/** Resource kind each action may name; anything else is not for a device. */
const KIND_BY_ACTION: Readonly<Record<string, string>> = { 'iot:Connect': 'client', 'iot:Publish': 'topic', 'iot:Subscribe': 'topicfilter', 'iot:Receive': 'topic' };

const HEARING = new Set(['iot:Subscribe', 'iot:Receive']);
/** What hosts say of themselves: a device may hear it and never say it. */
const HOST_STATE = 'spBv1.0/STATE/*';

type Statement = Readonly<{ Effect?: unknown; Action?: unknown; Resource?: unknown }>;

const asArray = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);

/** A template may still join account and region; the end of the text is what counts here. */
const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

const resourceFaults = (action: string, kind: string, resource: string): readonly string[] => {
  const marker = `:${kind}/`;
  const at = resource.indexOf(marker);
  if (at < 0) return [`${action} on ${resource}: want a resource of the kind ${kind}/…`];
  const path = resource.slice(at + marker.length);
  if (action === 'iot:Connect') return path === THING ? [] : [`iot:Connect as client/${path}: want exactly client/${THING}`];
  const isHostState = HEARING.has(action) && path === HOST_STATE;
  const [namespace, group, message, owner, ...rest] = path.split('/');
  const isOwn = namespace === 'spBv1.0' && group !== undefined && /^[a-z][a-z0-9-]*$/.test(group) && message !== undefined && /^[ND](BIRTH|DEATH|DATA|CMD)$/.test(message) && owner === THING;
  const endsPlainly = rest.length === 0 || (rest.length === 1 && (rest[0] === '*' || rest[0] === '#'));
  return isHostState || (isOwn && endsPlainly) ? [] : [`${action} on ${path}: want spBv1.0/<node>/<message>/${THING}, with at most one level below`];
};

const statementFaults = ({ Effect, Action, Resource }: Statement): readonly string[] => {
  if (Effect === 'Deny') return [];
  return asArray(Action).map(textOf).flatMap((action) => {
    const kind = KIND_BY_ACTION[action];
    if (kind === undefined) return [`action ${action}: want one of ${Object.keys(KIND_BY_ACTION).join(', ')}`];
    return asArray(Resource).map(textOf).flatMap((resource) => resourceFaults(action, kind, resource));
  });
};

/**
 * What is wrong with a device policy; empty when a device can only connect as itself, publish its own Sparkplug topics and hear its own commands.
 *
 * @param document IAM-style policy document of an AWS::IoT::Policy
 */
export const policyFaults = (document: unknown): readonly string[] => {
  const statements = (document as Readonly<{ Statement?: unknown }> | undefined)?.Statement;
  if (statements === undefined) return ['the policy has no statement'];
  return asArray(statements).flatMap((statement) => statementFaults(statement as Statement));
};
