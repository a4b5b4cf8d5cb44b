import { countOpenPoints } from '../release/open-points.ts';
import type { Contribution, MonitoringAlarm } from '../prediction-governance/ledger-events.ts';
import type { BatchEvent, SealedDevice } from './events.ts';

/** An event as the audit trail shows it: one readable line, and old value, new value, reason where it has them. */
export type Description = Readonly<{ what: string; oldValue?: unknown; newValue?: unknown; why?: string }>;

type Describer = { readonly [Type in BatchEvent['type']]: (event: Extract<BatchEvent, { type: Type }>) => Description };

const sealedDevice = ({ edgeNodeId, deviceId, firstMinute, lastMinute }: SealedDevice): string => `; ${edgeNodeId}${deviceId === undefined ? '' : `/${deviceId}`} ${firstMinute} to ${lastMinute}`;

const SHARES_SHOWN = 4;
/** The first lines of an explanation as one. */
const largestShares = (explanation: readonly Contribution[]): string => explanation.slice(0, SHARES_SHOWN)
  .map(({ feature, value, contribution }) => `${feature}${value === null ? '' : ` ${value}`}: ${contribution < 0 ? '' : '+'}${contribution.toFixed(3)}`).join('; ');

const beyondLimits = ({ fromHour, hour, t2, t2Limit, q, qLimit, seenToHour }: MonitoringAlarm): string => `; beyond the limits from hour ${fromHour} of culture: at hour ${hour}${seenToHour === undefined ? '' : `, seen to ${seenToHour},`} T² ${t2.toFixed(2)} (limit ${t2Limit.toFixed(2)}), Q ${q.toFixed(2)} (limit ${qLimit.toFixed(2)})`;

const DESCRIBE: Describer = {
  'batch-created': ({ productId, chainOfIdentityId, recipe }) => ({ what: `Batch of ${productId} created for ${chainOfIdentityId} from master batch record ${recipe.masterBatchRecordId} version ${recipe.masterBatchRecordVersion}` }),
  'batch-started': () => ({ what: 'Batch started' }),
  'batch-held': ({ reason }) => ({ what: 'Batch held', why: reason }),
  'batch-resumed': ({ reason }) => ({ what: 'Batch resumed', why: reason }),
  'batch-stopped': ({ reason }) => ({ what: 'Batch stopped', why: reason }),
  'batch-aborted': ({ reason }) => ({ what: 'Batch aborted', why: reason }),
  'batch-completed': () => ({ what: 'Batch complete' }),
  'phase-started': ({ phaseId }) => ({ what: `Phase ${phaseId} started` }),
  'equipment-assigned': ({ phaseId, equipmentId, calibrationDueAt }) => ({ what: `Equipment ${equipmentId} used in phase ${phaseId}${calibrationDueAt === undefined ? '' : `, calibration due ${calibrationDueAt}`}` }),
  'equipment-withdrawn': ({ equipmentId, replacementId, reason }) => ({ what: `Equipment ${equipmentId} taken out of the batch${replacementId === undefined ? '' : `, replaced by ${replacementId}`}`, why: reason }),
  'equipment-released': ({ equipmentId }) => ({ what: `Equipment ${equipmentId} no longer in use` }),
  'material-added': ({ phaseId, materialId, lotId, quantity, unit }) => ({ what: `${quantity} ${unit} of ${materialId}, lot ${lotId}, added in phase ${phaseId}`, newValue: quantity }),
  'material-corrected': ({ phaseId, materialId, lotId, oldQuantity, newQuantity, unit, reason }) => ({ what: `Quantity of ${materialId}, lot ${lotId}, in phase ${phaseId} corrected from ${oldQuantity} to ${newQuantity} ${unit}${newQuantity === 0 ? ': not used' : ''}`, oldValue: oldQuantity, newValue: newQuantity, why: reason }),
  'value-recorded': ({ phaseId, valueId, value, unit, origin, drawnAt }) => ({ what: `Value ${valueId} of phase ${phaseId} recorded${origin.kind === 'telemetry' ? ` from ${origin.metric} (${origin.statistic})` : ''}: ${String(value)} ${unit}${drawnAt === undefined ? '' : `, sample drawn ${drawnAt}`}`, newValue: value }),
  'value-corrected': ({ phaseId, valueId, oldValue, newValue, unit, oldDrawnAt, newDrawnAt, reason }) => ({ what: `Value ${valueId} of phase ${phaseId} corrected from ${String(oldValue)} to ${String(newValue)} ${unit}${newDrawnAt === undefined ? '' : `; sample drawn ${newDrawnAt}, before: ${oldDrawnAt ?? 'not said'}`}`, oldValue, newValue, why: reason }),
  'phase-signed': ({ phaseId, signature }) => ({ what: `Phase ${phaseId} signed as ${signature.meaning}` }),
  'phase-signatures-voided': ({ phaseId }) => ({ what: `Signatures of phase ${phaseId} void: work went on after them` }),
  'phase-completed': ({ phaseId }) => ({ what: `Phase ${phaseId} complete` }),
  'action-refused': ({ attempted, code, detail }) => ({ what: `Refused: ${attempted} (${code})`, why: detail }),
  'custody-offered': ({ transferId, toPersonId, location, onBehalfOf, reason }) => ({ what: `Patient material offered to ${toPersonId} at ${location}${onBehalfOf === undefined ? '' : ` for ${onBehalfOf}, who held it`} (${transferId})`, ...(reason === undefined ? {} : { why: reason }) }),
  'custody-accepted': ({ transferId, condition }) => ({ what: `Patient material accepted (${transferId}): ${condition}` }),
  'custody-withdrawn': ({ transferId, reason }) => ({ what: `Offer of patient material withdrawn (${transferId})`, why: reason }),
  'deviation-raised': ({ deviationId, severity, title, detail, rule, afterRelease }) => ({ what: `Deviation ${deviationId} (${severity}) raised ${rule === undefined ? 'by hand' : `by rule ${rule}`}${afterRelease === true ? ', AFTER RELEASE' : ''}: ${title}`, why: detail }),
  'deviation-assessed': ({ deviationId, impact, rootCause }) => ({ what: `Deviation ${deviationId} assessed: ${impact}`, why: rootCause }),
  'deviation-closed': ({ deviationId, conclusion, testResult }) => ({ what: `Deviation ${deviationId} closed${testResult === undefined ? '' : testResult === 'invalid' ? '; the result is invalid' : '; the result stands'}`, why: conclusion }),
  'personal-data-recorded': ({ commitments }) => ({ what: `Personal data recorded: ${Object.keys(commitments).join(', ')} (commitments only; the values are kept beside the record)` }),
  'personal-data-corrected': ({ commitments, reason }) => ({ what: `Personal data corrected: ${Object.keys(commitments).join(', ')}`, why: reason }),
  'personal-data-erased': ({ chainOfIdentityId, erased, reason, request, confirmation }) => ({
    what: `Personal data of ${chainOfIdentityId} erased: ${[...new Set(erased.map(({ field }) => field))].join(', ') || 'none was recorded'}; requested by ${request.printedName}, confirmed by ${confirmation.printedName}`, why: reason,
  }),
  'telemetry-gap-recorded': ({ gapId, deviceId, from, to, lostMessages, cause, metrics, critical }) => {
    const how = { sequence: `${lostMessages} lost`, unmeasured: `no good sample of ${metrics?.join(', ') ?? ''}` } as Readonly<Record<string, string>>;
    return { what: `Telemetry gap ${gapId} of ${deviceId} from ${from} to ${to} (${cause}, ${how[cause] ?? 'how much was lost is not known'}${critical ? ', critical' : ''})` };
  },
  'telemetry-gap-assessed': ({ gapId, assessment }) => ({ what: `Telemetry gap ${gapId} assessed`, why: assessment }),
  'telemetry-alarm-raised': ({ metric, value, limit, side, at }) => ({ what: `${metric} ${side === 'low' ? 'below' : 'above'} ${limit}: ${value} at ${at}`, newValue: value }),
  'telemetry-sealed': ({ devices, chunks, through }) => ({ what: `Telemetry sealed: ${chunks.length} chunk(s)${devices.map(sealedDevice).join('')}${through === undefined ? '' : `; all of it up to ${through} is named`}` }),
  'test-result-recorded': ({ testId, value, unit, method, sampleId, reason }) => ({ what: `Result of ${testId}${reason === undefined ? '' : ', done again'}: ${String(value)} ${unit} (${method}, sample ${sampleId})`, newValue: value, ...(reason === undefined ? {} : { why: reason }) }),
  'features-recorded': ({ features, featuresHash }) => ({ what: `Features of the first days recorded: ${Object.keys(features).length}, SHA-256 ${featuresHash}; what models are trained on, and no prediction` }),
  'trajectory-recorded': ({ windowHours, sensors, trajectoryHash }) => ({ what: `Course of the culture recorded: ${Object.keys(sensors).length} sensor(s) in windows of ${windowHours} h, SHA-256 ${trajectoryHash}; what process monitoring is trained on, and no judgement` }),
  'monitoring-concluded': ({ modelId, modelVersion, verdict, score, judgedHours }) => ({ what: `Process monitoring of the whole culture by ${modelId} version ${modelVersion}: ${verdict}, ${score === undefined ? 'too little known of it for a score' : score.toFixed(3)} at ${judgedHours} judged hour(s); counted for drift, and asked of nobody`, ...(score !== undefined && { newValue: score }) }),
  'prediction-recorded': ({ modelName, probability, caution, isExample }) => ({ what: `Prediction by ${isExample === true ? 'the example model ' : ''}${modelName}: ${probability.toFixed(3)}`, newValue: probability, why: caution }),
  'review-performed': ({ ruleSetVersion, reviewedVersion, openPoints }) => ({ what: `Record version ${reviewedVersion} reviewed by rules ${ruleSetVersion}: ${countOpenPoints(openPoints)}` }),
  'disposition-recorded': ({ disposition, staged, reason }) => ({ what: disposition === 'release' ? `Batch certified for release${staged ? ' (staged)' : ''}` : 'Batch rejected', newValue: disposition, why: reason }),
  'staged-results-certified': ({ certificateId }) => ({ what: `Results that came after the staged release certified, to certificate ${certificateId}` }),
  'certificate-issued': ({ certificateId }) => ({ what: `Certificate ${certificateId} issued` }),
  'recommendation-made': ({ recommendationId, output, modelId, modelVersion, probability, calibratedProbability, verdict, undecided, undecidedBecause, explanation, actions, twin, tableVersion, askedOf, monitoring }) => ({
    what: `${monitoring === undefined ? 'Recommendation' : 'Alarm'} ${recommendationId} (${output}) by ${modelId} version ${modelVersion}: ${undecided ? 'undecided' : `${verdict === undefined ? '' : `${verdict}, `}${probability.toFixed(3)}`}${calibratedProbability === undefined ? '' : ` (calibrated ${calibratedProbability.toFixed(3)})`}, ${actions.length} action(s) proposed${twin === undefined ? '' : `, ways to go on by the digital twin ${twin.twinSha256.slice(0, 12)} in the world ${twin.world}`}, under governance table version ${tableVersion}, ${askedOf.length === 0 ? 'for awareness' : `asked of ${askedOf.join(' or ')}`}${monitoring === undefined ? '' : beyondLimits(monitoring)}`,
    ...(undecided ? {} : { newValue: probability }), why: undecidedBecause?.join('; ') ?? largestShares(explanation),
  }),
  'recommendation-decided': ({ recommendationId, decision, alternativeId, reason }) => ({ what: `Recommendation ${recommendationId} ${decision === 'accept' ? 'accepted' : 'refused'}${alternativeId === undefined ? '' : `, as alternative ${alternativeId}`}`, newValue: decision, why: reason }),
  'intervention-sent': ({ interventionId, command, edgeNodeId, deviceId, metric, value, unit, acknowledgeBy }) => ({ what: `Intervention ${interventionId} sent to ${[edgeNodeId, deviceId].filter((each) => each !== undefined).join('/')} (${command}): ${metric} = ${value} ${unit}, to be confirmed by ${acknowledgeBy}`, newValue: value }),
  'intervention-given-up': ({ interventionId, code, detail }) => ({ what: `Intervention ${interventionId} not sent (${code})`, why: detail }),
  'intervention-acknowledged': ({ interventionId, observedValue, observedAt, matches }) => ({ what: `Intervention ${interventionId} confirmed by the equipment at ${observedAt}${matches ? '' : ', with another value'}: ${observedValue}`, newValue: observedValue }),
  'intervention-timed-out': ({ interventionId, acknowledgeBy }) => ({ what: `Intervention ${interventionId} not confirmed by ${acknowledgeBy}` }),
  'intervention-effect-observed': ({ interventionId, metric, unit, before, after, note }) => ({ what: `Effect of intervention ${interventionId}: ${metric} from ${before} to ${after} ${unit}`, oldValue: before, newValue: after, why: note }),
  'assistance-stopped': ({ reason }) => ({ what: 'Assistance by models stopped', why: reason }),
  'assistance-resumed': ({ reason }) => ({ what: 'Assistance by models resumed', why: reason }),
};

export const describeEvent = <Event extends BatchEvent>(event: Event): Description =>
  (DESCRIBE[event.type] as (each: Event) => Description)(event);
