import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readEndpoints, type Endpoints, type NodeSite } from '../../client/endpoints.ts';
import { gatewayFiles } from '../../example/example-batch.ts';
import { UsageError } from '../../run-script.ts';
import type { PublishOptions } from './options.ts';

/** Where to connect and with what. `local`: the local cloud when it is its node. */
export type Connection = Readonly<{ host: string; port: number; caFile: string; certFile: string; keyFile: string; local: Endpoints | undefined }>;
type Files = Pick<Connection, 'caFile' | 'certFile' | 'keyFile'>;

const localCloud = ({ state, node, endpoint }: PublishOptions): Endpoints | undefined => {
  if (endpoint !== undefined || !existsSync(join(state, 'endpoints.json'))) return undefined;
  const endpoints = readEndpoints(state);
  if (endpoints.nodes[node] === undefined) throw new UsageError(`--node: got ${node}, want one of ${Object.keys(endpoints.nodes).join(', ')}`);
  return endpoints;
};

const checked = (option: string, file: string): string => {
  if (!existsSync(file)) throw new UsageError(`--${option}: ${file} is not there`);
  return file;
};

/** Credentials: named one by one, or a folder as `npm run node:device` writes it, or made by the local cloud's node the first time. */
const filesOf = async (options: PublishOptions, local: NodeSite | undefined): Promise<Files & Readonly<{ folder?: string }>> => {
  const { node, gateway, state, credentials, ca, cert, key } = options;
  if (ca !== undefined && cert !== undefined && key !== undefined) return { caFile: checked('ca', ca), certFile: checked('cert', cert), keyFile: checked('key', key) };
  const [written, own] = [credentials ?? join('devices', node, gateway), join(state, 'devices', node, gateway)];
  const folder = [written, ...(credentials === undefined ? [own] : [])].find((each) => existsSync(join(each, 'device.key')));
  if (folder === undefined && local !== undefined && credentials === undefined) {
    mkdirSync(join(state, 'devices'), { recursive: true, mode: 0o700 });
    return { folder: own, ...await gatewayFiles(local, node, gateway, own) };
  }
  if (folder === undefined) throw new UsageError(`--credentials: ${written} holds no device.key; make it with: npm run node:device -- --node ${node} --device ${gateway}`);
  return { folder, caFile: ca ?? join(folder, 'ca.crt'), certFile: cert ?? join(folder, 'device.crt'), keyFile: key ?? join(folder, 'device.key') };
};

/** What `npm run node:device` wrote beside the credentials. */
const writtenAddress = (folder: string | undefined, { node, gateway }: PublishOptions): Readonly<{ host: string; port: number }> => {
  const file = join(folder ?? '', 'connection.json');
  if (folder === undefined || !existsSync(file)) throw new UsageError('--endpoint: want host:port, as neither a local cloud nor a connection.json says it');
  const { host, port, groupId, edgeNodeId } = JSON.parse(readFileSync(file, 'utf8')) as Readonly<{ host: string; port: number; groupId: string; edgeNodeId: string }>;
  if (groupId !== node || edgeNodeId !== gateway) throw new UsageError(`--credentials: ${file} is of ${edgeNodeId} at ${groupId}, want ${gateway} at ${node}`);
  return { host, port };
};

/** @throws UsageError naming the option to give when something is not there */
export const connectionOf = async (options: PublishOptions): Promise<Connection> => {
  const local = localCloud(options);
  const site = local?.nodes[options.node];
  const { folder, ...files } = await filesOf(options, site);
  const { host, port } = options.endpoint ?? site?.mqtt ?? writtenAddress(folder, options);
  return { host, port, ...files, local };
};
