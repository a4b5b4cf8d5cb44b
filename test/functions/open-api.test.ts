import { describe, expect, it } from 'vitest';
import { CONTRACTS } from '../../functions/api-document/documents.ts';
import { openApiDocument } from '../../functions/_platform/open-api.ts';

type Answers = Readonly<Record<string, Readonly<{ content: Readonly<Record<string, Readonly<{ schema: Readonly<Record<string, unknown>> }>>> }>>>;
type Document = Readonly<{ paths: Readonly<Record<string, Readonly<Record<string, Readonly<{ responses: Answers }>>>>>; components: Readonly<{ schemas: Readonly<Record<string, Readonly<{ properties: object }>>> }> }>;
const document = openApiDocument('Test', '1.0.0', CONTRACTS.node) as unknown as Document;
const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods));
const formsOf = ({ responses }: Readonly<{ responses: Answers }>, status: string): readonly string[] => Object.keys(responses[status]?.content ?? {}).toSorted();

describe('the document of an interface', () => {
  it('says of each route what API Gateway answers by itself, and in which form', () => {
    expect(operations.length).toBeGreaterThan(50);
    for (const each of operations) {
      expect(['401', '413', '429', '500', '503'].map((status) => formsOf(each, status))).toEqual([['application/json', 'application/problem+json'], ['application/json', 'application/problem+json'], ['application/json'], ['application/json', 'application/problem+json'], ['application/json']]);
      expect(['400', '403', '404', '409', '410', '422'].map((status) => formsOf(each, status))).toEqual(Array.from({ length: 6 }, () => ['application/problem+json']));
    }
  });
  it('names no form that it does not define', () => {
    const named = new Set([...JSON.stringify(document.paths).matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name));
    expect([...named].toSorted()).toEqual(Object.keys(document.components.schemas).toSorted());
    expect(document.components.schemas['GatewayMessage']?.properties).toHaveProperty('message');
  });
});
