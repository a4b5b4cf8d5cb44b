import bold from 'dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf';
import regular from 'dejavu-fonts-ttf/ttf/DejaVuSans.ttf';
import { readFileSync } from 'node:fs';
import { once } from '../once.ts';

/** The bundle carries the font files beside itself; the imports are their paths. */
const fontFile = (path: string): Buffer => readFileSync(new URL(path, import.meta.url));

export const bundledFonts = once(() => ({ regular: fontFile(regular), bold: fontFile(bold) }));
