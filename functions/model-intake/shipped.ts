import path from 'bedside:shipped-model';
import { readFileSync } from 'node:fs';
import { once } from '../_platform/once.ts';

/** The bytes of the model that comes with the platform, which the bundle carries beside itself. */
export const shippedModel = once((): Uint8Array => readFileSync(new URL(path, import.meta.url)));
