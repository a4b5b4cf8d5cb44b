import { bundledFonts } from '../_platform/pdf/fonts.ts';
import { createHandler } from './handler.ts';

export const handler = createHandler({ fonts: bundledFonts });
