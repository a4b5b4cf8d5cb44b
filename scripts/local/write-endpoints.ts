import { join } from 'node:path';
import { writeAtomically, type RunningCloud } from '../../infra/local/cloud.ts';
import type { Endpoints, Login, NodeSite, Site } from '../client/endpoints.ts';
import { CONTROL_STAFF, HOSPITAL_STAFF } from '../example/staff.ts';

const NETWORK = 'Bedside-Network';
const NODE_PREFIX = 'Bedside-Node-';

const siteOf = (cloud: RunningCloud, stack: string, logins: readonly Login[]): Site => {
  const { ApiUrl = '', IssuerUrl = '', UserPoolClientId = '' } = cloud.outputsOf(stack);
  return { stack, apiUrl: ApiUrl, issuerUrl: IssuerUrl, userPoolClientId: UserPoolClientId, logins, outputs: cloud.outputsOf(stack), environment: cloud.environmentFor(cloud.adminOf(stack)) };
};

/** What runs, for programs and people: `.bedside/endpoints.json`, mode 0600. */
export const describeCloud = (cloud: RunningCloud, logFolder: string): Endpoints => {
  const mqtt = new Map(cloud.endpoints().filter(({ name }) => name === 'mqtt').map(({ stack, value }) => [stack, value as NodeSite['mqtt']]));
  const nodes = cloud.stackNames().filter((name) => name.startsWith(NODE_PREFIX)).map((stack): [string, NodeSite] => {
    const endpoint = mqtt.get(stack);
    if (endpoint === undefined) throw new Error(`stack ${stack} has no MQTT endpoint`);
    return [stack.slice(NODE_PREFIX.length), { ...siteOf(cloud, stack, HOSPITAL_STAFF), mqtt: endpoint }];
  });
  return {
    formatVersion: 1, network: siteOf(cloud, NETWORK, CONTROL_STAFF), nodes: Object.fromEntries(nodes),
    sdk: { endpointUrl: cloud.endpointUrl, adminToken: cloud.adminToken, environment: cloud.environmentFor(cloud.admin) }, caFile: join(cloud.certificateFolder, 'ca.crt'), logFolder,
  };
};

export const writeEndpoints = (stateFolder: string, endpoints: Endpoints): void => {
  writeAtomically(join(stateFolder, 'endpoints.json'), `${JSON.stringify(endpoints, null, 2)}\n`);
};
