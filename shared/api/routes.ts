/** Every HTTP route and the function that answers it. `infra/` builds the interfaces from it; a test holds the contracts of `functions/` against it. */
export type Route = Readonly<{ method: 'GET' | 'POST'; path: string; function: string; authorised: boolean }>;

const of = (name: string, ...routes: readonly string[]): readonly Route[] => routes.map((route) => {
  const [method, path] = route.split(' ');
  if ((method !== 'GET' && method !== 'POST') || path === undefined) throw new RangeError(`route '${route}', want 'GET /path' or 'POST /path'`);
  return { method, path, function: name, authorised: true };
});

const open = (name: string, ...paths: readonly string[]): readonly Route[] => paths.map((path) => ({ method: 'GET', path, function: name, authorised: false }));

/** Open: a witness believes the log's own signature, and nobody learns anything (C2SP tlog-witness). */
const witness: readonly Route[] = [{ method: 'GET', path: '/v1/log/witness/key', function: 'log-witness', authorised: false }, { method: 'POST', path: '/v1/log/witness/add-checkpoint', function: 'log-witness', authorised: false }];

const BATCH = '/v1/batches/{batchId}';
const ERASURE = '/v1/chains-of-identity/{chainOfIdentityId}/erasure';
const PHASE = `${BATCH}/phases/{phaseId}`;

export const NODE_ROUTES: readonly Route[] = [
  ...of('batch-api', 'POST /v1/batches', `GET ${BATCH}`, 'GET /v1/work'),
  ...of('batch-api', ...['start', 'hold', 'resume', 'stop', 'abort'].map((verb) => `POST ${BATCH}/${verb}`)),
  ...of('batch-api', ...['start', 'equipment', 'materials', 'values', 'signatures', 'complete'].map((part) => `POST ${PHASE}/${part}`), `POST ${PHASE}/values/{valueId}/correction`),
  ...of('batch-api', `POST ${BATCH}/custody-transfers`, `POST ${BATCH}/custody-transfers/{transferId}/acceptance`),
  ...of('batch-api', `POST ${BATCH}/deviations`, `POST ${BATCH}/deviations/{deviationId}/assessment`, `POST ${BATCH}/deviations/{deviationId}/closure`, `POST ${BATCH}/telemetry-gaps/{gapId}/assessment`),
  ...of('batch-api', `POST ${BATCH}/test-results`, `POST ${BATCH}/disposition`),
  ...of('personal-data-api', `POST ${BATCH}/personal-data`, `GET ${BATCH}/personal-data`, `POST ${BATCH}/personal-data/correction`, `GET ${ERASURE}`, `POST ${ERASURE}-request`, `POST ${ERASURE}`, `POST ${ERASURE}/completion`),
  ...of('audit-api', 'GET /v1/batches', `GET ${BATCH}/record`, `GET ${BATCH}/audit-trail`, `GET ${BATCH}/certificate`),
  ...of('log-api', 'GET /v1/log/key', 'GET /v1/log/checkpoint', 'GET /v1/log/tile/{path+}', 'GET /v1/log/consistency', `GET ${BATCH}/proof`),
  ...of('audit-api', ...['batches', 'batches/{batchId}/record', 'batches/{batchId}/audit-trail', 'batches/{batchId}/telemetry', 'batches/{batchId}/telemetry/chunks/{sha256}', 'search', 'security-events', 'genealogy/{kind}/{id}', 'reads'].map((path) => `GET /v1/audit/${path}`)),
  ...of('inspection-pack', 'GET /v1/audit/batches/{batchId}/inspection-pack'),
  ...of('telemetry-api', `GET ${BATCH}/telemetry`, 'GET /v1/telemetry/quarantine'),
  ...of('register-api', 'POST /v1/chains-of-identity', 'GET /v1/chains-of-identity/{chainOfIdentityId}', 'POST /v1/materials', 'GET /v1/materials', 'POST /v1/materials/{lotId}/status', 'POST /v1/equipment', 'GET /v1/equipment', 'POST /v1/equipment/{equipmentId}/calibrations', 'POST /v1/people', 'GET /v1/people', 'POST /v1/people/{personId}/trainings', ...['suspension', 'reinstatement', 'roles', 'credential-confirmation'].map((act) => `POST /v1/people/{personId}/${act}`)),
  ...witness,
  ...open('api-document', '/openapi.json', '/health'),
];

const MBR = '/v1/master-batch-records';
export const NETWORK_ROUTES: readonly Route[] = [
  ...of('library-api', `POST ${MBR}`, `GET ${MBR}`, `GET ${MBR}/{masterBatchRecordId}`, ...['submission', 'approval', 'effectiveness', 'return'].map((move) => `POST ${MBR}/{masterBatchRecordId}/${move}`)),
  ...of('network-log-api', 'GET /v1/log/key', 'GET /v1/log/checkpoint', 'GET /v1/log/tile/{path+}', 'GET /v1/log/consistency'),
  ...of('coordinator-api', 'GET /v1/nodes', 'GET /v1/nodes/{nodeId}/checkpoints', 'POST /v1/nodes/{nodeId}/registration', 'GET /v1/directory', 'GET /v1/batches', 'POST /v1/audit-grants', 'GET /v1/audit-grants', 'POST /v1/audit-grants/{grantId}/revocation'),
  ...witness,
  ...open('api-document', '/openapi.json', '/health'),
];
