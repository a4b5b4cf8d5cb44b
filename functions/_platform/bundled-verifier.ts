import path from 'bedside:verifier';
import { readFileSync } from 'node:fs';
import { once } from './once.ts';

/** The offline verifier, which the bundle carries beside itself. */
export const bundledVerifier = once((): Uint8Array => readFileSync(new URL(path, import.meta.url)));
