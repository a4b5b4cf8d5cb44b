import { environmentOf } from '../_platform/environment.ts';
import { nodePorts } from '../_platform/node-ports.ts';
import { wakeTask } from '../_platform/release-workflow.ts';
import { createHandler } from './handler.ts';

const { records, operations, now } = nodePorts(environmentOf(['RECORD_TABLE', 'OPERATIONS_TABLE']));

export const handler = createHandler({ operations, now, batches: records.batches, wake: wakeTask });
