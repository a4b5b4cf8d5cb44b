import { IoTClient } from '@aws-sdk/client-iot';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { JsonFile } from '../../infra/local/core/state.ts';
import { CLOUD_TIME_USERNAME } from '../../infra/local/services/iot/broker.ts';
import { CD19_CAR_T_ID } from '../../shared/master-batch-record/cd19-car-t/content.ts';
import type { Person } from '../client/api-client.ts';
import { createDeviceCredentials, hasCredentials } from '../client/device-credentials.ts';
import { EdgeGateway } from '../client/edge-gateway.ts';
import type { Endpoints, NodeSite } from '../client/endpoints.ts';
import { LocalClock } from '../client/local-clock.ts';
import { EXAMPLE_REPORTED, exampleCulture } from './example-culture.ts';
import { EXAMPLE_PATIENT } from './example-values.ts';
import { patientLotOf } from './labels.ts';
import { BatchPlayer, CULTURE_HOURS, type Command, type Staff } from './play-batch.ts';
import { EXAMPLE_DEVICE, EXAMPLE_GATEWAY, signInAs } from './seed-network.ts';

/** The example batch begins so long before now that it ends about now. */
export const EXAMPLE_DAYS = 9;
/** Of those it needs: the culture, and what comes before and after it. */
const NEEDED_DAYS = 8.5;
const SEED = 1;
const DAY_MS = 86_400_000;

type Progress = Readonly<{ chainOfIdentityId: string; batchId: string; done: boolean }>;
export type ExampleOptions = Readonly<{ endpoints: Endpoints; nodeId: string; stateFolder: string; onProgress(text: string, share: number): void; signal: AbortSignal }>;

const staffOf = async (node: NodeSite): Promise<Staff> => ({
  first: await signInAs(node, 'operator.one'), second: await signInAs(node, 'operator.two'), scientist: await signInAs(node, 'scientist'), reviewer: await signInAs(node, 'reviewer'),
  qualifiedPerson: await signInAs(node, 'qualified.person'), steward: await signInAs(node, 'steward'),
});

const releaseLot = async (reviewer: Person, lotId: string): Promise<void> => {
  const { items } = await reviewer.get('/v1/materials?limit=200') as unknown as Readonly<{ items: readonly Readonly<{ lotId: string; status: string; version: number }>[] }>;
  const lot = items.find((each) => each.lotId === lotId);
  if (lot?.status === 'quarantine') await reviewer.sign(`/v1/materials/${lotId}/status`, 'approval', lot.version, { status: 'released', reason: 'Identity and transport conform' });
};

/** The therapy event, its leukapheresis lot, the batch, and what is recorded of the patient at collection; keys of the requests make it repeatable. */
const begin = async ({ first, reviewer }: Staff, now: number): Promise<Progress> => {
  const registered = await first.post('/v1/chains-of-identity', { productId: CD19_CAR_T_ID }, 'example-chain-of-identity');
  const chainOfIdentityId = String(registered['id']);
  const lotId = patientLotOf(chainOfIdentityId);
  const received = await first.request('POST', '/v1/materials', { lotId, materialId: 'leukapheresis', supplier: 'Apheresis unit', quantity: 120, unit: 'mL', expiresAt: new Date(now + 3 * DAY_MS).toISOString(), chainOfIdentityId }, 'example-leukapheresis');
  if (received.status >= 300) throw new Error(`receiving the leukapheresis answered ${received.status}: ${String(received.body['detail'])}`);
  await releaseLot(reviewer, lotId);
  const created = await first.post('/v1/batches', { productId: CD19_CAR_T_ID, chainOfIdentityId }, 'example-batch-creation');
  const batchId = String(created['id']);
  await first.post(`/v1/batches/${batchId}/personal-data`, { fields: EXAMPLE_PATIENT }, 'example-personal-data');
  return { chainOfIdentityId, batchId, done: false };
};

/**
 * A network that began now, or was left to itself since, has no time to leap over: the batch would take as long as a real one.
 *
 * @param offsetMs by which the network's clock is behind real time
 * @throws Error that says how to see the example
 */
export const requireTimeToPlay = (offsetMs: number, stateFolder: string): void => {
  if (offsetMs >= NEEDED_DAYS * DAY_MS) return;
  throw new Error(`this network is ${(offsetMs / DAY_MS).toFixed(1)} days behind real time, and the example batch leaps over ${NEEDED_DAYS}: it would take as long as a real one. Remove ${stateFolder} and start anew, or start another network with --state and --port`);
};

/** Credentials of a gateway of a hospital, made by its own AWS IoT the first time they are asked for. */
export const gatewayFiles = async (node: NodeSite, nodeId: string, device: string, folder: string): Promise<Readonly<{ caFile: string; certFile: string; keyFile: string }>> => {
  if (!hasCredentials(folder)) {
    // A start that was cut off may have left a key that no certificate is active for.
    rmSync(folder, { recursive: true, force: true });
    const { environment } = node;
    const iot = new IoTClient({ endpoint: environment['AWS_ENDPOINT_URL'] ?? '', region: environment['AWS_REGION'] ?? '', credentials: { accessKeyId: environment['AWS_ACCESS_KEY_ID'] ?? '', secretAccessKey: 'local', sessionToken: 'local' } });
    await createDeviceCredentials(iot, { nodeId, device, folder, thingTypeName: node.outputs['IotThingTypeName'] ?? '', policyName: node.outputs['IotPolicyName'] ?? '', certificateAuthorityPem: readFileSync(node.mqtt.caFile, 'utf8') });
  }
  return { caFile: join(folder, 'ca.crt'), certFile: join(folder, 'device.crt'), keyFile: join(folder, 'device.key') };
};

/** Samples are phases of their own, worked on before the culture is over: how much is done is the most that was. */
const onlyForward = (onProgress: ExampleOptions['onProgress']): ExampleOptions['onProgress'] => {
  let most = 0;
  return (text, share) => {
    most = Math.max(most, share);
    onProgress(text, most);
  };
};

/** Play the example batch, or play it on. @returns its id */
export const playExampleBatch = async ({ endpoints, nodeId, stateFolder, onProgress, signal }: ExampleOptions): Promise<string> => {
  const node = endpoints.nodes[nodeId];
  if (node === undefined) throw new Error(`no node ${nodeId}`);
  const clock = new LocalClock(endpoints);
  const file = new JsonFile<Progress | null>(join(stateFolder, 'example.json'), null);
  const staff = await staffOf(node);
  mkdirSync(join(stateFolder, 'devices'), { recursive: true, mode: 0o700 });
  const files = await gatewayFiles(node, nodeId, EXAMPLE_GATEWAY, join(stateFolder, 'devices', nodeId, EXAMPLE_GATEWAY));
  if (file.value?.done === true) return file.value.batchId;
  const { now, offsetMs } = await clock.read();
  if (file.value === null) requireTimeToPlay(offsetMs, stateFolder);
  const progress = file.value ?? await begin(staff, now);
  file.set(progress);
  const commands: Command[] = [];
  const gateway = await EdgeGateway.connect({
    host: node.mqtt.host, port: node.mqtt.port, ...files, groupId: nodeId, edgeNodeId: EXAMPLE_GATEWAY, deviceId: EXAMPLE_DEVICE, metricNames: EXAMPLE_REPORTED, now: () => clock.now(), username: CLOUD_TIME_USERNAME,
    onCommand: (name, value) => { commands.push({ name, value }); },
  });
  try {
    const sentUntil = new JsonFile<number | null>(join(stateFolder, 'example-gateway.json'), null);
    await new BatchPlayer({ staff, clock, gateway, sentUntil, culture: exampleCulture(SEED, CULTURE_HOURS), takeCommands: () => commands.splice(0), chainOfIdentityId: progress.chainOfIdentityId, batchId: progress.batchId, onProgress: onlyForward(onProgress), signal }).play();
    file.set({ ...progress, done: true });
    return progress.batchId;
  } finally {
    await gateway.end();
  }
};
