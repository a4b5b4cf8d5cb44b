import { DomainError } from '../errors.ts';

export const MESSAGE_TYPES = ['NBIRTH', 'NDEATH', 'NDATA', 'DBIRTH', 'DDEATH', 'DDATA'] as const;
export type MessageType = (typeof MESSAGE_TYPES)[number];

/** Who speaks: an edge node, or a device behind it. The group is the hospital node. */
export type Address = Readonly<{ groupId: string; messageType: MessageType; edgeNodeId: string; deviceId: string | undefined }>;

export const isMessageType = (text: string | undefined): text is MessageType => MESSAGE_TYPES.some((each) => each === text);

/** Wildcards can not stand in a topic; `-` means "no device" in object keys, and dots mean folders to some stores. */
const isName = (text: string): boolean => /^[^+#\p{Cc}]{1,128}$/u.test(text) && !['-', '.', '..'].includes(text);

/** Commands to a gateway, our own among them, pass the same rule as its data; they are not telemetry. */
export const isCommandTopic = (topic: string): boolean => /^spBv1\.0\/[^/]+\/[ND]CMD\//.test(topic);

/**
 * `spBv1.0/<group>/<message type>/<edge node>[/<device>]`; a device stands in D messages and only there.
 *
 * @throws DomainError `sparkplug-malformed`
 * @see Sparkplug 3.0, section 5
 */
export const parseTopic = (topic: string): Address => {
  const [namespace, groupId, messageType, edgeNodeId, deviceId, ...rest] = topic.split('/');
  if (namespace === 'spBv1.0' && groupId !== undefined && edgeNodeId !== undefined && isMessageType(messageType) && rest.length === 0) {
    const hasItsDevice = messageType.startsWith('D') === (deviceId !== undefined);
    if (hasItsDevice && [groupId, edgeNodeId, deviceId ?? 'none'].every(isName)) return { groupId, messageType, edgeNodeId, deviceId };
  }
  throw new DomainError('sparkplug-malformed', `topic: got '${topic.slice(0, 200)}', want spBv1.0/<node>/<message type>/<edge node>[/<device>]`);
};
