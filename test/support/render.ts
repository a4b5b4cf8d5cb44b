import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Fonts } from '../../functions/_platform/pdf/draw.ts';
import { createHandler, type Rendered, type RenderInput } from '../../functions/render-batch-record/handler.ts';

const { resolve } = createRequire(import.meta.url);

/** The font files themselves; a bundle carries them beside itself. */
export const fonts = (): Fonts => ({ regular: readFileSync(resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf')), bold: readFileSync(resolve('dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf')) });

const handler = createHandler({ fonts });

/** The function that draws, called as another function calls it: its input and its answer pass through JSON. */
export const renderBatchRecord = async (input: RenderInput): Promise<Rendered> =>
  JSON.parse(JSON.stringify(await handler(JSON.parse(JSON.stringify(input)) as RenderInput, { awsRequestId: 'r-1' } as never))) as Rendered;
