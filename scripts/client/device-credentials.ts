import 'reflect-metadata';
import { AttachPolicyCommand, AttachThingPrincipalCommand, CreateCertificateFromCsrCommand, CreateThingCommand, DescribeEndpointCommand, UpdateCertificateCommand, type IoTClient } from '@aws-sdk/client-iot';
import { PemConverter, Pkcs10CertificateRequestGenerator } from '@peculiar/x509';
import { webcrypto } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
export const DEVICE_NAME = /^[a-z0-9][a-z0-9-]{0,63}$/;

export type DeviceRequest = Readonly<{ nodeId: string; device: string; thingTypeName: string; policyName: string; folder: string; certificateAuthorityPem: string; /** host:port when the account's endpoint is not asked for */ endpoint?: string }>;
export type DeviceFiles = Readonly<{ folder: string; key: string; certificate: string; certificateAuthority: string; connection: string; endpoint: string }>;

const signingRequest = async (device: string): Promise<Readonly<{ keyPem: string; csrPem: string }>> => {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const csr = await Pkcs10CertificateRequestGenerator.create({ name: `CN=${device}`, keys, signingAlgorithm: ALGORITHM });
  return { keyPem: PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY'), csrPem: csr.toString('pem') };
};

const filesIn = (folder: string, endpoint: string): DeviceFiles =>
  ({ folder, endpoint, key: join(folder, 'device.key'), certificate: join(folder, 'device.crt'), certificateAuthority: join(folder, 'ca.crt'), connection: join(folder, 'connection.json') });

/** Thing, certificate and policy: nothing that works yet, because the certificate is not active. */
const register = async (iot: IoTClient, { device, thingTypeName, policyName }: DeviceRequest, csrPem: string): Promise<Readonly<{ certificateId: string; certificatePem: string }>> => {
  await iot.send(new CreateThingCommand({ thingName: device, thingTypeName }));
  const { certificateId, certificateArn, certificatePem } = await iot.send(new CreateCertificateFromCsrCommand({ certificateSigningRequest: csrPem, setAsActive: false }));
  if (certificateId === undefined || certificateArn === undefined || certificatePem === undefined) throw new Error('AWS IoT gave no certificate');
  await iot.send(new AttachPolicyCommand({ policyName, target: certificateArn }));
  await iot.send(new AttachThingPrincipalCommand({ thingName: device, principal: certificateArn }));
  return { certificateId, certificatePem };
};

/** Whether a folder holds what a gateway connects with, whole: the last file is written when the certificate is active. */
export const hasCredentials = (folder: string): boolean => existsSync(filesIn(folder, '').connection);

/**
 * Make the X.509 credentials of one edge gateway and write them for its owner only (files 0600, folder 0700). The certificate becomes active once key and certificate are on disk, so that none is in
 * force that nobody holds; the private key is made here and stays here.
 *
 * @throws Error when the folder has a key already, can not be written, or AWS IoT refuses; no file is left then
 */
export const createDeviceCredentials = async (iot: IoTClient, request: DeviceRequest): Promise<DeviceFiles> => {
  const { folder, nodeId, device, certificateAuthorityPem } = request;
  if (existsSync(join(folder, 'device.key'))) throw new Error(`${folder} holds credentials already: choose another --out, or remove them after revoking the certificate`);
  const endpoint = request.endpoint ?? (await iot.send(new DescribeEndpointCommand({ endpointType: 'iot:Data-ATS' }))).endpointAddress ?? '';
  const files = filesIn(folder, endpoint);
  const { keyPem, csrPem } = await signingRequest(device);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const written: string[] = [];
  const write = (path: string, text: string): void => {
    writeFileSync(path, text, { mode: 0o600 });
    written.push(path);
  };
  let isActive = false;
  try {
    write(files.key, keyPem);
    write(files.certificateAuthority, certificateAuthorityPem);
    const { certificateId, certificatePem } = await register(iot, request, csrPem);
    write(files.certificate, certificatePem);
    await iot.send(new UpdateCertificateCommand({ certificateId, newStatus: 'ACTIVE' }));
    isActive = true;
  } finally {
    // An answer that was lost may have been a yes: then the key stays nowhere, and `--revoke` ends the certificate.
    if (!isActive) for (const path of written) rmSync(path, { force: true });
  }
  const [host = '', port = '8883'] = endpoint.split(':');
  write(files.connection, `${JSON.stringify({ host, port: Number(port), clientId: device, groupId: nodeId, edgeNodeId: device, key: 'device.key', cert: 'device.crt', ca: 'ca.crt' }, null, 2)}\n`);
  return files;
};
