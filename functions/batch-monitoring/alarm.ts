import { createHash } from 'node:crypto';
import type { Excursion } from '../../models/monitoring/excursions.ts';
import type { Judgement, RunningJudgement } from '../../models/monitoring/judge.ts';
import type { MonitoringModel } from '../../models/monitoring/model-file.ts';
import type { BatchEvent } from '../../shared/batch/events.ts';
import type { Contribution } from '../../shared/prediction-governance/ledger-events.ts';
import { raiseMonitoringAlarm, type Alarm } from '../../shared/prediction-governance/monitor.ts';
import type { Governed } from '../../shared/prediction-governance/recommend.ts';
import { canonicalJson } from '../../shared/record/canonical-json.ts';
import { ledgerCompanions } from '../_platform/ledger-companions.ts';
import type { GovernedBatch } from '../_platform/governed-batches.ts';
import { judgedAt } from './judge.ts';
import type { MonitoringPorts } from './ports.ts';
import type { Trajectory } from './trajectory.ts';

/** Contributions named one by one; a person reads no more, and an event must fit one entry of the log. */
const MOST_NAMED = 20;
const OTHERS = '(all others)';
const CUSTOMARY = 0.99;

const sha256 = (value: unknown): string => createHash('sha256').update(canonicalJson(value)).digest('hex');

/** Shares in the statistic that is further beyond its limit, the largest first; all lines add up to it. */
const explanationOf = ({ t2, q, contributions }: Judgement, t2Limit: number, qLimit: number): readonly Contribution[] => {
  const which = qLimit > 0 && q / qLimit >= t2 / t2Limit ? 'q' : 't2';
  const lines = contributions.filter((each) => each[which] !== 0).map((each): Contribution => ({ feature: each.variable, value: each.value, contribution: each[which] }))
    .toSorted((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution) || (a.feature < b.feature ? -1 : 1));
  const others = lines.slice(MOST_NAMED);
  return [...lines.slice(0, MOST_NAMED), ...(others.length === 0 ? [] : [{ feature: OTHERS, value: null, contribution: others.reduce((sum, { contribution }) => sum + contribution, 0) }])];
};

/** What is known of the hour a batch is in, by what was seen up to `seenToHour`. */
export type Within = Readonly<{ judgement: RunningJudgement; seenToHour: number }>;
export type Told = Readonly<{ trajectory: Trajectory; within?: Within | undefined }>;

/** An excursion as it is put on record: the batch at the furthest of its hours so far. */
const alarmOf = (model: MonitoringModel, { trajectory: { batchId, modelId, modelVersion, modelHash, values }, within }: Told, { fromHour, peak }: Excursion, ledgerSize: number): Alarm | undefined => {
  const running = within?.judgement.hour === peak.hour ? within : undefined;
  const judgement = running?.judgement ?? judgedAt(model, values, peak.hour);
  if (judgement === undefined) return undefined;
  const { hour, t2, q, limits, confidence, contributions } = judgement;
  const { t2: t2Limit = 0, q: qLimit = 0 } = limits.find(({ level }) => level === CUSTOMARY) ?? {};
  const inputsHash = sha256(Object.fromEntries(contributions.flatMap(({ variable, value }) => (value === null ? [] : [[variable, value]]))));
  return {
    recommendationId: `REC-${sha256([batchId, inputsHash, modelHash, fromHour, ledgerSize]).slice(0, 16)}`, output: 'process-monitoring-alarm', modelId, modelVersion, modelHash, inputsHash, probability: confidence, undecided: false,
    monitoring: { fromHour, hour, t2, t2Limit, q, qLimit, ...(running === undefined ? {} : { seenToHour: running.seenToHour, t2AtLeast: running.judgement.atLeast.t2, qAtLeast: running.judgement.atLeast.q }) }, explanation: explanationOf(judgement, t2Limit, qLimit), alternatives: [], actions: [],
  };
};

/**
 * Put excursions on the batch's record, once each, under the table in force.
 *
 * @throws DomainError as `raiseMonitoringAlarm`: while the assistance is stopped, while no table has a row for it
 */
export const recordAlarms = async (ports: MonitoringPorts, model: MonitoringModel, told: Told, excursions: readonly Excursion[], { held, govern }: Readonly<{ held: GovernedBatch; govern: (state: GovernedBatch) => Governed }>): Promise<number> => {
  let events: readonly BatchEvent[] = [];
  const { batchId, modelHash } = told.trajectory;
  await ports.batches.change(batchId, ({ state }) => {
    if (state === undefined) return [];
    const governed = govern(state);
    events = excursions.flatMap((excursion) => {
      const alarm = alarmOf(model, told, excursion, governed.ledger.recommendations.size);
      return alarm === undefined ? [] : raiseMonitoringAlarm(governed, alarm, { modelHash, ...excursion });
    });
    return events;
  }, {
    actor: { kind: 'system', id: 'batch-monitoring', version: modelHash.slice(0, 12) },
    companions: ({ version }) => ledgerCompanions(batchId, held.ledger, events, { version, at: ports.now().toISOString() }),
  });
  return events.filter(({ type }) => type === 'recommendation-made').length;
};
