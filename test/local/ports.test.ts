import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startLocalCloud, type RunningCloud } from '../../infra/local/cloud.ts';
import type { LocalServiceFactory } from '../../infra/local/core/contracts.ts';
import { createDynamoDbService } from '../../infra/local/services/dynamodb.ts';
import { enginePath, startEngine } from '../support/dynamodb/engine.ts';
import { freePorts } from '../support/free-ports.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

/** A port, and a program that has it until it is closed. */
const takenPort = async (): Promise<Readonly<{ port: number; server: Server }>> => {
  const port = await freePorts();
  const server = createServer();
  await new Promise<void>((resolve) => { server.listen(port, '127.0.0.1', resolve); });
  onTestFinished(() => { server.close(); });
  return { port, server };
};
const freed = (server: Server): Promise<void> => new Promise((resolve) => { server.close(() => { resolve(); }); });

/** A network without a stack. */
const networkIn = (folder: string) => {
  const assemblyFolder = join(folder, 'assembly');
  mkdirSync(assemblyFolder, { recursive: true });
  writeFileSync(join(assemblyFolder, 'manifest.json'), '{"artifacts":{}}');
  const settings = join(folder, 'state', 'settings.json');
  const start = (portBase: number, ...services: readonly LocalServiceFactory[]): Promise<RunningCloud> => startLocalCloud({ assemblyFolder, stateFolder: join(folder, 'state'), services, portBase });
  return { start, settings };
};

/** A service that listens where it was put, or where it is told. */
const listening = (port?: number): LocalServiceFactory => (cloud) => {
  const server = createServer();
  return {
    name: 'listening', signingNames: [], resourceTypes: [], provision: () => ({ physicalId: '', attributes: {} }), handle: () => Promise.reject(new Error('nothing to ask')),
    start: () => new Promise((resolve, reject) => { server.once('error', reject).listen(port ?? cloud.portFor('listening'), '127.0.0.1', resolve); }),
    stop: () => new Promise((resolve) => { server.close(() => { resolve(); }); }),
  };
};

describe('the first start of a local cloud on a port that another program has', () => {
  it('says how to choose another range, and then starts there', async () => {
    const { port } = await takenPort();
    const { start, settings } = networkIn(temporaryFolder());
    await expect(start(port)).rejects.toThrow(`port ${port} is in use: choose another range with --port`);
    expect(existsSync(settings)).toBe(false);
    const other = await freePorts();
    const cloud = await start(other);
    expect(cloud.endpointUrl).toBe(`http://127.0.0.1:${other}`);
    await cloud.stop();
  });
  it('says so of a later port of the range too, and nothing stays half-started', async () => {
    const { port } = await takenPort();
    const { start, settings } = networkIn(temporaryFolder());
    const first = await freePorts();
    await expect(start(first, listening(port))).rejects.toThrow(`port ${port} is in use: choose another range with --port`);
    expect(existsSync(settings)).toBe(false);
    await (await start(first)).stop();
  });
});

describe.runIf(enginePath !== undefined)('the engine of a network that was killed', () => {
  it('does not answer for another network: that one says that the port is taken, and leaves its tables alone', async () => {
    const first = await freePorts(2);
    const other = await startEngine(first + 1);
    onTestFinished(() => { other.stop(); });
    await other.createTable('records-of-the-other');
    const { start, settings } = networkIn(temporaryFolder());
    await expect(start(first, createDynamoDbService())).rejects.toThrow(`port ${first + 1} is in use: choose another range with --port`);
    expect(existsSync(settings)).toBe(false);
  });
});

describe('a local cloud that was up before', () => {
  it('keeps its ports and its settings, and says what to do when one is taken', async () => {
    const { start, settings } = networkIn(temporaryFolder());
    const { port, server } = await takenPort();
    await freed(server);
    await (await start(port)).stop();
    const before = readFileSync(settings, 'utf8');
    const again = createServer();
    await new Promise<void>((resolve) => { again.listen(port, '127.0.0.1', resolve); });
    await expect(start(await freePorts())).rejects.toThrow(`port ${port} is in use: this network keeps its ports: stop the program that has it`);
    expect(readFileSync(settings, 'utf8')).toBe(before);
    await freed(again);
    const cloud = await start(await freePorts());
    expect(cloud.endpointUrl).toBe(`http://127.0.0.1:${port}`);
    await cloud.stop();
  });
});

describe('npm start', () => {
  it.each([[['--port', 'abc'], '--port: got abc, want a whole number from 1024 to 60000'], [['--port', '65000'], '--port: got 65000'], [['--node', 'nowhere'], '--node: got nowhere, want one of harbour, hill, north']])('with %s says what was wanted, and writes nothing', (options, said) => {
    const state = join(temporaryFolder(), 'state');
    const { status, stderr } = spawnSync(process.execPath, ['scripts/start.ts', ...options, '--state', state], { encoding: 'utf8' });
    expect([status, existsSync(state)]).toEqual([2, false]);
    expect(stderr).toContain(said);
  });
});
