import { documentOf } from './documents.ts';
import { createHandler } from './handler.ts';

/** A hospital node has an id; the control site has none. */
export const handler = createHandler(documentOf(process.env['NODE_ID'] === undefined ? 'network' : 'node'));
