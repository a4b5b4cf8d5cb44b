import { ByteWriter } from './bytes.ts';

const BOOLEAN = 11;
const TAG = { timestamp: 0x08, metrics: 0x12, name: 0x0a, metricTimestamp: 0x18, datatype: 0x20, booleanValue: 0x70 } as const;

/**
 * The payload of an NCMD that asks an edge node to be born again: the one message Bedside writes, so it brings no protobuf library along.
 *
 * @param timestampEpochMs when it is sent
 * @see Sparkplug 3.0, tck-id-operational-behavior-data-commands-rebirth-name, -datatype, -value
 */
export const rebirthCommand = (timestampEpochMs: number): Uint8Array => {
  const metric = new ByteWriter();
  metric.byte(TAG.name);
  metric.text('Node Control/Rebirth');
  metric.byte(TAG.metricTimestamp);
  metric.unsigned(timestampEpochMs);
  metric.byte(TAG.datatype);
  metric.unsigned(BOOLEAN);
  metric.byte(TAG.booleanValue);
  metric.byte(1);
  const payload = new ByteWriter();
  payload.byte(TAG.timestamp);
  payload.unsigned(timestampEpochMs);
  payload.byte(TAG.metrics);
  payload.bytes(metric.finish());
  return Uint8Array.from(payload.finish());
};
