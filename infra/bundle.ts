import { build as runBuild, stop, type Metafile, type Plugin } from 'esbuild';
import { copyFileSync, existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { bundleVerifier } from '../scripts/verify-bundle.ts';
import { bringUpToDate, stampOf, writeStamp } from './bundle/up-to-date.ts';
import { environmentOnly, fontFiles, kindsOnce, pureShapes, regionsWithoutWords, SHIPPED_MODEL, shippedModelFile, VERIFIER, verifierFile, versionOnly, withoutJsonSchema, withoutMatrixArithmetic, withoutProse, withoutUnusedParts } from './bundle/plugins.ts';

const ROOT = resolve(import.meta.dirname, '..');
export const FUNCTIONS_FOLDER = join(ROOT, 'functions');
export const BUNDLE_FOLDER = join(ROOT, 'dist', 'functions');
/** The model that comes with the platform. */
export const MODEL_FILE = join(ROOT, 'models', 'early-prediction', 'model.json');

/** CommonJS dependencies inside an ES module bundle still ask for `require`. */
const BANNER = "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";

const copyFonts = ({ outputs }: Metafile): void => {
  for (const [output, { inputs }] of Object.entries(outputs)) {
    for (const font of Object.keys(inputs).filter((input) => input.endsWith('.ttf'))) copyFileSync(join(ROOT, font), join(ROOT, dirname(output), basename(font)));
  }
};

/** Folders of the bundles that ask for a file beside them. */
const foldersAsking = ({ outputs }: Metafile, specifier: string): readonly string[] =>
  Object.entries(outputs).filter(([, { inputs }]) => Object.keys(inputs).some((input) => input.endsWith(specifier))).map(([output]) => join(ROOT, dirname(output)));

const copyShippedModel = (metafile: Metafile): void => {
  for (const folder of foldersAsking(metafile, SHIPPED_MODEL.specifier)) copyFileSync(MODEL_FILE, join(folder, SHIPPED_MODEL.file));
};

/** The offline verifier, beside each bundle that asks for it. */
const writeVerifier = async (metafile: Metafile): Promise<void> => {
  const folders = foldersAsking(metafile, VERIFIER.specifier);
  if (folders.length === 0) return;
  const bytes = await bundleVerifier();
  for (const folder of folders) writeFileSync(join(folder, VERIFIER.file), bytes);
};

/** Names of all functions: folders with an `index.ts`, by themselves or in a group, `rpa/review`. */
export const functionNames = (folder = FUNCTIONS_FOLDER): readonly string[] => {
  const foldersIn = (path: string): readonly string[] => readdirSync(join(folder, path), { withFileTypes: true }).filter((entry) => entry.isDirectory()).map(({ name }) => join(path, name));
  const isFunction = (name: string): boolean => existsSync(join(folder, name, 'index.ts'));
  return foldersIn('').flatMap((name) => (isFunction(name) ? [name] : foldersIn(name).filter(isFunction))).toSorted();
};

export type Bundled = Readonly<{ names: readonly string[]; metafile: Metafile }>;

/** The one function that writes JSON Schema. */
const SCHEMA_WRITER = 'api-document';

const build = async (names: readonly string[], functionsFolder: string, outdir: string, plugins: readonly Plugin[]): Promise<Metafile> => {
  const { metafile } = await runBuild({
    entryPoints: Object.fromEntries(names.map((name) => [`${name}/index`, join(functionsFolder, name, 'index.ts')])),
    outdir, outExtension: { '.js': '.mjs' }, absWorkingDir: ROOT, bundle: true, minify: true, sourcemap: 'linked', sourcesContent: false, metafile: true,
    platform: 'node', format: 'esm', target: 'node24', mainFields: ['module', 'main'], conditions: ['module', 'import', 'node'], banner: { js: BANNER },
    legalComments: 'none', charset: 'utf8', logLevel: 'error', plugins: [fontFiles, verifierFile, shippedModelFile, kindsOnce, pureShapes, versionOnly, regionsWithoutWords, environmentOnly, withoutUnusedParts, withoutMatrixArithmetic, ...plugins],
    alias: {
      '@aws-sdk/credential-provider-node': join(ROOT, 'infra', 'bundle', 'environment-credentials.ts'),
      'brotli/decompress.js': join(ROOT, 'infra', 'bundle', 'brotli.ts'),
      // The package's own sources: what it exports is one file, of which nothing can be left out.
      'ml-matrix': join(ROOT, 'node_modules', 'ml-matrix', 'src', 'index.js'),
    },
  });
  copyFonts(metafile);
  copyShippedModel(metafile);
  await writeVerifier(metafile);
  return metafile;
};

/** Everything a bundle is made of. */
const sourcesStamp = (functionsFolder: string): string => stampOf([functionsFolder, ...['shared', 'models', 'scripts', 'infra', 'package.json', 'package-lock.json'].map((path) => join(ROOT, path))]);

/**
 * Bundle every function: `<outdir>/<name>/index.mjs`, minified, source map beside it. The same sources give the same bytes, and so the same asset hashes.
 */
export const bundleFunctions = async (options: Readonly<{ functionsFolder?: string; outdir?: string }> = {}): Promise<Bundled> => {
  const { functionsFolder = FUNCTIONS_FOLDER, outdir = BUNDLE_FOLDER } = options;
  const names = functionNames(functionsFolder);
  const stamp = sourcesStamp(functionsFolder);
  rmSync(outdir, { recursive: true, force: true });
  const [writer, others] = await Promise.all([
    build(names.filter((name) => name === SCHEMA_WRITER), functionsFolder, outdir, []),
    build(names.filter((name) => name !== SCHEMA_WRITER), functionsFolder, outdir, [withoutJsonSchema, withoutProse]),
  ]);
  const metafile: Metafile = { inputs: { ...writer.inputs, ...others.inputs }, outputs: { ...writer.outputs, ...others.outputs } };
  writeFileSync(join(outdir, 'meta.json'), JSON.stringify(metafile));
  writeStamp(outdir, stamp);
  return { names, metafile };
};

/** Bundles of the sources as they are now, bundled only when there are none yet; those that `npm run bundle` made are copied. @returns how they came */
export const ensureBundles = (outdir: string): ReturnType<typeof bringUpToDate> =>
  bringUpToDate({ outdir, elsewhere: BUNDLE_FOLDER, stamp: sourcesStamp(FUNCTIONS_FOLDER), make: () => bundleFunctions({ outdir }) });

/** End the bundler's own process, which keeps 1 GB for the next time; what bundles again starts it again. */
export const endBundler = (): Promise<void> => stop();

if (import.meta.main) {
  const { names, metafile } = await bundleFunctions();
  for (const name of names) {
    const bytes = Object.entries(metafile.outputs).find(([path]) => path.endsWith(`${name}/index.mjs`))?.[1].bytes ?? 0;
    process.stdout.write(`${name.padEnd(24)} ${(bytes / 1000).toFixed(0).padStart(5)} kB\n`);
  }
}
