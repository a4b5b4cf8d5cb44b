import 'reflect-metadata';
import { BasicConstraintsExtension, ExtendedKeyUsage, ExtendedKeyUsageExtension, KeyUsageFlags, KeyUsagesExtension, PemConverter, Pkcs10CertificateRequest, X509Certificate, X509CertificateGenerator } from '@peculiar/x509';
import { webcrypto } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AwsError, type Cloud, type SdkRequest, type SdkResponse } from '../../core/contracts.ts';
import type { IotHome } from './home.ts';
import type { Certificate } from './registry.ts';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DEVICE_YEARS_MS = 10 * 365.25 * 86_400_000;

type Call = Readonly<{ cloud: Cloud; home: IotHome; request: SdkRequest; match: RegExpExecArray }>;
type Route = Readonly<{ method: string; path: RegExp; action: string; resource(home: IotHome, match: RegExpExecArray): string; run(call: Call): unknown }>;

const arnOf = ({ stack }: IotHome, path: string): string => `arn:aws:iot:${stack.region}:${stack.account}:${path}`;
const bodyOf = ({ body }: SdkRequest): Readonly<Record<string, unknown>> => (body.length === 0 ? {} : JSON.parse(body.toString('utf8')) as Readonly<Record<string, unknown>>);

const requireCertificate = (home: IotHome, arn: string): Certificate => {
  const certificate = home.registry.certificate(arn.split('/').at(-1) ?? '');
  if (certificate === undefined) throw new AwsError('ResourceNotFoundException', 'Certificate does not exist', 404);
  return certificate;
};

const signRequest = async (cloud: Cloud, csrPem: string): Promise<string> => {
  const file = (name: string): string => readFileSync(join(cloud.certificateFolder, name), 'utf8');
  const authority = new X509Certificate(file('ca.crt'));
  const [keyDer] = PemConverter.decode(file('ca.key'));
  if (keyDer === undefined) throw new Error('the local authority has no key');
  const signingKey = await webcrypto.subtle.importKey('pkcs8', keyDer, ALGORITHM, false, ['sign']);
  const csr = new Pkcs10CertificateRequest(csrPem);
  if (!(await csr.verify())) throw new AwsError('InvalidRequestException', 'the signing request is not signed by its own key');
  const certificate = await X509CertificateGenerator.create({
    subject: csr.subject, issuer: authority.subject, notBefore: new Date(Date.now() - 86_400_000), notAfter: new Date(Date.now() + DEVICE_YEARS_MS), signingAlgorithm: ALGORITHM, publicKey: csr.publicKey, signingKey,
    extensions: [new BasicConstraintsExtension(false, undefined, true), new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true), new ExtendedKeyUsageExtension([ExtendedKeyUsage.clientAuth])],
  });
  return certificate.toString('pem');
};

const certificateAnswer = (home: IotHome, { id, pem }: Certificate) => ({ certificateId: id, certificateArn: arnOf(home, `cert/${id}`), certificatePem: pem });

const ROUTES: readonly Route[] = [
  {
    method: 'POST', path: /^\/things\/([^/]+)$/, action: 'iot:CreateThing', resource: (home, match) => arnOf(home, `thing/${match[1] ?? ''}`),
    run: ({ home, request, match }) => {
      const name = decodeURIComponent(match[1] ?? '');
      const { thingTypeName } = bodyOf(request);
      const held = home.registry.thing(name);
      if (held !== undefined && held.thingType !== thingTypeName) throw new AwsError('ResourceAlreadyExistsException', `Thing ${name} already exists in account with different attributes`, 409);
      if (thingTypeName !== undefined && !home.thingTypes.has(String(thingTypeName))) throw new AwsError('ResourceNotFoundException', `Thing type ${String(thingTypeName)} not found`, 404);
      if (held === undefined) home.registry.addThing(name, thingTypeName === undefined ? undefined : String(thingTypeName));
      return { thingName: name, thingArn: arnOf(home, `thing/${name}`), thingId: name };
    },
  },
  {
    method: 'POST', path: /^\/certificates$/, action: 'iot:CreateCertificateFromCsr', resource: () => '*',
    run: async ({ cloud, home, request }) => certificateAnswer(home, home.registry.addCertificate(await signRequest(cloud, String(bodyOf(request)['certificateSigningRequest'])), request.query.get('setAsActive') === 'true')),
  },
  {
    method: 'PUT', path: /^\/certificates\/([^/]+)$/, action: 'iot:UpdateCertificate', resource: (home, match) => arnOf(home, `cert/${match[1] ?? ''}`),
    run: ({ home, request, match }) => {
      const status = request.query.get('newStatus');
      if (status !== 'ACTIVE' && status !== 'INACTIVE' && status !== 'REVOKED') throw new AwsError('InvalidRequestException', `newStatus: got ${String(status)}, want ACTIVE, INACTIVE or REVOKED`);
      const certificate = requireCertificate(home, match[1] ?? '');
      home.registry.keep({ ...certificate, status });
      if (status !== 'ACTIVE') home.broker?.dropCertificate(certificate.id);
      return {};
    },
  },
  {
    method: 'PUT', path: /^\/target-policies\/([^/]+)$/, action: 'iot:AttachPolicy', resource: (home, match) => arnOf(home, `policy/${match[1] ?? ''}`),
    run: ({ home, request, match }) => {
      const policy = decodeURIComponent(match[1] ?? '');
      if (!home.policies.has(policy)) throw new AwsError('ResourceNotFoundException', `Policy ${policy} not found`, 404);
      const certificate = requireCertificate(home, String(bodyOf(request)['target']));
      home.registry.keep({ ...certificate, policies: [...new Set([...certificate.policies, policy])] });
      return {};
    },
  },
  {
    method: 'PUT', path: /^\/things\/([^/]+)\/principals$/, action: 'iot:AttachThingPrincipal', resource: () => '*',
    run: ({ home, request, match }) => {
      const name = decodeURIComponent(match[1] ?? '');
      if (home.registry.thing(name) === undefined) throw new AwsError('ResourceNotFoundException', `Thing ${name} not found`, 404);
      const certificate = requireCertificate(home, request.headers['x-amzn-principal'] ?? '');
      home.registry.keep({ ...certificate, things: [...new Set([...certificate.things, name])] });
      return {};
    },
  },
  {
    method: 'GET', path: /^\/things\/([^/]+)\/principals$/, action: 'iot:ListThingPrincipals', resource: (home, match) => arnOf(home, `thing/${match[1] ?? ''}`),
    run: ({ home, match }) => {
      const name = decodeURIComponent(match[1] ?? '');
      if (home.registry.thing(name) === undefined) throw new AwsError('ResourceNotFoundException', `Thing ${name} not found`, 404);
      return { principals: home.registry.certificatesOf(name).map(({ id }) => arnOf(home, `cert/${id}`)) };
    },
  },
  { method: 'GET', path: /^\/endpoint$/, action: 'iot:DescribeEndpoint', resource: () => '*', run: ({ home }) => ({ endpointAddress: `127.0.0.1:${home.port}` }) },
  { method: 'GET', path: /^\/things$/, action: 'iot:ListThings', resource: () => '*', run: ({ home }) => ({ things: home.registry.things().map((thingName) => ({ thingName, thingArn: arnOf(home, `thing/${thingName}`) })) }) },
];

/** Things, certificates and their policies, as `@aws-sdk/client-iot` asks for them. */
export const serveControlPlane = async (cloud: Cloud, home: IotHome, request: SdkRequest): Promise<SdkResponse> => {
  for (const route of ROUTES) {
    const match = route.path.exec(request.path);
    if (match === null || route.method !== request.method) continue;
    cloud.authorize(request.principal, route.action, route.resource(home, match));
    return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(await route.run({ cloud, home, request, match })) };
  }
  throw new AwsError('UnknownOperationException', `the local cloud does not serve IoT ${request.method} ${request.path}`);
};
