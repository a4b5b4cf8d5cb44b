/**
 * Every key of the node's tables is made here; `infra/` builds the tables from `TABLE`, stores import `keyOf`.
 *
 * Record table: append-only, streamed. Nobody is granted update or delete, and every put carries `attribute_not_exists`.
 *   - one stream of events, with leaves    pk = <KIND>#<id>            sk = EVENT#<version, padded>
 *   - read log of the audit interface      pk = READ#<yyyy-mm-dd>      sk = READ#<time>#<request id>
 *   - run records of RPA tasks             pk = RUN#<task>             sk = RUN#<SHA-256 of the inputs>
 *
 * Operations table: mutable views and short-lived state; all of it can be rebuilt or may be lost without harm to the record.
 *   - summary of a stream (lists)          pk = SUMMARY#<KIND>         sk = <id>
 *   - idempotency keys                     pk = IDEMPOTENCY#<person>   sk = <key>      with time to live
 *   - used re-authentications              pk = REAUTHENTICATION       sk = <jti>      with time to live
 *   - birth certificates                   pk = BIRTH#<edge node>      sk = <device or ->#<timestamp, padded>
 *   - device in use by a batch             pk = DEVICE#<edge node>     sk = <device>
 *   - device a batch had, until it expires pk = DEVICE-BEFORE#<edge node>  sk = <device>#<from>
 *   - message numbering after a minute     pk = SEQUENCE#<edge node>   sk = <minute>   with time to live
 *   - message numbering, latest minute     pk = SEQUENCE-LAST          sk = <edge node>
 *   - alarm excursions of a metric         pk = ALARM#<edge node>      sk = <device>#<metric>
 *   - alarms of a metric, as first seen    pk = SIGHTING#<edge node>   sk = <device>#<metric>#<batch>  with time to live
 *   - rebirths asked for                   pk = REBIRTH#<edge node>    sk = <half minute>  with time to live
 *   - quarantined messages (index)         pk = QUARANTINE             sk = <time>#<SHA-256>
 *   - chunks sealed, not yet in a record   pk = TELEMETRY-UNNAMED      sk = <batch>#<time>#<hash>
 *   - batches whose telemetry is to end    pk = TELEMETRY-CLOSING      sk = <batch>
 *   - chunks of an hour a record names     pk = TELEMETRY-NAMED#<batch>  sk = <edge node>/<device or ->/<hour>  with time to live
 *   - critical parameters not measured     pk = SILENT-PARAMETERS       sk = <batch>
 *   - release workflow waiting             pk = RELEASE#<batch>        sk = WAIT
 *   - work list of a role                  pk = WORK#<role>            sk = <subject>
 *   - batches with open interventions      pk = INTERVENTIONS-OPEN     sk = <batch>     with time to live once closed
 *   - process monitoring of a batch        pk = MONITORING#<batch>     sk = TRAJECTORY, or POINT#<hour of culture, padded>
 *   - appends the log has not taken in    pk = LOG-PENDING            sk = <time>#<KIND>#<id>#<first version, padded>
 *   - where the log stands               pk = LOG                    sk = HEAD
 *   - place of a leaf in the log           pk = LOG-LEAF#<2 digits>    sk = <leaf hash>
 *   - the log's own leaf of an event       pk = LOG-PLACE#<KIND>#<id>  sk = EVENT#<version, padded>
 *   - how far the log check has come       pk = LOG                    sk = CHECK
 *   - streams about a subject (search)     pk = REFERENCE#<KIND>#<id> sk = <kind>#<id>
 *   - streams written on a day (search)    pk = RECORDED#<yyyy-mm-dd>  sk = <kind>#<id>
 *   - effective revision of a product      pk = EFFECTIVE              sk = <product>   (control site)
 *   - model that answers for an output   pk = ACTIVE-MODEL              sk = <product>#<output>  (control site)
 *
 * Personal data table: the only place of patient-bound values and their salts; an item is removed when the patient's data is erased.
 *   - values of one batch                  pk = PERSONAL#<coi>         sk = <batch>
 */
export const TABLE = { pk: 'pk', sk: 'sk', timeToLive: 'expiresAtEpochSeconds' } as const;

const SEPARATOR = '#';
const VERSION_DIGITS = 9;
const TIMESTAMP_DIGITS = 15;
const HOUR_DIGITS = 4;

const part = (name: string, value: string): string => {
  if (value === '' || value.includes(SEPARATOR)) {
    throw new RangeError(`${name} must be non-empty and without '${SEPARATOR}', got '${value}'`);
  }
  return `${name}${SEPARATOR}${value}`;
};

const padded = (name: string, value: number, digits: number): string => {
  if (!Number.isInteger(value) || value < 0 || value >= 10 ** digits) {
    throw new RangeError(`${name} must be an integer in [0, 10^${digits}), got ${value}`);
  }
  return String(value).padStart(digits, '0');
};

/** `EVENT#000000007`: padded, so DynamoDB's byte order is version order. */
const versionPart = (version: number): string => part('EVENT', padded('version', version, VERSION_DIGITS));

const kindPart = (kind: string, id: string): string => part(kind.toUpperCase(), id);

export const keyOf = {
  event: (kind: string, id: string, version: number) => ({ pk: kindPart(kind, id), sk: versionPart(version) }),
  stream: (kind: string, id: string) => ({ pk: kindPart(kind, id) }),
  read: (time: string, requestId: string) => ({ pk: part('READ', time.slice(0, 10)), sk: `READ${SEPARATOR}${time}${SEPARATOR}${requestId}` }),
  run: (task: string, inputsSha256: string) => ({ pk: part('RUN', task), sk: part('RUN', inputsSha256) }),
  summary: (kind: string, id: string) => ({ pk: kindPart('SUMMARY', kind.toUpperCase()), sk: id }),
  idempotency: (personId: string, key: string) => ({ pk: part('IDEMPOTENCY', personId), sk: key }),
  reauthentication: (tokenId: string) => ({ pk: 'REAUTHENTICATION', sk: tokenId }),
  birth: (edgeNodeId: string, deviceId: string | undefined, timestampEpochMs: number) => ({
    pk: part('BIRTH', edgeNodeId), sk: `${deviceId ?? '-'}${SEPARATOR}${padded('timestamp', timestampEpochMs, TIMESTAMP_DIGITS)}`,
  }),
  births: (edgeNodeId: string) => ({ pk: part('BIRTH', edgeNodeId) }),
  birthsOfDevice: (edgeNodeId: string, deviceId: string | undefined) => ({ pk: part('BIRTH', edgeNodeId), prefix: `${deviceId ?? '-'}${SEPARATOR}` }),
  device: (edgeNodeId: string, deviceId: string) => ({ pk: part('DEVICE', edgeNodeId), sk: deviceId }),
  deviceBefore: (edgeNodeId: string, deviceId: string, from: string) => ({ pk: part('DEVICE-BEFORE', edgeNodeId), sk: `${deviceId}${SEPARATOR}${from}` }),
  sequence: (edgeNodeId: string, minuteLabel: string) => ({ pk: part('SEQUENCE', edgeNodeId), sk: minuteLabel }),
  lastSequence: (edgeNodeId: string) => ({ pk: 'SEQUENCE-LAST', sk: edgeNodeId }),
  alarm: (edgeNodeId: string, deviceId: string, metric: string) => ({ pk: part('ALARM', edgeNodeId), sk: `${deviceId}${SEPARATOR}${metric}` }),
  sightings: (edgeNodeId: string, deviceId: string, metric: string, batchId: string) => ({ pk: part('SIGHTING', edgeNodeId), sk: `${deviceId}${SEPARATOR}${metric}${SEPARATOR}${batchId}` }),
  rebirth: (edgeNodeId: string, slot: number) => ({ pk: part('REBIRTH', edgeNodeId), sk: String(slot) }),
  quarantine: (time: string, sha256: string) => ({ pk: 'QUARANTINE', sk: `${time}${SEPARATOR}${sha256}` }),
  unnamedChunks: (batchId: string, sealedAt: string, hash: string) => ({ pk: 'TELEMETRY-UNNAMED', sk: `${batchId}${SEPARATOR}${sealedAt}${SEPARATOR}${hash}` }),
  telemetryClosing: (batchId: string) => ({ pk: 'TELEMETRY-CLOSING', sk: batchId }),
  namedChunks: (batchId: string, deviceHour: string) => ({ pk: part('TELEMETRY-NAMED', batchId), sk: deviceHour }),
  releaseWait: (batchId: string) => ({ pk: part('RELEASE', batchId), sk: 'WAIT' }),
  silentParameters: (batchId: string) => ({ pk: 'SILENT-PARAMETERS', sk: batchId }),
  work: (role: string, subject: string) => ({ pk: part('WORK', role), sk: subject }),
  interventionsOpen: (batchId: string) => ({ pk: 'INTERVENTIONS-OPEN', sk: batchId }),
  monitoringTrajectory: (batchId: string) => ({ pk: part('MONITORING', batchId), sk: 'TRAJECTORY' }),
  monitoringRunning: (batchId: string) => ({ pk: part('MONITORING', batchId), sk: 'RUNNING' }),
  monitoringPoint: (batchId: string, hour: number) => ({ pk: part('MONITORING', batchId), sk: `POINT${SEPARATOR}${padded('hour', hour, HOUR_DIGITS)}` }),
  logPending: (recordedAt: string, kind: string, id: string, version: number) => ({
    pk: 'LOG-PENDING', sk: `${recordedAt}${SEPARATOR}${kindPart(kind, id)}${SEPARATOR}${padded('version', version, VERSION_DIGITS)}`,
  }),
  logHead: () => ({ pk: 'LOG', sk: 'HEAD' }),
  logPlace: (kind: string, id: string, version: number) => ({ pk: `LOG-PLACE${SEPARATOR}${kindPart(kind, id)}`, sk: versionPart(version) }),
  logCheck: () => ({ pk: 'LOG', sk: 'CHECK' }),
  logLeaf: (leafHash: string) => ({ pk: part('LOG-LEAF', leafHash.slice(0, 2)), sk: leafHash }),
  reference: (subjectKind: string, subjectId: string, kind: string, id: string) => ({ pk: `REFERENCE${SEPARATOR}${kindPart(subjectKind, subjectId)}`, sk: `${kind}${SEPARATOR}${id}` }),
  recordedOn: (day: string, kind: string, id: string) => ({ pk: part('RECORDED', day), sk: `${kind}${SEPARATOR}${id}` }),
  effectiveRevision: (productId: string) => ({ pk: 'EFFECTIVE', sk: productId }),
  activeModel: (productId: string, output: string) => ({ pk: 'ACTIVE-MODEL', sk: `${productId}${SEPARATOR}${output}` }),
  personalData: (chainOfIdentityId: string, batchId: string) => ({ pk: part('PERSONAL', chainOfIdentityId), sk: batchId }),
} as const;
