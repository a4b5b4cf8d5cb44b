import type { OpenPoint } from '../batch/events.ts';
import { isUnwatched } from '../batch/equipment-use.ts';
import { missingSignatures, missingWork } from '../batch/commands/phase.ts';
import { telemetryEnd } from '../batch/commands/telemetry.ts';
import { conforms } from '../master-batch-record/conformity.ts';
import { placedPhases, type PlacedPhase } from '../batch/recipe-lookup.ts';
import { openTransfers } from '../batch/custody.ts';
import { failingResults, resultInForce, specificationOf } from '../batch/results.ts';
import type { Batch, PhaseExecution } from '../batch/state.ts';

/** Counts up when a rule is added, removed or changes its meaning; a review names the version it used. */
export const REVIEW_RULE_SET_VERSION = '1.4.0';

type Rule = (batch: Batch) => readonly OpenPoint[];

const ofPhases = (check: (batch: Batch, placed: PlacedPhase, execution: PhaseExecution | undefined) => readonly OpenPoint[]): Rule =>
  (batch) => placedPhases(batch.recipe.content).flatMap((placed) => check(batch, placed, batch.phases[placed.phase.id]));

const phasesComplete = ofPhases((_, { phase }, execution) =>
  (execution?.completedAt === undefined ? [{ rule: 'phase-incomplete', subject: phase.id, detail: `${phase.title} is not complete` }] : []));

const workDone = ofPhases((batch, { phase }, execution) => {
  if (execution === undefined) return [];
  const missing = [...missingWork(batch, phase, execution), ...missingSignatures(phase, execution).map((meaning) => `signature ${meaning}`)];
  return missing.map((what) => ({ rule: 'work-missing', subject: phase.id, detail: `${phase.title}: missing ${what}` }));
});

const twoPeople = ofPhases((_, { phase }, execution) => {
  const signers = execution?.signatures.map(({ signerId }) => signerId) ?? [];
  return new Set(signers).size === signers.length ? [] : [{ rule: 'same-person-signed-twice', subject: phase.id, detail: `${phase.title} was performed and verified by one person` }];
});

/** A value outside its limits must have raised a deviation. */
const excursionsHaveDeviations = ofPhases((batch, { phase }, execution) => phase.values.flatMap((specification) => {
  const { id, title } = specification;
  const held = execution?.values[id];
  if (held === undefined || conforms(specification, held.value)) return [];
  const covered = Object.values(batch.deviations).some(({ phaseId, rule }) => phaseId === phase.id && rule === 'value-out-of-limits');
  return covered ? [] : [{ rule: 'excursion-without-deviation', subject: phase.id, detail: `${title} is out of limits and no deviation was raised` }];
}));

export const unclosedDeviations: Rule = ({ deviations }) => Object.values(deviations).filter(({ state }) => state !== 'closed')
  .map(({ deviationId, title, state }) => ({ rule: 'deviation-not-closed', subject: deviationId, detail: `${title} (${state})` }));

const criticalGapsAssessed: Rule = ({ gaps }) => Object.values(gaps).filter(({ critical, assessed }) => critical && !assessed)
  .map(({ gapId, from, to }) => ({ rule: 'critical-gap-not-assessed', subject: gapId, detail: `telemetry of a critical parameter is missing from ${from} to ${to}` }));

/** What says nothing of a critical parameter must have been looked at: a deviation about it, by rule, or by hand in a phase that used it. */
const criticalEquipmentWatched: Rule = (batch) => batch.equipment.filter((use) => isUnwatched(batch.recipe.content, use)).flatMap(({ equipmentId }) => {
  const phaseIds = Object.values(batch.phases).filter(({ equipmentIds }) => equipmentIds.includes(equipmentId)).map(({ phaseId }) => phaseId);
  const covered = Object.values(batch.deviations).some(({ phaseId, rule }) => phaseId !== undefined && phaseIds.includes(phaseId) && (rule === undefined || rule === 'equipment-not-monitored'));
  return covered ? [] : [{ rule: 'equipment-not-monitored', subject: equipmentId, detail: `${equipmentId} measures critical parameters and has no telemetry device, and no deviation was raised` }];
});

/** What a model recommended and a person was asked about must have been looked at; refusing it is enough. */
const recommendationsDecided: Rule = ({ undecidedRecommendations }) =>
  undecidedRecommendations.map((subject) => ({ rule: 'recommendation-not-decided', subject, detail: 'a recommendation waits for a signed decision' }));

/** What was measured must be named by the record before anybody certifies on the strength of it. */
const telemetrySealed: Rule = (batch) => {
  const end = telemetryEnd(batch);
  return end === undefined ? [] : [{ rule: 'telemetry-not-sealed', subject: batch.batchId, detail: `the record does not yet name all telemetry up to ${end}; it does so by itself, some minutes after the batch is complete` }];
};

const custodyClosed: Rule = (batch) => openTransfers(batch)
  .map(({ transferId }) => ({ rule: 'custody-not-accepted', subject: transferId, detail: 'a hand-over was offered and not accepted' }));

const testsPresent: Rule = (batch) => batch.recipe.content.releaseSpecification.filter(({ id, timing }) => timing === 'before-release' && resultInForce(batch, id) === undefined)
  .map(({ id, title }) => ({ rule: 'test-missing', subject: id, detail: `${title} has no result` }));

/** Each result counts, not the last alone: what failed forbids release until its investigation finds the result itself invalid. */
const testsConform: Rule = (batch) => failingResults(batch)
  .map(({ testId, value, unit }) => ({ rule: 'test-out-of-specification', subject: testId, detail: `${specificationOf(batch, testId)?.title ?? testId}: got ${String(value)} ${unit}` }));

const notEnded: Rule = ({ state, batchId }) => (state === 'complete' ? [] : [{ rule: 'batch-not-complete', subject: batchId, detail: `the batch is ${state}` }]);

const RULES: readonly Rule[] = [notEnded, phasesComplete, workDone, twoPeople, excursionsHaveDeviations, unclosedDeviations, criticalGapsAssessed, criticalEquipmentWatched, recommendationsDecided, telemetrySealed, custodyClosed, testsPresent, testsConform];

/**
 * Review a batch record by rules: what a person still has to settle before release. Empty means nothing is open. Depends on the record alone, so
 * that a second run finds the same.
 *
 * @see 21 CFR 211.188, 211.192 (review of production and control records); EU GMP Annex 16, 1.7
 */
export const reviewRecord = (batch: Batch): readonly OpenPoint[] => RULES.flatMap((rule) => rule(batch));

/** Tests that may come after a release, and have not. */
export const outstandingStagedTests = (batch: Batch): readonly string[] =>
  batch.recipe.content.releaseSpecification.filter(({ id, timing }) => timing === 'staged' && resultInForce(batch, id) === undefined).map(({ id }) => id);
