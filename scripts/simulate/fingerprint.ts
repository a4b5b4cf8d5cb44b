import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export const sha256 = (data: string): string => createHash('sha256').update(data).digest('hex');
/** SHA-256 of each file by name. */
export const fingerprintsOf = (files: Readonly<Record<string, string>>): Readonly<Record<string, Readonly<{ sha256: string }>>> => Object.fromEntries(Object.entries(files).map(([name, data]) => [name, { sha256: sha256(data) }]));
export const versionOfBedside = (): string => (JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8')) as Readonly<{ version: string }>).version;
