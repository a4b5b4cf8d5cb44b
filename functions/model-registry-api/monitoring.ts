import { driftAlarm, type Monitored } from '../../models/drift/alarm.ts';
import { DomainError } from '../../shared/errors.ts';
import type { Distribution } from '../../shared/model-registry/distributions.ts';
import type { ModelEvent } from '../../shared/model-registry/events.ts';
import { MODEL_STATES, requireVersion, type Model } from '../../shared/model-registry/model.ts';
import { actOnDrift } from '../../shared/model-registry/put-to-use.ts';
import { canonicalJson } from '../../shared/record/canonical-json.ts';
import { sha256Hex } from '../../shared/record/chain.ts';
import { runCommand } from '../_platform/command.ts';
import { endpoint, type Endpoint } from '../_platform/contract.ts';
import { modelObject } from '../_platform/model-objects.ts';
import { MonitorModel } from './monitoring-schema.ts';
import type { RegistryPorts } from './ports.ts';

type Pairs = Monitored['pairs'];
/**
 * What is compared. Reference counts that were signed with the test can not be replaced by others.
 *
 * @throws DomainError `histogram-malformed`
 */
const pairsOf = (reference: readonly Distribution[] | undefined, current: readonly Distribution[] | undefined, pairs: Pairs): Pairs => {
  if (reference === undefined) {
    if (current !== undefined) throw new DomainError('histogram-malformed', 'current: got counts, want pairs: the test of this version has no distributions on record');
    return pairs;
  }
  if (pairs.length > 0) throw new DomainError('histogram-malformed', 'pairs: got reference counts, want only current: the test of this version has its own on record');
  if (current !== undefined && current.length !== reference.length) throw new DomainError('histogram-malformed', `current: got ${current.length} distributions, want the ${reference.length} of the test, in its order`);
  return current === undefined ? [] : reference.map((each, i) => ({ reference: each, current: current[i] ?? { name: '', counts: [], missing: 0 } }));
};

/** Drift, judged by the rules signed with the plan. What it was judged on is kept before anything follows from it. */
export const monitoringEndpoint = (ports: RegistryPorts): Endpoint => endpoint(MonitorModel, async (request) => {
  const { path: { modelId, version }, body: { current, pairs, outcomes } } = request;
  const { found } = requireVersion((await ports.models.load(modelId)).state, modelId, version, ...MODEL_STATES);
  const monitored: Monitored = { pairs: pairsOf(found.report?.distributions, current, pairs), ...(outcomes === undefined ? {} : { outcomes }) };
  const { decision, rule, detail, shifts, notJudged } = driftAlarm(found.plan.monitoring, monitored);
  const evidence = canonicalJson({ modelId, version, ...monitored });
  const evidenceSha256 = sha256Hex(evidence);
  if (decision !== 'none') await ports.bucket.put(modelObject.monitoring(evidenceSha256), new TextEncoder().encode(evidence), { ifMatch: null, contentType: 'application/json' });
  const accepted = await runCommand<Model, ModelEvent>(ports, { records: ports.models, id: modelId, request, decide: ({ state }) => actOnDrift(state, modelId, version, { decision, rule, detail, evidenceSha256 }) });
  if (decision === 'suspend') await ports.publish();
  return { ...accepted, decision, detail, evidenceSha256, notJudged: [...notJudged], shifts: [...shifts] };
});
