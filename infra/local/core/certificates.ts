import 'reflect-metadata';
import { BasicConstraintsExtension, ExtendedKeyUsage, ExtendedKeyUsageExtension, KeyUsageFlags, KeyUsagesExtension, PemConverter, SubjectAlternativeNameExtension, X509CertificateGenerator } from '@peculiar/x509';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { webcrypto } from 'node:crypto';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const YEAR_MS = 365.25 * 86_400_000;

const writeKey = async (path: string, key: webcrypto.CryptoKey): Promise<void> => {
  writeFileSync(path, PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY'), { mode: 0o600 });
};

/** The local certificate authority and the server certificate of this machine's MQTT endpoints; made once. */
export const ensureCertificates = async (folder: string): Promise<void> => {
  if (existsSync(join(folder, 'server.crt'))) return;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const now = Date.now();
  const period = { notBefore: new Date(now - YEAR_MS), notAfter: new Date(now + 10 * YEAR_MS) };
  const authority = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const authorityCertificate = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=Bedside local certificate authority', ...period, signingAlgorithm: ALGORITHM, keys: authority,
    extensions: [new BasicConstraintsExtension(true, 1, true), new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true)],
  });
  const server = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const serverCertificate = await X509CertificateGenerator.create({
    subject: 'CN=localhost', issuer: authorityCertificate.subject, ...period, signingAlgorithm: ALGORITHM, publicKey: server.publicKey, signingKey: authority.privateKey,
    extensions: [
      new SubjectAlternativeNameExtension([{ type: 'dns', value: 'localhost' }, { type: 'ip', value: '127.0.0.1' }]),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true), new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
    ],
  });
  await writeKey(join(folder, 'ca.key'), authority.privateKey);
  writeFileSync(join(folder, 'ca.crt'), authorityCertificate.toString('pem'));
  await writeKey(join(folder, 'server.key'), server.privateKey);
  writeFileSync(join(folder, 'server.crt'), serverCertificate.toString('pem'));
};
