import 'reflect-metadata';
import { PemConverter, X509Certificate, X509CertificateGenerator } from '@peculiar/x509';
import { webcrypto } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { devicePolicyDocument } from '../../../infra/constructs/device-policy.ts';
import { ensureCertificates } from '../../../infra/local/core/certificates.ts';
import type { Cloud } from '../../../infra/local/core/contracts.ts';
import { statementsOf } from '../../../infra/local/core/iam.ts';
import { DeviceBroker } from '../../../infra/local/services/iot/broker.ts';
import { DeviceRegistry } from '../../../infra/local/services/iot/registry.ts';
import { freePorts } from '../../support/free-ports.ts';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const HOME = { region: 'eu-west-1', account: '111111111111' } as const;

/** A device certificate of the local authority, written beside its key. */
const writeCredentials = async (folder: string, name: string): Promise<string> => {
  const authority = new X509Certificate(readFileSync(join(folder, 'ca.crt'), 'utf8'));
  const signingKey = await webcrypto.subtle.importKey('pkcs8', PemConverter.decodeFirst(readFileSync(join(folder, 'ca.key'), 'utf8')), ALGORITHM, false, ['sign']);
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.create({ subject: `CN=${name}`, issuer: authority.subject, notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + 3_600_000), signingAlgorithm: ALGORITHM, publicKey: keys.publicKey, signingKey });
  writeFileSync(join(folder, 'device.key'), PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY'), { mode: 0o600 });
  writeFileSync(join(folder, 'device.crt'), certificate.toString('pem'));
  return certificate.toString('pem');
};

export type Heard = Readonly<{ topic: string; payload: Buffer; clientId: string; receivedEpochMs: number }>;

/** The local cloud's MQTT endpoint of one node alone: mutual TLS, a gateway's certificate, the policy of the template. Everything a device publishes is heard. The cloud's clock stands `behindMs` back. */
export const startDeviceBroker = async (folder: string, nodeId: string, gateway: string, behindMs = 0) => {
  await ensureCertificates(folder);
  const registry = new DeviceRegistry(folder, 'registry');
  registry.addThing(gateway, undefined);
  const kept = registry.addCertificate(await writeCredentials(folder, gateway), true);
  registry.keep({ ...kept, things: [gateway], policies: ['device'] });
  const heard: Heard[] = [];
  const port = await freePorts();
  const broker = new DeviceBroker({
    cloud: { certificateFolder: folder, log: () => undefined, clock: { now: () => Date.now() - behindMs } } as unknown as Cloud, home: { stack: 'node', ...HOME, port }, registry, policiesOf: () => statementsOf(devicePolicyDocument(HOME, nodeId)),
    onMessage: (topic, payload, clientId, receivedEpochMs) => {
      heard.push({ topic, payload, clientId, receivedEpochMs });
      return Promise.resolve();
    },
  });
  await broker.start();
  return { broker, heard, port, ca: join(folder, 'ca.crt'), cert: join(folder, 'device.crt'), key: join(folder, 'device.key') };
};
