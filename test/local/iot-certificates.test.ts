import 'reflect-metadata';
import { PemConverter, X509Certificate, X509CertificateGenerator } from '@peculiar/x509';
import { webcrypto } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'mqtt';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { ensureCertificates } from '../../infra/local/core/certificates.ts';
import { statementsOf } from '../../infra/local/core/iam.ts';
import { DeviceBroker } from '../../infra/local/services/iot/broker.ts';
import { DeviceRegistry, type Certificate } from '../../infra/local/services/iot/registry.ts';
import { freePorts } from '../support/free-ports.ts';
import { ACCOUNT, REGION, testCloud } from './support/cloud.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY_MS = 86_400_000;
const NAME = 'mixer-1';
const POLICY = statementsOf({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'iot:Connect', Resource: `arn:aws:iot:${REGION}:${ACCOUNT}:client/\${iot:Connection.Thing.ThingName}` }] });

type Device = Readonly<{ cert: string; key: string }>;
const folder = mkdtempSync(join(tmpdir(), 'bedside-certificates-'));
const [authority, stranger] = [join(folder, 'ca'), join(folder, 'stranger')];
afterAll(() => { rmSync(folder, { recursive: true, force: true }); });

/** A gateway's certificate, signed by the authority of a folder, good between these days from now. */
const issue = async (home: string, fromDays: number, toDays: number): Promise<Device> => {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const signingKey = await webcrypto.subtle.importKey('pkcs8', PemConverter.decodeFirst(readFileSync(join(home, 'ca.key'), 'utf8')), ALGORITHM, false, ['sign']);
  const certificate = await X509CertificateGenerator.create({
    subject: `CN=${NAME}`, issuer: new X509Certificate(readFileSync(join(home, 'ca.crt'), 'utf8')).subject, notBefore: new Date(Date.now() + fromDays * DAY_MS), notAfter: new Date(Date.now() + toDays * DAY_MS),
    signingAlgorithm: ALGORITHM, publicKey: keys.publicKey, signingKey,
  });
  return { cert: certificate.toString('pem'), key: PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY') };
};

const start = async () => {
  const { cloud } = testCloud(authority);
  const registry = new DeviceRegistry(temporaryFolder(), 'Node');
  const port = await freePorts();
  const broker = new DeviceBroker({ cloud, home: { stack: 'Node', region: REGION, account: ACCOUNT, port }, registry, policiesOf: () => POLICY, onMessage: () => Promise.resolve() });
  await broker.start();
  onTestFinished(() => broker.stop());
  const register = ({ cert }: Device, status: Certificate['status'] = 'ACTIVE'): Certificate => {
    const held = { ...registry.addCertificate(cert, true), status, things: [NAME], policies: ['gateway'] };
    registry.keep(held);
    return held;
  };
  /** Whether the broker takes the connection. */
  const admits = (device: Partial<Device>): Promise<boolean> => new Promise((resolve) => {
    const client = connect({ protocol: 'mqtts', host: '127.0.0.1', port, clientId: NAME, ca: readFileSync(join(authority, 'ca.crt')), ...device, reconnectPeriod: 0, connectTimeout: 120_000 });
    const end = (isAdmitted: boolean) => (): void => { client.end(true); resolve(isAdmitted); };
    client.once('connect', end(true)).once('error', end(false)).once('close', end(false));
  });
  return { broker, register, admits };
};

beforeAll(async () => { await Promise.all([ensureCertificates(authority), ensureCertificates(stranger)]); });

describe('a gateway that connects', () => {
  it('with a certificate in force is let in', async () => {
    const { register, admits } = await start();
    const device = await issue(authority, -1, 1);
    register(device);
    expect(await admits(device)).toBe(true);
  });
  it.each(['REVOKED', 'INACTIVE'] as const)('with a certificate that is %s is refused, and counted', async (status) => {
    const { broker, register, admits } = await start();
    const device = await issue(authority, -1, 1);
    register(device, status);
    expect(await admits(device)).toBe(false);
    expect(broker.refusals).toEqual({ certificate: 1 });
  });
  it.each([['that has expired', -2, -1], ['that is not valid yet', 1, 2]])('with a certificate %s is refused, though it is registered and active', async (_, from, to) => {
    const { broker, register, admits } = await start();
    const device = await issue(authority, from, to);
    register(device);
    expect(await admits(device)).toBe(false);
    expect(broker.refusals).toEqual({ certificate: 1 });
  });
  it('with a certificate nobody registered, of another authority, or with none, is refused', async () => {
    const { register, admits } = await start();
    const foreign = await issue(stranger, -1, 1);
    register(foreign);
    expect([await admits(await issue(authority, -1, 1)), await admits(foreign), await admits({})]).toEqual([false, false, false]);
  });
  it('is cut off when its certificate is revoked, and does not come back', async () => {
    const { broker, register, admits } = await start();
    const device = await issue(authority, -1, 1);
    const { id } = register(device);
    expect(await admits(device)).toBe(true);
    register(device, 'REVOKED');
    broker.dropCertificate(id);
    expect(await admits(device)).toBe(false);
  });
});
