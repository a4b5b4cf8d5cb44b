import { build } from 'esbuild';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ERRORS_TOLD_APART, pureShapes } from '../../infra/bundle/plugins.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'bedside-bundle-'));
afterAll(() => { rmSync(folder, { recursive: true, force: true }); });

/** Asks a table for an item, and is answered what it is told. */
const SOURCE = `
import { ConditionalCheckFailedException, DynamoDBClient, DynamoDBServiceException, GetItemCommand, TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { HttpResponse } from '@smithy/core/protocols';
export const ask = async (body) => {
  let calls = 0;
  const requestHandler = { handle: async () => { calls += 1; return { response: new HttpResponse({ statusCode: 400, headers: {}, body: new TextEncoder().encode(JSON.stringify(body)) }) }; } };
  const client = new DynamoDBClient({ region: 'eu-west-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' }, maxAttempts: 2, requestHandler });
  try { await client.send(new GetItemCommand({ TableName: 't', Key: { pk: { S: 'a' } } })); } catch (error) {
    return { calls, name: error.name, message: error.message, reasons: error.CancellationReasons, status: error.$metadata?.httpStatusCode,
      kinds: [DynamoDBServiceException, ConditionalCheckFailedException, TransactionCanceledException].filter((kind) => error instanceof kind).length };
  }
};`;

type Ask = (body: Readonly<Record<string, unknown>>) => Promise<Readonly<{ calls: number; name: string; message: string; status: number; reasons: unknown; kinds: number }>>;

const bundled = async (): Promise<Ask> => {
  const outfile = join(folder, 'ask.mjs');
  await build({ stdin: { contents: SOURCE, resolveDir: ROOT }, outfile, bundle: true, minify: true, platform: 'node', format: 'esm', target: 'node24', mainFields: ['module', 'main'], conditions: ['module', 'import', 'node'], plugins: [pureShapes], logLevel: 'error', banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" } });
  return ((await import(outfile)) as Readonly<{ ask: Ask }>).ask;
};

const typeOf = (name: string) => `com.amazonaws.dynamodb.v20120810#${name}`;

describe('errors of a service in a bundle', () => {
  it('keep their name, message and status, and are tried again, also when they are not told apart', async () => {
    const ask = await bundled();
    expect(await ask({ __type: typeOf('ThrottlingException'), message: 'slow down' })).toMatchObject({ calls: 2, name: 'ThrottlingException', message: 'slow down', status: 400, kinds: 1 });
    expect(await ask({ __type: typeOf('ResourceNotFoundException'), message: 'no table' })).toMatchObject({ calls: 1, name: 'ResourceNotFoundException', message: 'no table', status: 400, kinds: 1 });
  });

  it('are of their own class, with what they carry, where functions tell them apart', async () => {
    const ask = await bundled();
    expect(await ask({ __type: typeOf('ConditionalCheckFailedException'), message: 'no' })).toMatchObject({ calls: 1, name: 'ConditionalCheckFailedException', kinds: 2 });
    expect(await ask({ __type: typeOf('TransactionCanceledException'), message: 'no', CancellationReasons: [{ Code: 'ConditionalCheckFailed' }] })).toMatchObject({ kinds: 2, reasons: [{ Code: 'ConditionalCheckFailed' }] });
  });

  it('are kept for every class that a function names', () => {
    const sources = readdirSync(join(ROOT, 'functions'), { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts')).map((path) => readFileSync(join(ROOT, 'functions', path), 'utf8'));
    const imports = sources.flatMap((source) => [...source.matchAll(/import (?:type )?\{([^}]*)\} from '@aws-sdk\/(client-[a-z0-9-]+)'/g)]);
    const named = imports.flatMap(([, names = '', service = '']) => names.split(',').map((name) => name.trim()).filter((name) => /(?:Exception|Error|NoSuch\w+|NotFound|Failed)$/.test(name) && !name.endsWith('ServiceException')).map((name) => `${service} ${name}`));
    const lost = named.filter((each) => {
      const [service = '', name = ''] = each.split(' ');
      return ERRORS_TOLD_APART[service]?.includes(name) === false;
    });
    expect([named.length > 0, lost]).toEqual([true, []]);
  });
});
