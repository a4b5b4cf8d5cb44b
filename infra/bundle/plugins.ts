import type { Plugin } from 'esbuild';
import { readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';

/** A font file is not code: its import becomes its path beside the bundle, and the file is copied there afterwards. */
export const fontFiles: Plugin = {
  name: 'font-files',
  setup: (build) => {
    build.onLoad({ filter: /\.ttf$/ }, ({ path }) => ({ contents: `export default ${JSON.stringify(`./${basename(path)}`)};`, loader: 'js' }));
  },
};

/** Name of the verifier's module, and of its file beside the bundle. */
export const VERIFIER = { specifier: 'bedside:verifier', file: 'verify.mjs' } as const;

/** The offline verifier is a program of its own: its import becomes its path beside the bundle, and the file is written there afterwards. */
export const verifierFile: Plugin = {
  name: 'verifier-file',
  setup: (build) => {
    build.onResolve({ filter: /^bedside:verifier$/ }, ({ path }) => ({ path, namespace: 'file-beside' }));
    build.onLoad({ filter: /./, namespace: 'file-beside' }, () => ({ contents: `export default ${JSON.stringify(`./${VERIFIER.file}`)};`, loader: 'js' }));
  },
};

/** Name of the shipped model's module, and of its file beside the bundle. */
export const SHIPPED_MODEL = { specifier: 'bedside:shipped-model', file: 'shipped-model.json' } as const;

/** The shipped model is data, read byte by byte for its hash: its import becomes its path beside the bundle, and the file is copied there afterwards. */
export const shippedModelFile: Plugin = {
  name: 'shipped-model-file',
  setup: (build) => {
    build.onResolve({ filter: /^bedside:shipped-model$/ }, ({ path }) => ({ path, namespace: 'model-beside' }));
    build.onLoad({ filter: /./, namespace: 'model-beside' }, () => ({ contents: `export default ${JSON.stringify(`./${SHIPPED_MODEL.file}`)};`, loader: 'js' }));
  },
};

/** Errors we tell apart, by service: any other comes as the service's general one, under its own name and message. A service that is not here keeps all of its errors. */
export const ERRORS_TOLD_APART: Readonly<Record<string, readonly string[]>> = {
  'client-kms': [], 'client-lambda': [], 'client-s3': ['NoSuchKey'], 'client-dynamodb': ['ConditionalCheckFailedException', 'TransactionCanceledException'],
};

const withoutOtherErrors = (source: string, service: string): string => {
  const kept = ERRORS_TOLD_APART[service];
  return kept === undefined ? source : source.replaceAll(/^n0_registry\.registerError\(\S+, (\S+)\);$/gm, (line, name: string) => (kept.includes(name) ? line : ''));
};

/**
 * The SDK's tables of shapes have computed keys, which count as side effects and keep every unused shape. In a function marked pure they do not; nor does a class of error that
 * is not registered.
 */
export const pureShapes: Plugin = {
  name: 'pure-shapes',
  setup: (build) => {
    build.onLoad({ filter: /@aws-sdk\/.*\/schemas_0\.js$/ }, async ({ path }) => {
      const source = (await readFile(path, 'utf8')).replaceAll(/^((?:export )?var \S+) = (\[[^;]*\]);$/gm, '$1 = /* @__PURE__ */ (() => $2)();');
      return { contents: withoutOtherErrors(source, /@aws-sdk[\\/]([^\\/]+)/.exec(path)?.[1] ?? ''), loader: 'js' };
    });
  },
};

/** The SDK reads its version out of its whole package file. */
export const versionOnly: Plugin = {
  name: 'version-only',
  setup: (build) => {
    build.onLoad({ filter: /@aws-sdk\/[^/]+\/package\.json$/ }, async ({ path }) => {
      const { version } = JSON.parse(await readFile(path, 'utf8')) as Readonly<{ version: string }>;
      return { contents: JSON.stringify({ version }), loader: 'json' };
    });
  },
};

/** The table of error codes names a kind in every line: bundled, each kind is written once and the lines refer to it. */
export const kindsOnce: Plugin = {
  name: 'kinds-once',
  setup: (build) => {
    build.onLoad({ filter: /[\\/]shared[\\/]errors\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      const kinds = new Set(Array.from(source.matchAll(/^ {2}'[a-z-]+': ('[a-z-]+'),$/gm), ([, kind = '']) => kind));
      const names = [...kinds].map((kind, i) => ({ kind, name: `kind${i}` }));
      const table = source.replaceAll(/^( {2}'[a-z-]+': )('[a-z-]+'),$/gm, (_, code: string, kind: string) => `${code}${names.find((each) => each.kind === kind)?.name ?? kind},`);
      return { contents: `${names.map(({ kind, name }) => `const ${name} = ${kind};`).join('\n')}\n${table}`, loader: 'ts' };
    });
  },
};

/** Names a module exports, each a function that says what was left out; calling one is a mistake of ours, and is loud. */
const absent = (what: string, names: readonly string[]): string => [
  `const absent = () => { throw new Error(${JSON.stringify(`${what} is left out of the bundle (infra/bundle/plugins.ts)`)}); };`, `export { ${names.map((name) => `absent as ${name}`).join(', ')} };`,
].join('\n');

const leaveOut = (name: string, parts: readonly Readonly<{ filter: RegExp; contents: string }>[]): Plugin => ({
  name,
  setup: (build) => {
    for (const { filter, contents } of parts) build.onLoad({ filter }, ({ path }) => ({ contents, loader: 'js', resolveDir: dirname(path) }));
  },
});

/** Signs for one region, as the SDK's own does when no request is for a multi-region access point; we have none. */
const SINGLE_REGION = `import { SignatureV4SignWithCredentials } from './SignatureV4SignWithCredentials.js';
export class SignatureV4MultiRegion extends SignatureV4SignWithCredentials { static sigv4aDependency() { return 'none'; } }`;

/** Headers of streamed events, and sessions of directory buckets, are made where they are asked for, and nobody does; the classes are there to be constructed. */
const unasked = (name: string, method: string, what: string): string => `export class ${name} { ${method}() { throw new Error(${JSON.stringify(`${what} are left out of the bundle (infra/bundle/plugins.ts)`)}); } }`;

/** S3 answers in XML; what we ask of it has headers and bytes. One is made with each client, and is told its context. */
const NO_XML_BODY = `export class XmlShapeSerializer { setSerdeContext() {} write() { throw new Error('bodies of requests in XML are left out of the bundle (infra/bundle/plugins.ts)'); } }`;

/** What the SDK carries for browsers, for operations that stream events, for directory buckets, for several regions, for services that tell where they are (DynamoDB needs none of it), and for a retry mode and requests that nothing of ours asks for; Node has its own hashes. */
export const withoutUnusedParts = leaveOut('without-unused-parts', [
  { filter: /util-stream\/sdk-stream-mixin\.browser\.js$/, contents: absent('a stream of browsers', ['sdkStreamMixin']) },
  { filter: /util-stream\/getAwsChunkedEncodingStream\.browser\.js$/, contents: absent('a stream of browsers', ['getAwsChunkedEncodingStream']) },
  { filter: /checksum\/createChecksumStream\.browser\.js$/, contents: absent('a stream of browsers', ['createChecksumStream']) },
  { filter: /checksum\/sha256\/Sha256Js\.js$/, contents: absent('SHA-256 in JavaScript', ['Sha256Js']) },
  { filter: /checksum\/md5\/Md5Js\.js$/, contents: absent('MD5 in JavaScript', ['Md5Js']) },
  { filter: /sha1\/Sha1Js\.js$/, contents: absent('SHA-1 in JavaScript', ['Sha1Js']) },
  { filter: /signature-v4\/dist-es\/HeaderFormatter\.js$/, contents: unasked('HeaderFormatter', 'format', 'headers of streamed events') },
  { filter: /\/S3ExpressIdentityProviderImpl\.js$/, contents: unasked('S3ExpressIdentityProviderImpl', 'getS3ExpressIdentity', 'sessions of directory buckets') },
  { filter: /\/SignatureV4MultiRegion\.js$/, contents: SINGLE_REGION },
  { filter: /middleware-endpoint-discovery\/dist-es\/index\.js$/, contents: 'export const NODE_ENDPOINT_DISCOVERY_CONFIG_OPTIONS = { environmentVariableSelector: () => undefined, configFileSelector: () => undefined, default: undefined }; export const resolveEndpointDiscoveryConfig = (config) => config;' },
  { filter: /util-retry\/DefaultRateLimiter\.js$/, contents: absent('the adaptive retry mode', ['DefaultRateLimiter']) },
  { filter: /protocols\/xml\/XmlShapeSerializer\.js$/, contents: NO_XML_BODY },
  { filter: /submodules\/event-streams\/index\.js$/, contents: `export const resolveEventStreamSerdeConfig = (config) => config;\n${absent('event streams', ['EventStreamSerde', 'eventStreamSerdeProvider'])}` },
]);

/**
 * A Lambda function is told its region, credentials and settings by its environment: it has no profile in a home folder, and no metadata service of an instance. Both are as they would be found there, not there,
 * without being looked for.
 */
export const environmentOnly = leaveOut('environment-only', [
  { filter: /shared-ini-file-loader\/loadSharedConfigFiles\.js$/, contents: "export { CONFIG_PREFIX_SEPARATOR } from './constants';\nexport const loadSharedConfigFiles = async () => ({ configFile: {}, credentialsFile: {} });" },
  { filter: /regionConfig\/getInstanceMetadataRegion\.js$/, contents: 'export const getInstanceMetadataRegion = async () => undefined;' },
]);

/** The SDK knows which partition a region is in, and what a console would call the region: nobody asks for that. */
export const regionsWithoutWords: Plugin = {
  name: 'regions-without-words',
  setup: (build) => {
    build.onLoad({ filter: /util-endpoints[\\/]lib[\\/]aws[\\/]partitions\.js$/ }, async ({ path }) => ({ contents: (await readFile(path, 'utf8')).replaceAll(/\{\s*"description": "[^"]*"\s*\}/g, '{}'), loader: 'js' }));
  },
};

/** Of the matrix library we take the eigenvectors, which need no arithmetic of whole matrices: it is written out for forty operators, three times each. */
export const withoutMatrixArithmetic = leaveOut('without-matrix-arithmetic', [{ filter: /ml-matrix\/src\/mathOperations\.js$/, contents: 'export const installMathOperations = () => undefined;' }]);

/** What the OpenAPI document says of routes and fields in words is wanted by the function that serves it, and by no other. */
export const withoutProse: Plugin = {
  name: 'without-prose',
  setup: (build) => {
    build.onLoad({ filter: /[\\/]functions[\\/].*([\\/-]schema|[\\/]fields)\.ts$/ }, async ({ path }) => ({
      contents: (await readFile(path, 'utf8')).replaceAll(/\bsummary: '(?:[^'\\\n]|\\.)*'/g, 'summary: \'\'').replaceAll(/\.describe\('(?:[^'\\\n]|\\.)*'\)/g, ''), loader: 'ts',
    }));
  },
};

/** The writer of JSON Schema is wanted by the function that serves the OpenAPI document, and by no other. */
export const withoutJsonSchema = leaveOut('without-json-schema', [
  { filter: /zod\/v4\/core\/to-json-schema\.js$/, contents: 'export const createToJSONSchemaMethod = () => undefined, createStandardJSONSchemaMethod = () => undefined;\n' + absent('JSON Schema', ['extractDefs', 'finalize', 'initializeContext', 'processSchema', 'handleUnrepresentable', 'process', 'toJSONSchema']) },
  { filter: /zod\/v4\/core\/json-schema-processors\.js$/, contents: absent('JSON Schema', ['allProcessors', 'toJSONSchema']) },
]);
