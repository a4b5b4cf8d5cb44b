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

/** Where an inspector finds what is also elsewhere. @param path below `/v1` */
export const underAudit = (path: string): string => path.replace('/v1/', '/v1/audit/');

/** The log of a site, by the address that tlog-tiles clients and receipts name, and among what an inspector reads. */
const LOG = ['/v1/log/key', '/v1/log/checkpoint', '/v1/log/tile/{path+}', '/v1/log/consistency'].flatMap((path) => [`GET ${path}`, `GET ${underAudit(path)}`]);

const BATCH = '/v1/batches/{batchId}';
const ERASURE = '/v1/chains-of-identity/{chainOfIdentityId}/erasure';
const MODEL_USE = '/v1/model-use/{modelId}';
const PHASE = `${BATCH}/phases/{phaseId}`;

export const NODE_ROUTES: readonly Route[] = [
  ...of('batch-api', 'POST /v1/batches', `GET ${BATCH}`, 'GET /v1/work'),
  ...of('batch-api', ...['start', 'hold', 'resume', 'stop', 'abort'].map((verb) => `POST ${BATCH}/${verb}`)),
  ...of('batch-api', ...['start', 'equipment', 'materials', 'values', 'signatures', 'complete'].map((part) => `POST ${PHASE}/${part}`), `POST ${PHASE}/values/{valueId}/correction`, `POST ${PHASE}/materials/correction`, `POST ${BATCH}/equipment/{equipmentId}/withdrawal`),
  ...of('batch-api', `POST ${BATCH}/custody-transfers`, `POST ${BATCH}/custody-transfers/{transferId}/acceptance`, `POST ${BATCH}/custody-transfers/{transferId}/withdrawal`),
  ...of('batch-api', `POST ${BATCH}/deviations`, `POST ${BATCH}/deviations/{deviationId}/assessment`, `POST ${BATCH}/deviations/{deviationId}/closure`, `POST ${BATCH}/telemetry-gaps/{gapId}/assessment`),
  ...of('batch-api', `POST ${BATCH}/test-results`, `POST ${BATCH}/disposition`, `POST ${BATCH}/staged-results/certification`),
  ...of('personal-data-api', `POST ${BATCH}/personal-data`, `GET ${BATCH}/personal-data`, `POST ${BATCH}/personal-data/correction`, `GET ${ERASURE}`, `POST ${ERASURE}-request`, `POST ${ERASURE}`, `POST ${ERASURE}/completion`),
  ...of('audit-api', 'GET /v1/batches', `GET ${BATCH}/record`, `GET ${BATCH}/audit-trail`, `GET ${BATCH}/certificate`),
  ...of('log-api', ...LOG, `GET ${BATCH}/proof`, 'GET /v1/audit/records/{kind}/{id}/proof'),
  ...of('audit-api', ...['batches', 'batches/{batchId}/record', 'batches/{batchId}/audit-trail', 'batches/{batchId}/interventions', 'batches/{batchId}/telemetry', 'batches/{batchId}/telemetry/chunks/{sha256}', 'records/{kind}/{id}', 'records/{kind}/{id}/audit-trail', 'search', 'security-events', 'genealogy/{kind}/{id}', 'reads', 'models', 'governance-tables', 'trainings', 'training-partners'].map((path) => `GET /v1/audit/${path}`)),
  ...of('inspection-pack', 'GET /v1/audit/batches/{batchId}/inspection-pack'),
  ...of('training-data-api', 'POST /v1/training-data', 'GET /v1/training-data', 'GET /v1/trainings', 'POST /v1/trainings/{runId}/decline', 'POST /v1/trainings/{runId}/consent', 'GET /v1/trainings/{runId}/data', 'GET /v1/training-budgets', 'POST /v1/training-budgets', 'GET /v1/training-budgets/{label}', 'POST /v1/training-budgets/{label}/approval', 'GET /v1/training-partners', 'POST /v1/training-partners', 'POST /v1/training-partners/{siteId}/withdrawal', 'GET /v1/trainings/{runId}'),
  ...of('model-evaluation-api', 'POST /v1/model-evaluations', 'GET /v1/model-evaluations/{artefactSha256}/data', 'POST /v1/model-calibrations', 'GET /v1/model-calibrations/{artefactSha256}/data', 'GET /v1/model-distributions/{artefactSha256}'),
  ...of('telemetry-api', `GET ${BATCH}/telemetry`, `GET ${BATCH}/monitoring`, 'GET /v1/telemetry/quarantine', 'GET /v1/telemetry/gateways'),
  ...of('register-api', 'POST /v1/chains-of-identity', 'GET /v1/chains-of-identity/{chainOfIdentityId}', 'POST /v1/materials', 'GET /v1/materials', 'POST /v1/materials/{lotId}/status', 'POST /v1/equipment', 'GET /v1/equipment', ...['calibrations', 'out-of-use', 'back-to-use'].map((act) => `POST /v1/equipment/{equipmentId}/${act}`), 'POST /v1/people', 'GET /v1/people', 'POST /v1/people/{personId}/trainings', ...['suspension', 'reinstatement', 'roles', 'credential-confirmation'].map((act) => `POST /v1/people/{personId}/${act}`)),
  ...of('governance-api', 'POST /v1/governance-tables', 'GET /v1/governance-tables', 'GET /v1/governance-tables/{productId}', 'POST /v1/governance-tables/{productId}/approval', 'POST /v1/governance-tables/{productId}/effectiveness'),
  ...of('governance-api', `GET ${BATCH}/interventions`, `POST ${BATCH}/interventions/{interventionId}/effect`, `POST ${BATCH}/recommendations/{recommendationId}/decision`, `POST ${BATCH}/assistance/stop`, `POST ${BATCH}/assistance/resume`),
  ...of('governance-api', `GET ${MODEL_USE}`, `POST ${MODEL_USE}/versions/{version}/stop`, `POST ${MODEL_USE}/versions/{version}/resume`, `POST ${MODEL_USE}/versions/{version}/drift/{runId}/assessment`, `POST ${MODEL_USE}/versions/{version}/drift/{runId}/closure`),
  ...witness,
  ...open('api-document', '/openapi.json', '/health'),
];

const MBR = '/v1/master-batch-records';
const MODEL = '/v1/models/{modelId}';
const MODEL_VERSION = `${MODEL}/versions/{version}`;
export const NETWORK_ROUTES: readonly Route[] = [
  ...of('library-api', `POST ${MBR}`, `GET ${MBR}`, `GET ${MBR}/{masterBatchRecordId}`, ...['submission', 'approval', 'effectiveness', 'return'].map((move) => `POST ${MBR}/{masterBatchRecordId}/${move}`)),
  ...of('model-registry-api', 'POST /v1/model-artefacts', 'POST /v1/data-manifests', 'POST /v1/test-data', 'GET /v1/test-data', 'GET /v1/test-data/{testDataId}', 'POST /v1/test-data/{testDataId}/accesses'),
  ...of('model-registry-api', 'POST /v1/models', 'GET /v1/models', `GET ${MODEL}`, `GET ${MODEL_VERSION}/card`, `POST ${MODEL}/retraining`, `POST ${MODEL}/deviations/{deviationId}/assessment`),
  ...of('model-registry-api', ...['plan-approval', 'candidate', 'test', 'acceptance', 'activation', 'suspension', 'reinstatement', 'retirement', 'monitoring'].map((move) => `POST ${MODEL_VERSION}/${move}`)),
  ...of('training-api', 'POST /v1/trainings', 'GET /v1/trainings', 'GET /v1/trainings/{runId}', 'POST /v1/trainings/{runId}/abort', 'POST /v1/trainings/{runId}/resumption'),
  ...of('network-log-api', ...LOG),
  ...of('coordinator-api', 'GET /v1/nodes', 'GET /v1/nodes/{nodeId}/checkpoints', 'POST /v1/nodes/{nodeId}/registration', 'GET /v1/directory', 'GET /v1/batches', 'POST /v1/audit-grants', 'GET /v1/audit-grants', 'POST /v1/audit-grants/{grantId}/revocation', 'GET /v1/audit/nodes', 'GET /v1/audit/reads', 'POST /v1/people', 'GET /v1/people', ...['suspension', 'reinstatement', 'roles'].map((act) => `POST /v1/people/{personId}/${act}`)),
  ...witness,
  ...open('api-document', '/openapi.json', '/health'),
];
