import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { connectionOf } from '../../../../scripts/simulate/publish/connection.ts';
import { readPublishOptions } from '../../../../scripts/simulate/publish/options.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'connection-'));
afterAll(() => { rmSync(FOLDER, { recursive: true, force: true }); });
const GOOD = { host: 'broker.example', port: 8883, groupId: 'north', edgeNodeId: 'simulator-1' };
const inFolder = (name: string): string => join(FOLDER, name);
/** The folder with these files, each with its own name as content unless it says more. */
const holding = (files: Readonly<Record<string, string | undefined>>): void => {
  for (const name of ['device.key', 'device.crt', 'ca.crt', 'connection.json']) {
    rmSync(inFolder(name), { force: true });
    if (files[name] !== undefined) writeFileSync(inFolder(name), files[name]);
  }
};
const ALL = { 'device.key': 'k', 'device.crt': 'c', 'ca.crt': 'a', 'connection.json': JSON.stringify(GOOD) };
const connect = (...more: readonly string[]) => connectionOf(readPublishOptions(['--publish', '--node', 'north', '--state', inFolder('nowhere'), '--credentials', FOLDER, ...more]));

describe('where a bioreactor connects', () => {
  it('is what the folder says', async () => {
    holding(ALL);
    expect(await connect()).toEqual({ host: 'broker.example', port: 8883, caFile: inFolder('ca.crt'), certFile: inFolder('device.crt'), keyFile: inFolder('device.key'), local: undefined });
  });
  it.each(['ca.crt', 'device.crt'] as const)('is refused without %s, naming the option and the file', async (name) => {
    holding({ ...ALL, [name]: undefined });
    await expect(connect()).rejects.toThrow(`--credentials: ${inFolder(name)} is not there`);
  });
  it.each(['ca', 'cert', 'key'] as const)('is refused with a --%s that is not there or is a folder', async (option) => {
    holding(ALL);
    await expect(connect(`--${option}`, inFolder('missing.pem'))).rejects.toThrow(`--${option}: ${inFolder('missing.pem')} is not there`);
    await expect(connect(`--${option}`, FOLDER)).rejects.toThrow(`--${option}: ${FOLDER} can not be read (EISDIR)`);
  });
  it.each([['no JSON', '{', 'the file: '], ['no object', '7', 'the file: '], ['no host', JSON.stringify({ ...GOOD, host: undefined }), 'host: '], ['a port that is none', JSON.stringify({ ...GOOD, port: 'x' }), 'port: ']])('is refused with %s in connection.json', async (_, text, what) => {
    holding({ ...ALL, 'connection.json': text });
    await expect(connect()).rejects.toThrow(`--credentials: ${inFolder('connection.json')} is not as npm run node:device writes it (${what}`);
  });
  it('is refused with the address of another gateway', async () => {
    holding({ ...ALL, 'connection.json': JSON.stringify({ ...GOOD, groupId: 'south' }) });
    await expect(connect()).rejects.toThrow('is of simulator-1 at south, want simulator-1 at north');
  });
});
