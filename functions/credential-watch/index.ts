import { environmentOf } from '../_platform/environment.ts';
import { nodePorts } from '../_platform/node-ports.ts';
import { createHandler } from './handler.ts';

const { records } = nodePorts(environmentOf(['RECORD_TABLE', 'OPERATIONS_TABLE']));

export const handler = createHandler({ people: records.people });
