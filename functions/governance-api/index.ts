import { environmentOf } from '../_platform/environment.ts';
import { createGatewayReader } from '../_platform/gateways.ts';
import { createGovernedBatches } from '../_platform/governed-batches.ts';
import { createInvoke } from '../_platform/invoke.ts';
import { createNodeModels } from '../_platform/node-models.ts';
import { nodePorts } from '../_platform/node-ports.ts';
import { personOf } from '../_platform/people.ts';
import { createReauthenticationVerifier } from '../_platform/reauthentication.ts';
import { createRefusalLog } from '../_platform/refusals.ts';
import { s3 } from '../_platform/s3-client.ts';
import { createS3ObjectStore } from '../_platform/s3-object-store.ts';
import { createHandler } from './handler.ts';

const environment = environmentOf(['RECORD_TABLE', 'OPERATIONS_TABLE', 'MODEL_BUCKET', 'COMMANDER_FUNCTION', 'ISSUER_URL', 'USER_POOL_CLIENT_ID']);
const { store, records, operations, now } = nodePorts(environment);
const invoke = createInvoke<Readonly<{ batchId: string }>, unknown>(environment.COMMANDER_FUNCTION);

export const handler = createHandler({
  now, operations, batches: createGovernedBatches(store), gateways: createGatewayReader(operations, now), tables: records.governanceTables, modelUse: records.models, personOf: personOf(records), refusals: createRefusalLog(records.security, now),
  models: createNodeModels({ models: records.models, operations, bucket: createS3ObjectStore(s3, environment.MODEL_BUCKET) }),
  wakeCommander: async (batchId) => { await invoke({ batchId }); },
  verifyReauthentication: createReauthenticationVerifier(environment.ISSUER_URL, environment.USER_POOL_CLIENT_ID),
});
