import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { createInvoke } from '../../../functions/_platform/invoke.ts';

/** What Lambda says over the wire. https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
let server: Server;
beforeAll(async () => {
  server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part)).on('end', () => {
      const input = JSON.parse(Buffer.concat(parts).toString()) as Readonly<{ fails?: boolean }>;
      response.writeHead(200, { 'content-type': 'application/json', ...(input.fails === true ? { 'x-amz-function-error': 'Unhandled' } : {}) });
      response.end(JSON.stringify(input.fails === true ? { errorMessage: 'patient 7 is here' } : { path: request.url, input }));
    });
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  vi.stubEnv('AWS_ENDPOINT_URL_LAMBDA', `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  vi.stubEnv('AWS_REGION', 'eu-west-2').stubEnv('AWS_ACCESS_KEY_ID', 'x').stubEnv('AWS_SECRET_ACCESS_KEY', 'x');
});
afterAll(() => {
  vi.unstubAllEnvs();
  server.close();
});

const invoke = createInvoke<Readonly<{ fails?: boolean; name?: string }>, unknown>('render');

it('a call of another function gives its answer', async () => {
  expect(await invoke({ name: 'Zoë' })).toEqual({ path: '/2015-03-31/functions/render/invocations', input: { name: 'Zoë' } });
});
it('a call of another function that fails says so, and not why', async () => {
  await expect(invoke({ fails: true })).rejects.toThrow(/^function render answered Unhandled$/);
});
