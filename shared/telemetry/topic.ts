import { DomainError } from '../errors.ts';

const MESSAGE_TYPES = ['NBIRTH', 'NDEATH', 'NDATA', 'DBIRTH', 'DDEATH', 'DDATA'] as const;
export type MessageType = (typeof MESSAGE_TYPES)[number];

/** Who speaks: an edge node, or a device behind it. The group is the hospital node. */
export type Address = Readonly<{ groupId: string; messageType: MessageType; edgeNodeId: string; deviceId: string | undefined }>;

const isMessageType = (text: string | undefined): text is MessageType => MESSAGE_TYPES.some((each) => each === text);

/**
 * `spBv1.0/<group>/<message type>/<edge node>[/<device>]`; a device stands in D messages and only there.
 *
 * @throws DomainError `sparkplug-malformed`
 * @see Sparkplug 3.0, section 5
 */
export const parseTopic = (topic: string): Address => {
  const [namespace, groupId, messageType, edgeNodeId, deviceId, ...rest] = topic.split('/');
  const named = groupId !== undefined && groupId !== '' && edgeNodeId !== undefined && edgeNodeId !== '' && deviceId !== '';
  if (namespace !== 'spBv1.0' || !named || !isMessageType(messageType) || rest.length > 0 || messageType.startsWith('D') !== (deviceId !== undefined)) {
    throw new DomainError('sparkplug-malformed', `topic: got '${topic.slice(0, 200)}', want spBv1.0/<node>/<message type>/<edge node>[/<device>]`);
  }
  return { groupId, messageType, edgeNodeId, deviceId };
};
