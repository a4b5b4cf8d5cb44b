import * as z from 'zod';
import type { AnyContract } from './contract.ts';

type Json = Readonly<Record<string, unknown>>;

/** JSON Schema 2020-12, which is the dialect of OpenAPI 3.1. */
const schemaOf = (schema: z.ZodType, io: 'input' | 'output'): Json => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, target: 'draft-2020-12', unrepresentable: 'any' });
  return rest;
};

const PROBLEM: Json = {
  type: 'object', required: ['type', 'title', 'status', 'instance'],
  properties: {
    type: { type: 'string', description: '`/problems/<code>`; the code is stable' }, title: { type: 'string' }, status: { type: 'integer' },
    detail: { type: 'string', description: 'got X, want Y' }, instance: { type: 'string' }, paths: { type: 'array', items: { type: 'string' } },
  },
  additionalProperties: true,
};

const GATEWAY_MESSAGE: Json = { type: 'object', required: ['message'], properties: { message: { type: 'string' } } };

const parametersOf = (place: 'path' | 'query', schema: z.ZodObject): readonly Json[] => {
  const json = schemaOf(schema, 'input');
  const required = Array.isArray(json['required']) ? json['required'] : [];
  return Object.entries((json['properties'] ?? {}) as Record<string, Json>).map(([name, property]) => ({
    name, in: place, required: place === 'path' || required.includes(name), schema: property,
  }));
};

const headersOf = (contract: AnyContract): readonly Json[] => (contract.idempotency === undefined ? [] : [{
  name: 'Idempotency-Key', in: 'header', required: contract.idempotency === 'required',
  description: 'The same for every retry of one request; the first answer is given again', schema: { type: 'string', pattern: '^[A-Za-z0-9_.:-]{8,128}$' },
}]);

const ofSchema = (name: string): Json => ({ schema: { $ref: `#/components/schemas/${name}` } });
const BY_FUNCTION: Json = { 'application/problem+json': ofSchema('Problem') };
/** What API Gateway answers before, or instead of, a function: an HTTP API lets nobody shape it. */
const BY_GATEWAY: Json = { 'application/json': ofSchema('GatewayMessage') };
const REFUSALS: Json = {
  ...Object.fromEntries(['400', '403', '404', '409', '410', '422'].map((code) => [code, { description: 'RFC 9457 problem', content: BY_FUNCTION }])),
  401: {
    description: 'By the gateway: no ID token in `Authorization: Bearer`, or one that is expired or of another user pool; want one of this site\'s pool, good for at most an hour. By the function, as a problem: the sign-in that a signature comes with does not do',
    content: { ...BY_GATEWAY, ...BY_FUNCTION },
  },
  413: { description: 'The body is too large; above 10 MB the gateway says so', content: { ...BY_GATEWAY, ...BY_FUNCTION } },
  429: { description: 'More requests than the interface takes; ask again a little later, with the same idempotency key', content: BY_GATEWAY },
  500: { description: 'Something failed, or what is stored does not verify; ask again with the same idempotency key', content: { ...BY_GATEWAY, ...BY_FUNCTION } },
  503: { description: 'The function did not answer in time; ask again, with the same idempotency key', content: BY_GATEWAY },
};

const answersOf = (contract: AnyContract): Json => {
  const status = contract.status ?? 200;
  const json = { 'application/json': { schema: schemaOf(contract.answer, 'output') } };
  const files = Object.fromEntries((contract.produces ?? []).map((mediaType) => [mediaType, { schema: { type: 'string', format: 'binary' } }]));
  if (contract.elsewhere === undefined) return { [String(status)]: { description: 'As asked', content: { ...json, ...files } }, ...REFUSALS };
  const location = { description: 'Where the file is; GET it without a token', schema: { type: 'string', format: 'uri' } };
  return { [String(status)]: { description: 'As asked', content: files }, 303: { description: 'Too large for an answer', headers: { Location: location }, content: json }, ...REFUSALS };
};

const operationOf = (contract: AnyContract): Json => ({
  operationId: contract.operation, summary: contract.summary, description: `Roles: ${contract.roles.join(', ')}.`,
  parameters: [...parametersOf('path', contract.path), ...parametersOf('query', contract.query), ...headersOf(contract)],
  ...(contract.method === 'GET' ? {} : { requestBody: { required: true, content: { 'application/json': { schema: schemaOf(contract.body, 'input') } } } }),
  responses: answersOf(contract), security: [{ idToken: [] }],
});

/** The OpenAPI 3.1 document of one site, from the same schemas that parse its requests. */
export const openApiDocument = (title: string, version: string, contracts: readonly AnyContract[]): Json => {
  const paths: Record<string, Record<string, Json>> = {};
  for (const contract of contracts) {
    (paths[contract.route] ??= {})[contract.method.toLowerCase()] = operationOf(contract);
  }
  return {
    openapi: '3.1.0', info: { title, version, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } }, paths,
    components: {
      schemas: { Problem: PROBLEM, GatewayMessage: GATEWAY_MESSAGE },
      securitySchemes: { idToken: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT', description: 'ID token of the site\'s user pool' } },
    },
  };
};
