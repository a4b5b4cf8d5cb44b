import { environmentOf } from '../_platform/environment.ts';
import { nodePorts } from '../_platform/node-ports.ts';
import { createHandler } from './handler.ts';

const environment = environmentOf(['RECORD_TABLE', 'OPERATIONS_TABLE']);
const { store, records: { models, governanceTables: tables }, operations, now } = nodePorts(environment);

export const handler = createHandler({ models, tables, operations, record: store, now });
