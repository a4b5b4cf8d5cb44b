import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** `.bedside/endpoints.json`, as the local cloud writes it when it is ready; see docs/architecture.md. */
export type Login = Readonly<{ username: string; password: string; roles: readonly string[]; printedName: string }>;
export type Site = Readonly<{ stack: string; apiUrl: string; issuerUrl: string; userPoolClientId: string; logins: readonly Login[];
  /** Outputs of the stack. */
  outputs: Readonly<Record<string, string>>;
  /** Environment for AWS SDK programs that administer this stack. */
  environment: Readonly<Record<string, string>>;
}>;
export type NodeSite = Site & Readonly<{ mqtt: Readonly<{ url: string; host: string; port: number; caFile: string }> }>;
export type Endpoints = Readonly<{
  formatVersion: 1;
  network: Site;
  nodes: Readonly<Record<string, NodeSite>>;
  sdk: Readonly<{ endpointUrl: string; adminToken: string; environment: Readonly<Record<string, string>> }>;
  caFile: string;
  logFolder: string;
}>;

/** @throws Error that says how to start the local cloud when the file is absent */
export const readEndpoints = (stateFolder = '.bedside'): Endpoints => {
  const file = join(stateFolder, 'endpoints.json');
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Endpoints;
  } catch (cause) {
    throw new Error(`${file} is not there or not readable: start the local cloud with "npm start" and wait until it says it is ready`, { cause });
  }
};
