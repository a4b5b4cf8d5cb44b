import { IoTClient } from '@aws-sdk/client-iot';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createDeviceCredentials, DEVICE_NAME, type DeviceFiles } from './client/device-credentials.ts';
import { readEndpoints } from './client/endpoints.ts';
import { revokeDevice } from './client/revoke-device.ts';
import { runScript, UsageError } from './run-script.ts';

const HELP = `Create the X.509 credentials of an edge gateway, or revoke them.

  npm run node:device -- --node <id> --device <name> [--out <folder>] [--outputs <file> --ca <file>]
  npm run node:device -- --node <id> --device <name> --revoke [--outputs <file>]

  --node      hospital node, e.g. north
  --device    name of the gateway: MQTT client id, Sparkplug edge node id; a-z, 0-9 and hyphens
  --out       folder to write to; devices/<node>/<device> by default
  --revoke    end every certificate the gateway has: it is stolen, lost or out of use
  --outputs   deployed network: file that "cdk deploy --outputs-file" wrote. Without it the local cloud is used
  --ca        deployed network: PEM file with Amazon's root certificates
  --state     state folder of the local cloud; .bedside by default

The private key is made on this machine and is never sent anywhere. Made again for the same name, the gateway has two
certificates, so that it can change over; --revoke ends both, and the gateway needs a new one then.
`;

const describe = ({ folder, key, certificate, certificateAuthority, endpoint }: DeviceFiles, nodeId: string, device: string): string => {
  const [host = '', port = '8883'] = endpoint.split(':');
  return `wrote ${folder} (readable by you only)

try it, with any MQTT client:
  mosquitto_pub -h ${host} -p ${port} --cafile ${certificateAuthority} --cert ${certificate} --key ${key} -i ${device} -t spBv1.0/${nodeId}/NDATA/${device} -f payload.bin
`;
};

type Values = Readonly<{ outputs?: string; ca?: string }>;

const localRequest = (nodeId: string, state: string) => {
  const endpoints = readEndpoints(state);
  const node = endpoints.nodes[nodeId];
  if (node === undefined) throw new UsageError(`--node: got ${nodeId}, want one of ${Object.keys(endpoints.nodes).join(', ')}`);
  Object.assign(process.env, node.environment);
  return { thingTypeName: node.outputs['IotThingTypeName'] ?? '', policyName: node.outputs['IotPolicyName'] ?? '', certificateAuthorityPem: readFileSync(node.mqtt.caFile, 'utf8') };
};

const deployedRequest = (nodeId: string, { outputs = '', ca }: Values) => {
  if (ca === undefined) throw new UsageError('--ca: want a PEM file with Amazon\'s root certificates');
  const all = JSON.parse(readFileSync(outputs, 'utf8')) as Readonly<Record<string, Readonly<Record<string, string>>>>;
  const own = all[`Bedside-Node-${nodeId}`];
  if (own === undefined) throw new UsageError(`--node: ${outputs} has no stack Bedside-Node-${nodeId}, only ${Object.keys(all).join(', ')}`);
  return { thingTypeName: own['IotThingTypeName'] ?? '', policyName: own['IotPolicyName'] ?? '', certificateAuthorityPem: readFileSync(ca, 'utf8') };
};

await runScript(HELP, async () => {
  const { values } = parseArgs({ options: { node: { type: 'string' }, device: { type: 'string' }, out: { type: 'string' }, outputs: { type: 'string' }, ca: { type: 'string' }, state: { type: 'string', default: '.bedside' }, revoke: { type: 'boolean', default: false }, help: { type: 'boolean' } } });
  const { node, device, out, outputs, state } = values;
  if (node === undefined) throw new UsageError('--node: want the id of a hospital node, e.g. --node north');
  if (device === undefined || !DEVICE_NAME.test(device)) throw new UsageError(`--device: got ${device ?? 'nothing'}, want 1 to 64 characters a-z, 0-9 and hyphens`);
  if (values.revoke) {
    if (outputs === undefined) localRequest(node, state);
    const ids = await revokeDevice(new IoTClient({}), device);
    process.stdout.write(ids.length === 0 ? `${device} has no certificate; nothing was changed\n` : `revoked ${ids.join(', ')}: ${device} can not connect any more\n`);
    return;
  }
  const folder = out ?? join('devices', node, device);
  if (existsSync(join(folder, 'device.key'))) throw new UsageError(`--out: ${folder} holds credentials already; nothing was changed`);
  const request = outputs === undefined ? localRequest(node, state) : deployedRequest(node, values);
  const files = await createDeviceCredentials(new IoTClient({}), { nodeId: node, device, folder, ...request });
  process.stdout.write(describe(files, node, device));
});
