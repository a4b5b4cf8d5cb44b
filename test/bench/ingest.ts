import { join } from 'node:path';
import type { Endpoints } from '../../scripts/client/endpoints.ts';
import { LocalClock } from '../../scripts/client/local-clock.ts';
import { gatewayFiles } from '../../scripts/example/example-batch.ts';
import type { CloudProcess } from '../support/local/cloud-process.ts';
import { LoadGateway, METRICS_A_MESSAGE } from './load-gateway.ts';
import { rawBrokerRate, rawStoreRate } from './references.ts';
import { row, type Row } from './row.ts';
import { minutesOf, openSegments, queuedMessages } from './stored.ts';

const NODE = 'harbour';
const GATEWAY = 'load-gateway';
const TARGET_RATE = 1000;
/** Minutes are sealed two minutes after their end; the clock is moved on so that nobody waits. */
const SEAL_STEP_MS = 60_000;
const WARM_SECONDS = 20;
const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
const mean = (values: readonly number[]): number => sumOf(values) / values.length;

/**
 * The whole path: TLS socket → broker, policy, rule, queue, ingest, segment, seal → chunk. Every sample sent is counted in the chunks afterwards; one that is missing fails
 * the run.
 */
export const measureIngest = async (cloud: CloudProcess, endpoints: Endpoints, seconds: number, say: (text: string) => void): Promise<readonly Row[]> => {
  const node = endpoints.nodes[NODE];
  if (node === undefined) throw new Error(`no node ${NODE}`);
  const files = await gatewayFiles(node, NODE, GATEWAY, join(cloud.stateFolder, 'devices', NODE, GATEWAY));
  say('the broker library alone');
  const raw = await rawBrokerRate(join(cloud.stateFolder, 'certificates'), files);
  say('the store alone');
  const store = await rawStoreRate();

  const clock = new LocalClock(endpoints);
  const gateway = await LoadGateway.connect({ host: node.mqtt.host, port: node.mqtt.port, ...files }, NODE, GATEWAY);
  const startEpochMs = (await clock.read()).now;
  await gateway.birth(startEpochMs - 1);
  const memory: number[] = [];
  const began = performance.now();
  await gateway.send(seconds, startEpochMs, () => {
    memory.push(cloud.residentMb());
    if (memory.length % 10 === 0) say(`sent ${gateway.count} messages in ${memory.length} s, cloud at ${Math.round(memory.at(-1) ?? 0)} MB`);
  });
  const acknowledged = gateway.count / ((performance.now() - began) / 1000);
  await gateway.end();

  const wanted = gateway.count * METRICS_A_MESSAGE;
  say(`waiting until ${wanted} samples are in chunks`);
  const isSealed = async (): Promise<boolean> => {
    await clock.advance(SEAL_STEP_MS);
    // In this order: a message leaves the queue when it is in a segment.
    return (await queuedMessages(node)) === 0 && (await openSegments(node)) === 0;
  };
  await cloud.until('all segments to be sealed', isSealed);
  const whole = gateway.count / ((performance.now() - began) / 1000);
  const perDevice = await Promise.all(gateway.devices.map((device) => minutesOf(node, GATEWAY, device)));
  const stored = { samples: sumOf(perDevice.map(({ samples }) => samples)), bytes: sumOf(perDevice.map(({ bytes }) => bytes)) };
  const lost = wanted + gateway.devices.length * METRICS_A_MESSAGE - stored.samples;
  if (lost !== 0) throw new Error(`${lost} of ${wanted} samples are not in the chunks`);
  const [warm, settled] = [mean(memory.slice(WARM_SECONDS, WARM_SECONDS + 10)), mean(memory.slice(-10))];
  return [
    row('ingest: messages of 200 metrics acknowledged', acknowledged, 'messages/s', TARGET_RATE, 'target, at least'),
    row('ingest: messages of 200 metrics acknowledged', acknowledged, 'messages/s', raw, 'the broker library alone'),
    row('ingest: messages of 200 metrics acknowledged', acknowledged, 'messages/s', store, 'the store alone, batches of 25 items'),
    row('ingest: socket to sealed chunk, waits and all', whole, 'messages/s', TARGET_RATE, 'target, at least'),
    row('ingest: samples lost', lost, 'samples', wanted, 'samples sent'),
    row('ingest: stored', stored.bytes / stored.samples, 'B/sample', 2.5, 'target, at most'),
    row('ingest: memory of the cloud at the end', settled, 'MB', warm, `seconds ${WARM_SECONDS} to ${WARM_SECONDS + 10}`),
    row('ingest: memory of the cloud, peak', Math.max(...memory), 'MB', warm, `seconds ${WARM_SECONDS} to ${WARM_SECONDS + 10}`),
  ];
};
