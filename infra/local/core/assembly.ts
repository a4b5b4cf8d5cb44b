import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StackIdentity } from './contracts.ts';
import type { Template } from './template.ts';

export type AssemblyStack = Readonly<{ identity: StackIdentity; template: Template }>;
export type Asset = Readonly<{ path: string }>;
export type Assembly = Readonly<{
  folder: string;
  /** The network first: nodes take its outputs. */
  stacks: readonly AssemblyStack[];
  /** File or folder of an asset by the object key the template names. */
  assetByKey: ReadonlyMap<string, string>;
}>;

type Manifest = Readonly<{ artifacts: Readonly<Record<string, Readonly<{ type: string; environment?: string; properties?: Readonly<{ templateFile?: string; stackName?: string; file?: string }> }>>> }>;
type AssetManifest = Readonly<{ files?: Readonly<Record<string, Readonly<{ source: Readonly<{ path: string }>; destinations: Readonly<Record<string, Readonly<{ objectKey: string }>>> }>>> }>;

const readJson = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));

const environmentOf = (text: string | undefined): Readonly<{ account: string; region: string }> => {
  const [account = '', region = ''] = (text ?? '').replace('aws://', '').split('/');
  return { account: /^\d{12}$/.test(account) ? account : '000000000000', region: region.startsWith('unknown') || region === '' ? 'eu-west-1' : region };
};

/** @throws Error that says how to synthesise when the folder is not a cloud assembly */
export const readAssembly = (folder: string): Assembly => {
  if (!existsSync(join(folder, 'manifest.json'))) throw new Error(`${folder} holds no cloud assembly: run "npx cdk synth" first`);
  const { artifacts } = readJson(join(folder, 'manifest.json')) as Manifest;
  const stacks = Object.entries(artifacts).filter(([, { type }]) => type === 'aws:cloudformation:stack').map(([name, { environment, properties }]): AssemblyStack => ({
    identity: { name: properties?.stackName ?? name, ...environmentOf(environment) }, template: readJson(join(folder, properties?.templateFile ?? '')) as Template,
  }));
  const assetByKey = new Map<string, string>();
  for (const { type, properties } of Object.values(artifacts)) {
    if (type !== 'cdk:asset-manifest' || properties?.file === undefined) continue;
    for (const { source, destinations } of Object.values((readJson(join(folder, properties.file)) as AssetManifest).files ?? {})) {
      for (const { objectKey } of Object.values(destinations)) assetByKey.set(objectKey, join(folder, source.path));
    }
  }
  return { folder, assetByKey, stacks: stacks.toSorted((a, b) => Object.keys(a.template.Parameters ?? {}).length - Object.keys(b.template.Parameters ?? {}).length) };
};
