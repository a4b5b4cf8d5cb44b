import { parseArgs } from 'node:util';
import { SENSOR_COUNT } from '../../../models/twin/site/live-batch.ts';
import { DEVICE_NAME } from '../../client/device-credentials.ts';
import { UsageError, wholeNumber } from '../../run-script.ts';
import { trialSeed } from '../options.ts';

/** `endpoint`, `ca`, `cert`, `key`: given instead of what the local cloud or `npm run node:device` wrote. `fromEpochMs`: hour 0 of the first batch. */
export type PublishOptions = Readonly<{
  node: string; gateway: string; device: string; world: string; batches: number; seed: number; scale: number; sensorCount: number; state: string; credentials: string | undefined;
  endpoint: Readonly<{ host: string; port: number }> | undefined; ca: string | undefined; cert: string | undefined; key: string | undefined; fromEpochMs: number | undefined;
}>;

const [MOST_BATCHES, FASTEST] = [1000, 1e6] as const;
const DEFAULT_MQTT_PORT = '8883';

const nameOf = (option: string, text: string): string => {
  if (!DEVICE_NAME.test(text)) throw new UsageError(`--${option}: got ${JSON.stringify(text)}, want 1 to 64 characters a-z, 0-9 and hyphens`);
  return text;
};

const endpointOf = (text: string | undefined): PublishOptions['endpoint'] => {
  if (text === undefined) return undefined;
  const [, host, port = DEFAULT_MQTT_PORT] = /^(?:mqtts:\/\/)?([^\s:/]+)(?::(\d{1,5}))?$/.exec(text) ?? [];
  if (host === undefined || Number(port) < 1 || Number(port) > 65_535) throw new UsageError(`--endpoint: got ${JSON.stringify(text)}, want host:port`);
  return { host, port: Number(port) };
};

const scaleOf = (text: string): number => {
  const scale = Number(text);
  if (text.trim() === '' || !(scale >= 0 && scale <= FASTEST)) throw new UsageError(`--scale: got ${text}, want 0 (as fast as it is taken), 1 (real time), or minutes of culture in a minute up to ${FASTEST}`);
  return scale;
};

const timeOf = (text: string | undefined): number | undefined => {
  if (text === undefined) return undefined;
  const epochMs = Date.parse(text);
  if (Number.isNaN(epochMs)) throw new UsageError(`--from: got ${JSON.stringify(text)}, want a time as 2026-03-02T08:00:00Z`);
  return epochMs;
};

/** @throws UsageError naming the option and what was wanted */
export const readPublishOptions = (args: readonly string[]): PublishOptions => {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ args: [...args], options: {
    publish: { type: 'boolean' }, node: text, gateway: { ...text, default: 'simulator-1' }, device: { ...text, default: 'bioreactor-1' }, world: { ...text, default: 'stress' }, batches: { ...text, default: '1' }, seed: { ...text, default: '1' },
    scale: { ...text, default: '60' }, metrics: { ...text, default: String(SENSOR_COUNT) }, state: { ...text, default: '.bedside' }, credentials: text, endpoint: text, ca: text, cert: text, key: text, from: text, help: { type: 'boolean' },
  } });
  if (values.node === undefined) throw new UsageError('--node: want the id of a hospital node, e.g. --node north');
  return {
    node: nameOf('node', values.node), gateway: nameOf('gateway', values.gateway), device: nameOf('device', values.device), world: values.world, batches: wholeNumber('batches', values.batches, 1, MOST_BATCHES),
    seed: trialSeed(values.seed), scale: scaleOf(values.scale), sensorCount: wholeNumber('metrics', values.metrics, 1, SENSOR_COUNT), state: values.state, credentials: values.credentials,
    endpoint: endpointOf(values.endpoint), ca: values.ca, cert: values.cert, key: values.key, fromEpochMs: timeOf(values.from),
  };
};
