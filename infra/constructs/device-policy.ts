/** The identity of whoever holds the connection's certificate, as AWS IoT Core knows it. */
const SELF = '${iot:Connection.Thing.ThingName}';

/** Sparkplug B messages an edge node sends for itself, and for the devices behind it. */
const OWN_MESSAGES = ['NBIRTH', 'NDEATH', 'NDATA'] as const;
const DEVICE_MESSAGES = ['DBIRTH', 'DDEATH', 'DDATA'] as const;

/** Where a host application says that it listens. Bedside says nothing there, and no device may; a gateway that asks all the same must not be refused for it. */
const HOST_STATE = 'spBv1.0/STATE/*';

type Home = Readonly<{ region: string; account: string }>;

/**
 * What a device certificate of one node may do: connect under its thing's name, publish that thing's own Sparkplug messages, and hear the commands
 * meant for it, and ask for the state of a host. Nothing else, and nothing of another gateway or hospital.
 *
 * @see Sparkplug 3.0, section 5 (topic structure, STATE) and 6.4 (command topics an edge node subscribes to)
 */
export const devicePolicyDocument = ({ region, account }: Home, nodeId: string): Readonly<Record<string, unknown>> => {
  const arn = (kind: string, path: string): string => `arn:aws:iot:${region}:${account}:${kind}/${path}`;
  const group = `spBv1.0/${nodeId}`;
  return {
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Action: 'iot:Connect', Resource: arn('client', SELF), Condition: { Bool: { 'iot:Connection.Thing.IsAttached': ['true'] } } },
      {
        Effect: 'Allow', Action: 'iot:Publish',
        Resource: [...OWN_MESSAGES.map((message) => arn('topic', `${group}/${message}/${SELF}`)), ...DEVICE_MESSAGES.map((message) => arn('topic', `${group}/${message}/${SELF}/*`))],
      },
      {
        Effect: 'Allow', Action: 'iot:Subscribe',
        Resource: [arn('topicfilter', `${group}/NCMD/${SELF}`), arn('topicfilter', `${group}/NCMD/${SELF}/#`), arn('topicfilter', `${group}/DCMD/${SELF}/#`), arn('topicfilter', HOST_STATE)],
      },
      { Effect: 'Allow', Action: 'iot:Receive', Resource: [arn('topic', `${group}/NCMD/${SELF}`), arn('topic', `${group}/DCMD/${SELF}/*`), arn('topic', HOST_STATE)] },
    ],
  };
};
