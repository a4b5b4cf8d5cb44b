import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { ProblemError } from '../../scripts/client/api-client.ts';
import type { Endpoints, NodeSite } from '../../scripts/client/endpoints.ts';
import { CloudProcess } from '../support/local/cloud-process.ts';

export type Directory = Readonly<{ sites: readonly Readonly<{ siteId: string; witnessKey: string; witnesses?: number; quorum?: number }>[] }>;
export type ScriptResult = Readonly<{ code: number; text: string }>;
export type DeviceFiles = Readonly<{ folder: string; options: Readonly<{ host: string; port: number; caFile: string; certFile: string; keyFile: string }> }>;
type Variables = Readonly<Record<string, string>>;

const FIRST_PORT = 10_000;
/** Of each of up to ten test files that run side by side; the last ends below the ports that outgoing connections take. A run beside another one begins at a lane of its own. */
const PORTS = 2000;
/** One cloud takes fewer. */
const PORTS_OF_ONE = 200;
const firstPort = (): number => FIRST_PORT + ((Number(process.env['VITEST_POOL_ID'] ?? 0) + Number(process.env['PORT_LANE'] ?? 0)) % 10) * PORTS + Math.floor(Math.random() * (PORTS - PORTS_OF_ONE));

/** The local cloud in a state folder of its own, and what a person does beside it. */
export class RunningNetwork {
  readonly state = mkdtempSync(join(tmpdir(), 'bedside-e2e-'));
  /** The hospitals of this network: one that is added stays out of the project. */
  readonly nodesFolder = join(this.state, 'nodes');
  readonly cloud: CloudProcess;
  #endpoints: Endpoints | undefined;

  /** @param options of `npm start`, beside those that keep it apart */
  constructor(...options: readonly string[]) {
    cpSync('infra/nodes', this.nodesFolder, { recursive: true, filter: (path) => !path.endsWith('.ts') });
    this.cloud = new CloudProcess(this.state, firstPort(), '--nodes', this.nodesFolder, ...options);
  }

  get endpoints(): Endpoints {
    if (this.#endpoints === undefined) throw new Error('the network is not started');
    return this.#endpoints;
  }

  get north(): NodeSite {
    return this.endpoints.nodes['north']!;
  }

  async start(): Promise<void> {
    this.#endpoints = await this.cloud.start();
  }

  async end(): Promise<void> {
    await this.cloud.end('SIGTERM');
    rmSync(this.state, { recursive: true, force: true });
  }

  until(what: string, check: () => Promise<boolean> | boolean): Promise<void> {
    return this.cloud.until(what, check);
  }

  /** Run one of `scripts/` as a person would, with more variables of the environment if they come first. */
  script(first: Variables | string, ...rest: readonly string[]): Promise<ScriptResult> {
    const [variables, [name = '', ...args]] = typeof first === 'string' ? [{}, [first, ...rest]] : [first, rest];
    return new Promise((resolve) => {
      const child = spawn(process.execPath, [`scripts/${name}.ts`, ...args], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...variables } });
      let text = '';
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => { text += part.toString(); });
      child.on('close', (code) => { resolve({ code: code ?? -1, text }); });
    });
  }

  /** Credentials of a new device, as the command gives them. */
  async device(nodeId: string, name: string): Promise<DeviceFiles> {
    const folder = join(this.state, 'made', nodeId, name);
    const { code, text } = await this.script('node-device', '--node', nodeId, '--device', name, '--out', folder, '--state', this.state);
    expect(text).toContain('mosquitto_pub');
    expect(code).toBe(0);
    const { host, port } = this.endpoints.nodes[nodeId]!.mqtt;
    return { folder, options: { host, port, caFile: join(folder, 'ca.crt'), certFile: join(folder, 'device.crt'), keyFile: join(folder, 'device.key') } };
  }

  exampleOf(member: 'batchId' | 'chainOfIdentityId'): string {
    return (JSON.parse(readFileSync(join(this.state, 'example.json'), 'utf8')) as Record<typeof member, string>)[member];
  }
}

/** HTTP status a request ended with; 200 when it was answered. */
export const statusOf = async (run: () => Promise<unknown>): Promise<number> => {
  try {
    await run();
    return 200;
  } catch (error) {
    if (error instanceof ProblemError) return error.status;
    throw error;
  }
};
