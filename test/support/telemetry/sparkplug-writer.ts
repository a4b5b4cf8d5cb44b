import protobuf from 'sparkplug-payload/lib/sparkplugPayloadProto.js';

/** A Sparkplug payload in the words of the independent library; 64-bit values may be given as `{ low, high }`. */
export type PayloadInput = Readonly<{ timestamp?: unknown; seq?: number; uuid?: string; body?: Uint8Array; metrics?: readonly Readonly<Record<string, unknown>>[] }>;

const { Payload } = protobuf.org.eclipse.tahu.protobuf;

/** Encode with npm sparkplug-payload's protobuf classes, which are not what Bedside reads with. */
export const encodePayload = (input: PayloadInput): Uint8Array => Uint8Array.from(Payload.encode(Payload.create(input as never)).finish());
/** Decode with the same library: an oracle. */
export const decodePayload = (bytes: Uint8Array): Readonly<{ metrics: readonly Readonly<Record<string, unknown>>[] }> => Payload.decode(bytes) as never;

export const DATATYPE = {
  int8: 1, int16: 2, int32: 3, int64: 4, uint8: 5, uint16: 6, uint32: 7, uint64: 8, float: 9, double: 10, boolean: 11, string: 12, dateTime: 13, text: 14, uuid: 15, dataSet: 16, bytes: 17, file: 18,
} as const;

/** 2026-03-02T14:05:00Z */
export const MINUTE = 1_772_460_300_000;
export const topicOf = (type: string, edge = 'gateway-1', device?: string, node = 'north'): string => ['spBv1.0', node, type, edge, ...(device === undefined ? [] : [device])].join('/');
