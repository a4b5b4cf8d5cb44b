import { environmentOf } from '../_platform/environment.ts';
import { createCounter } from '../_platform/metrics.ts';
import { nodePorts } from '../_platform/node-ports.ts';
import { createHandler } from './handler.ts';

const environment = environmentOf(['NODE_ID', 'RECORD_TABLE', 'OPERATIONS_TABLE']);
const { store, records: { models, governanceTables: tables }, operations, now } = nodePorts(environment);

export const handler = createHandler({ models, tables, operations, record: store, count: createCounter(environment.NODE_ID), now });
