import { knownFromRecord, observedReadings, READING_METRICS, type SampleResult } from '../../models/twin/advice/observed.ts';
import type { Proposal } from '../../models/twin/advice/proposals.ts';
import { POLICIES } from '../../models/twin/assist/policy.ts';
import { commandedAction, SET_POINT_NAMES } from '../../models/twin/site/set-points.ts';
import { sampledAt } from '../../shared/batch/draw-time.ts';
import type { Batch } from '../../shared/batch/state.ts';
import type { Ledger } from '../../shared/prediction-governance/ledger.ts';
import type { Action, Alternative, Twin } from '../../shared/prediction-governance/ledger-events.ts';
import type { GovernanceRow } from '../../shared/prediction-governance/table.ts';
import type { Series } from '../../shared/telemetry/series.ts';
import type { LookedAhead, Question } from '../look-ahead/handler.ts';
import { numberRecorded, recordedValues } from './recorded.ts';

const HOUR_MS = 3_600_000;
/** Results of samples by their value id in the master batch record. */
const SAMPLE_OF: Readonly<Record<string, SampleResult['name']>> = { 'viability-day-three': 'viability', 'viability-day-six': 'viability', 'car-positive-day-six': 'carPositive' };

export type Advice = Readonly<{ alternatives: readonly Alternative[]; /** What made them; absent where there are none. */ twin?: Twin; actions: readonly Action[] }>;
export const NO_ADVICE: Advice = { alternatives: [], actions: [] };
export const ADVICE_METRICS: readonly string[] = READING_METRICS;

/** A device of the batch that has a metric to set. */
export type DeviceWith = (metric: string) => Readonly<{ edgeNodeId: string; deviceId: string }> | undefined;

/** How much better a plan must be than carrying on before anybody is asked, in worth (about the chance of passing): as the assistant of the trials. */
const { worthAsking: WORTH_ASKING } = POLICIES.balanced;

const samplesOf = (batch: Batch, startEpochMs: number): readonly SampleResult[] => recordedValues(batch).flatMap(([valueId, held]) => {
  const { value } = held;
  const name = SAMPLE_OF[valueId];
  return name === undefined || typeof value !== 'number' ? [] : [{ name, percent: value, hour: (Date.parse(sampledAt(held)) - startEpochMs) / HOUR_MS }];
});

/** What was done to the culture so far, as far as the twin knows the set-point. */
const doneSoFar = ({ interventions }: Ledger, startEpochMs: number) => [...interventions.values()].flatMap(({ acknowledged, metric }) => {
  if (acknowledged === undefined || !SET_POINT_NAMES.includes(metric)) return [];
  try {
    return [commandedAction(metric, acknowledged.observedValue, Math.max(0, (Date.parse(acknowledged.observedAt) - startEpochMs) / HOUR_MS))];
  } catch (error) {
    // Equipment may report a value the twin can not play: what it does is then not looked ahead at.
    if (error instanceof RangeError) return [];
    throw error;
  }
});

/** The proposal's set-points as commands the table allows, to equipment the batch has; undefined where people would have to do it by hand. */
const commandsOf = ({ setPoints }: Proposal, { actions }: GovernanceRow, deviceWith: DeviceWith): readonly Action[] | undefined => {
  const commands = setPoints?.map(({ metric, value }): Action | undefined => {
    const allowed = actions.find((each) => each.metric === metric && value >= each.low && value <= each.high);
    const device = deviceWith(metric);
    return allowed === undefined || device === undefined ? undefined : { ...device, metric, value, unit: allowed.unit };
  });
  const known = commands?.filter((command) => command !== undefined);
  return known?.length === commands?.length ? known : undefined;
};

const alternativeOf = ({ id, title, chance, harvestHour, potencyPercent }: Proposal, commands: readonly Action[] | undefined): Alternative => ({
  id, title: commands === undefined ? `${title} (by hand)` : title, ...(commands === undefined || commands.length === 0 ? {} : { actions: commands }),
  expected: `simulated by the digital twin: chance of passing release ${(chance * 100).toFixed(0)} %, harvest at ${harvestHour} h, potency ${potencyPercent.toFixed(0)} % of the reference`,
});

export type Asked = Readonly<{ batch: Batch; ledger: Ledger; row: GovernanceRow; startEpochMs: number; nowEpochMs: number; seriesOf: (metric: string) => Series | undefined; deviceWith: DeviceWith; /** Hex; equal inputs give equal advice. */ seed: string;
  /** Play ways to go on, in the twin. */
  lookAhead(question: Question): Promise<LookedAhead>;
}>;

/**
 * What could be done, with what the twin expects of each; and what it would do: the best that can be written to equipment, if it is worth asking a person about.
 */
export const adviceFor = async ({ batch, ledger, row, startEpochMs, nowEpochMs, seriesOf, deviceWith, seed, lookAhead }: Asked): Promise<Advice> => {
  const readings = observedReadings(startEpochMs, (nowEpochMs - startEpochMs) / HOUR_MS, seriesOf, samplesOf(batch, startEpochMs));
  const observed = { known: knownFromRecord((valueId) => numberRecorded(batch, valueId)), readings, done: doneSoFar(ledger, startEpochMs) };
  const { proposals, twin } = await lookAhead({ observed, seed: Number.parseInt(seed.slice(0, 8), 16) });
  const shown = proposals.map((proposal) => ({ proposal, commands: commandsOf(proposal, row, deviceWith) }));
  const [carryOn] = proposals;
  const best = shown.filter(({ commands }) => commands !== undefined).reduce((a, b) => (b.proposal.worth > a.proposal.worth ? b : a));
  const isWorthAsking = carryOn !== undefined && best.proposal.worth >= carryOn.worth + WORTH_ASKING;
  return { alternatives: shown.map(({ proposal, commands }) => alternativeOf(proposal, commands)), twin, actions: isWorthAsking ? best.commands ?? [] : [] };
};
