import { IoTClient } from '@aws-sdk/client-iot';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ensureCertificates } from '../../infra/local/core/certificates.ts';
import type { AwsError } from '../../infra/local/core/contracts.ts';
import { serveControlPlane } from '../../infra/local/services/iot/control-plane.ts';
import type { IotHome } from '../../infra/local/services/iot/home.ts';
import { DeviceRegistry } from '../../infra/local/services/iot/registry.ts';
import { createDeviceCredentials, hasCredentials } from '../../scripts/client/device-credentials.ts';
import { revokeDevice } from '../../scripts/client/revoke-device.ts';
import { ACCOUNT, ADMIN, REGION, testCloud } from './support/cloud.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

const GATEWAY = 'gateway-7';
type Sent = Readonly<{ method: string; path: string; query: Readonly<Record<string, string>>; headers: Readonly<Record<string, string>>; body?: string | Uint8Array }>;

const authority = mkdtempSync(join(tmpdir(), 'bedside-authority-'));
afterAll(() => { rmSync(authority, { recursive: true, force: true }); });
let registry: DeviceRegistry;
let folder: string;
beforeAll(async () => { await ensureCertificates(authority); });
beforeEach(() => {
  registry = new DeviceRegistry(temporaryFolder(), 'Node');
  folder = join(temporaryFolder(), 'made');
});

/** AWS IoT of one hospital, as the local cloud serves it. `failing`: calls that come to nothing. */
const iot = (failing?: RegExp): IoTClient => {
  const home: IotHome = { stack: { name: 'Node', account: ACCOUNT, region: REGION }, port: 8883, registry, policies: new Map([['gateways', []]]), thingTypes: new Set(['Gateway']), rules: new Map(), broker: undefined };
  const { cloud } = testCloud(authority);
  const handle = async ({ method, path, query, headers, body }: Sent) => {
    if (failing?.test(`${method} ${path}`) === true) return { response: { statusCode: 403, headers: { 'x-amzn-errortype': 'UnauthorizedException' }, body: Readable.from([Buffer.from('{}')]) } };
    const answer = await serveControlPlane(cloud, home, { service: 'iot', operation: undefined, principal: ADMIN, method, path, query: new URLSearchParams(query), headers, body: Buffer.from(body ?? '') })
      .catch((error: unknown) => ({ status: (error as AwsError).status, headers: { 'x-amzn-errortype': (error as AwsError).code }, body: JSON.stringify({ message: (error as AwsError).message }) }));
    return { response: { statusCode: answer.status, headers: answer.headers, body: Readable.from([Buffer.from(String(answer.body))]) } };
  };
  return new IoTClient({ region: REGION, endpoint: 'http://127.0.0.1:1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' }, maxAttempts: 1, requestHandler: { handle, metadata: { handlerProtocol: 'http/1.1' } } as never });
};
const create = (client = iot(), into = folder) => createDeviceCredentials(client, { nodeId: 'north', device: GATEWAY, folder: into, thingTypeName: 'Gateway', policyName: 'gateways', certificateAuthorityPem: 'CA' });
const standing = (): readonly string[] => registry.certificatesOf(GATEWAY).map(({ status }) => status);

describe('credentials of a gateway', () => {
  it('are in force once they are on disk, for their owner only', async () => {
    await create();
    expect([standing(), hasCredentials(folder)]).toEqual([['ACTIVE'], true]);
    for (const file of readdirSync(folder)) expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
  });
  it('leave nothing at AWS IoT when their folder can not be written', async () => {
    const file = join(temporaryFolder(), 'a-file');
    writeFileSync(file, '');
    await expect(create(iot(), join(file, 'below'))).rejects.toThrow();
    expect([registry.things(), standing()]).toEqual([[], []]);
  });
  it.each(['POST /things/', 'POST /certificates', 'PUT /target-policies/', 'PUT /things/', 'PUT /certificates/'])('leave no file, and no certificate in force, when AWS IoT refuses %s', async (call) => {
    await expect(create(iot(new RegExp(`^${call}`)))).rejects.toThrow();
    expect([existsSync(join(folder, 'device.key')), hasCredentials(folder), standing().filter((each) => each === 'ACTIVE')]).toEqual([false, false, []]);
    await create();
    expect(standing().filter((each) => each === 'ACTIVE')).toEqual(['ACTIVE']);
  });
  it('are not written over', async () => {
    await create();
    await expect(create()).rejects.toThrow(/holds credentials already/);
    expect(standing()).toEqual(['ACTIVE']);
  });
  it('are revoked all, and made anew under the same name', async () => {
    await create();
    await create(iot(), `${folder}-2`);
    expect(standing()).toEqual(['ACTIVE', 'ACTIVE']);
    expect(await revokeDevice(iot(), GATEWAY)).toHaveLength(2);
    expect(standing()).toEqual(['REVOKED', 'REVOKED']);
    await create(iot(), `${folder}-3`);
    expect(standing().filter((each) => each === 'ACTIVE')).toHaveLength(1);
  });
  it('of a gateway nobody knows can not be revoked', async () => { await expect(revokeDevice(iot(), 'gateway-8')).rejects.toThrow('gateway-8 not found'); });
});
