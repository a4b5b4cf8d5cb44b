import { streamOf } from '../../models/random/streams.ts';
import { knownFromRecord, observedReadings, READING_METRICS, type SampleResult } from '../../models/twin/advice/observed.ts';
import { libraryOf, proposalsFor, WORTH_ASKING, type Proposal } from '../../models/twin/advice/proposals.ts';
import { commandedAction, SET_POINT_NAMES } from '../../models/twin/site/set-points.ts';
import stress from '../../models/twin/worlds/stress.json' with { type: 'json' };
import { worldOf } from '../../models/twin/worlds/load.ts';
import type { Batch } from '../../shared/batch/state.ts';
import type { Ledger } from '../../shared/prediction-governance/ledger.ts';
import type { Action, Alternative } from '../../shared/prediction-governance/ledger-events.ts';
import type { GovernanceRow } from '../../shared/prediction-governance/table.ts';
import type { Series } from '../../shared/telemetry/series.ts';
import { once } from '../_platform/once.ts';
import { numberRecorded, recordedValues } from './recorded.ts';

const HOUR_MS = 3_600_000;
/** Results of samples by their value id in the master batch record. */
const SAMPLE_OF: Readonly<Record<string, SampleResult['name']>> = { 'viability-day-three': 'viability', 'viability-day-six': 'viability', 'car-positive-day-six': 'carPositive' };

export type Advice = Readonly<{ alternatives: readonly Alternative[]; actions: readonly Action[] }>;
export const NO_ADVICE: Advice = { alternatives: [], actions: [] };
export const ADVICE_METRICS: readonly string[] = READING_METRICS;

/** A device of the batch that has a metric to set. */
export type DeviceWith = (metric: string) => Readonly<{ edgeNodeId: string; deviceId: string }> | undefined;

/** The world whose patients and process the prior is drawn from, and its prior; grown once. */
const prior = once(() => {
  const world = worldOf(stress, 'stress');
  return { world, library: libraryOf(world) };
});

const samplesOf = (batch: Batch, startEpochMs: number): readonly SampleResult[] => recordedValues(batch).flatMap(([valueId, { value, recordedAt }]) => {
  const name = SAMPLE_OF[valueId];
  return name === undefined || typeof value !== 'number' ? [] : [{ name, percent: value, hour: (Date.parse(recordedAt) - startEpochMs) / HOUR_MS }];
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

const alternativeOf = ({ id, title, chance, harvestHour, potency }: Proposal, commands: readonly Action[] | undefined): Alternative => ({
  id, title: commands === undefined ? `${title} (by hand)` : title, ...(commands === undefined || commands.length === 0 ? {} : { actions: commands }),
  expected: `simulated by the digital twin: chance of passing release ${(chance * 100).toFixed(0)} %, harvest at ${harvestHour} h, potency ${potency.toFixed(0)} % of the reference`,
});

export type Asked = Readonly<{ batch: Batch; ledger: Ledger; row: GovernanceRow; startEpochMs: number; nowEpochMs: number; seriesOf: (metric: string) => Series | undefined; deviceWith: DeviceWith; /** Hex; equal inputs give equal advice. */ seed: string }>;

/**
 * What could be done, with what the twin expects of each; and what it would do: the best that can be written to equipment, if it is worth asking a person about.
 */
export const adviceFor = ({ batch, ledger, row, startEpochMs, nowEpochMs, seriesOf, deviceWith, seed }: Asked): Advice => {
  const { world, library } = prior();
  const readings = observedReadings(startEpochMs, (nowEpochMs - startEpochMs) / HOUR_MS, seriesOf, samplesOf(batch, startEpochMs));
  const observed = { known: knownFromRecord((valueId) => numberRecorded(batch, valueId)), readings, done: doneSoFar(ledger, startEpochMs) };
  const proposals = proposalsFor(world, library, observed, streamOf(Number.parseInt(seed.slice(0, 8), 16), 0, 'advice'));
  const shown = proposals.map((proposal) => ({ proposal, commands: commandsOf(proposal, row, deviceWith) }));
  const [carryOn] = proposals;
  const best = shown.filter(({ commands }) => commands !== undefined).reduce((a, b) => (b.proposal.worth > a.proposal.worth ? b : a));
  const isWorthAsking = carryOn !== undefined && best.proposal.worth >= carryOn.worth + WORTH_ASKING;
  return { alternatives: shown.map(({ proposal, commands }) => alternativeOf(proposal, commands)), actions: isWorthAsking ? best.commands ?? [] : [] };
};
