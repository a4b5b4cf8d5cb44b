import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { randomUUID } from 'node:crypto';
import { AwsError, type LocalService, type Principal, type SdkRequest, type SdkResponse } from './contracts.ts';

/** Idle connections stay open this long: on a busy machine a client would else send on one that is just being closed. */
export const KEEP_ALIVE_MS = 60_000;
const MAXIMUM_BODY_BYTES = 64 * 1024 * 1024;
const XML_SERVICES = new Set(['s3', 'sns']);

export type EndpointParts = Readonly<{
  principalByAccessKey(key: string): Principal | undefined;
  serviceBySigningName(name: string): LocalService | undefined;
  /** Routes below `/_local/`, for the programs of this machine. */
  administer(method: string, path: string, body: unknown, token: string | undefined): Promise<unknown>;
  log(message: string, facts: Readonly<Record<string, unknown>>): void;
}>;

const readBody = async (request: IncomingMessage): Promise<Buffer> => {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request) {
    length += (part as Buffer).length;
    if (length > MAXIMUM_BODY_BYTES) throw new AwsError('RequestEntityTooLarge', `got more than ${MAXIMUM_BODY_BYTES} bytes`, 413);
    parts.push(part as Buffer);
  }
  return Buffer.concat(parts);
};

const escapeXml = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** An error in the words of the protocol the caller speaks. */
const errorAnswer = (service: string, error: AwsError): SdkResponse => {
  const requestId = randomUUID();
  if (XML_SERVICES.has(service)) {
    const code = error.code === 'AccessDeniedException' ? 'AccessDenied' : error.code;
    const inner = `<Error><Code>${escapeXml(code)}</Code><Message>${escapeXml(error.message)}</Message><RequestId>${requestId}</RequestId></Error>`;
    // The Query protocol of SNS puts the error into an envelope; S3 does not.
    const body = `<?xml version="1.0" encoding="UTF-8"?>${service === 'sns' ? `<ErrorResponse>${inner}</ErrorResponse>` : inner}`;
    return { status: error.status, headers: { 'content-type': 'application/xml', 'x-amz-request-id': requestId }, body };
  }
  return { status: error.status, headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-errortype': error.code, 'x-amzn-requestid': requestId }, body: JSON.stringify({ __type: error.code, message: error.message, Message: error.message }) };
};

const CREDENTIAL = /Credential=([^/]+)\/\d{8}\/([^/]+)\/([^/]+)\/aws4_request/;

/** Access key, region and service of a signed request; a presigned link has them in its query. */
const credentialOf = (headers: Readonly<Record<string, string>>, { searchParams }: URL): RegExpExecArray | null =>
  CREDENTIAL.exec(headers['authorization'] ?? `Credential=${searchParams.get('X-Amz-Credential') ?? ''}`);

const headersOf = (request: IncomingMessage): Record<string, string> => Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : value ?? '']));

const write = (response: ServerResponse, { status, headers = {}, body = '' }: SdkResponse): void => {
  response.writeHead(status, { 'content-length': Buffer.byteLength(body), ...headers });
  response.end(body);
};

/** The one HTTP endpoint every SDK call goes to: who calls is in the signature's credential, which service in its scope. */
export const createEndpoint = (parts: EndpointParts): Server => {
  const serveSdk = async (request: IncomingMessage): Promise<SdkResponse> => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const headers = headersOf(request);
    const match = credentialOf(headers, url);
    const signingName = match?.[3] ?? 'unknown';
    try {
      const principal = match?.[1] === undefined ? undefined : parts.principalByAccessKey(match[1]);
      if (principal === undefined) throw new AwsError('UnrecognizedClientException', 'the security token included in the request is invalid', 403);
      const service = parts.serviceBySigningName(signingName);
      if (service === undefined) throw new AwsError('UnknownService', `the local cloud has no service with the signing name ${signingName}`, 501);
      const target = headers['x-amz-target'];
      const sdkRequest: SdkRequest = {
        service: signingName, method: request.method ?? 'GET', path: url.pathname, query: url.searchParams, headers, operation: target === undefined ? undefined : target.split('.').at(-1), body: await readBody(request), principal,
      };
      return await service.handle(sdkRequest);
    } catch (error) {
      if (error instanceof AwsError) {
        if (error.status === 403) parts.log('denied', { service: signingName, message: error.message });
        return errorAnswer(signingName, error);
      }
      parts.log('failed', { service: signingName, url: url.pathname, error: error instanceof Error ? error.stack : String(error) });
      return errorAnswer(signingName, new AwsError('InternalFailure', error instanceof Error ? error.message : String(error), 500));
    }
  };

  const serveAdmin = async (request: IncomingMessage, path: string): Promise<SdkResponse> => {
    try {
      const text = (await readBody(request)).toString('utf8');
      const answer = await parts.administer(request.method ?? 'GET', path, text === '' ? undefined : JSON.parse(text), request.headers.authorization?.replace(/^Bearer /, ''));
      return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(answer) };
    } catch (error) {
      const status = error instanceof AwsError ? error.status : 500;
      return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ message: error instanceof Error ? error.message : String(error) }) };
    }
  };

  const server = createServer((request, response) => {
    const path = (request.url ?? '/').split('?')[0] ?? '/';
    const served = path.startsWith('/_local/') ? serveAdmin(request, path.slice('/_local'.length)) : serveSdk(request);
    served.then((answer) => { write(response, answer); }, () => { response.destroy(); });
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  return server;
};
