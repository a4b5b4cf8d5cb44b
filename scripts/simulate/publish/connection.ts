import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
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
  if (!Object.hasOwn(endpoints.nodes, node)) throw new UsageError(`--node: got ${node}, want one of ${Object.keys(endpoints.nodes).join(', ')}`);
  return endpoints;
};

const checked = (option: string, file: string): string => {
  try {
    readFileSync(file);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new UsageError(`--${option}: ${file} ${code === 'ENOENT' ? 'is not there' : `can not be read (${code})`}`, { cause: error });
  }
  return file;
};

/** Credentials: named one by one, or a folder as `npm run node:device` writes it, or made by the local cloud's node the first time. */
const filesOf = async (options: PublishOptions, local: NodeSite | undefined): Promise<Files & Readonly<{ folder?: string }>> => {
  const { node, gateway, state, credentials, ca, cert, key } = options;
  for (const [option, file] of Object.entries({ ca, cert, key })) if (file !== undefined) checked(option, file);
  if (ca !== undefined && cert !== undefined && key !== undefined) return { caFile: ca, certFile: cert, keyFile: key };
  const [written, own] = [credentials ?? join('devices', node, gateway), join(state, 'devices', node, gateway)];
  const folder = [written, ...(credentials === undefined ? [own] : [])].find((each) => existsSync(join(each, 'device.key')));
  if (folder === undefined && local !== undefined && credentials === undefined) {
    mkdirSync(join(state, 'devices'), { recursive: true, mode: 0o700 });
    return { folder: own, ...await gatewayFiles(local, node, gateway, own) };
  }
  if (folder === undefined) throw new UsageError(`--credentials: ${written} holds no device.key; make it with: npm run node:device -- --node ${node} --device ${gateway}`);
  const inFolder = (name: string): string => checked('credentials', join(folder, name));
  return { folder, caFile: ca ?? inFolder('ca.crt'), certFile: cert ?? inFolder('device.crt'), keyFile: key ?? inFolder('device.key') };
};

const Address = z.looseObject({ host: z.string().min(1), port: z.int().min(1).max(65_535), groupId: z.string(), edgeNodeId: z.string() });

const jsonIn = (file: string): unknown => {
  try {
    return JSON.parse(readFileSync(checked('credentials', file), 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
};

/** @throws UsageError naming the option and the file when it is not what `npm run node:device` writes */
const addressIn = (file: string): z.infer<typeof Address> => {
  const { data, error } = Address.safeParse(jsonIn(file));
  if (error === undefined) return data;
  const wrong = error.issues.map(({ path, message }) => `${path.join('.') || 'the file'}: ${message}`).join('; ');
  throw new UsageError(`--credentials: ${file} is not as npm run node:device writes it (${wrong}); write it again, or give --endpoint host:port`, { cause: error });
};

/** What `npm run node:device` wrote beside the credentials. */
const writtenAddress = (folder: string | undefined, { node, gateway }: PublishOptions): Readonly<{ host: string; port: number }> => {
  const file = join(folder ?? '', 'connection.json');
  if (folder === undefined || !existsSync(file)) throw new UsageError('--endpoint: want host:port, as neither a local cloud nor a connection.json says it');
  const { host, port, groupId, edgeNodeId } = addressIn(file);
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
