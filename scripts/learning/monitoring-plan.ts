import { ALARM_RULE } from '../../models/monitoring/excursions.ts';
import { trajectoryVariables, windowOf } from '../../models/monitoring/trajectory.ts';
import { minuteSeriesNamed } from '../../models/twin/parameters/catalogue/catalogue.ts';
import { CD19_CAR_T_ID } from '../../shared/master-batch-record/cd19-car-t/content.ts';
import type { ModelInput, ModelPlan } from '../../shared/model-registry/model-plan.ts';
import { LOW_VIABILITY } from './early-failure-plan.ts';
import type { Lesson } from './lesson.ts';

/** Of the example batch: eight days, which a second alarmed window of twelve hours still leaves time in. */
const [HOURS, WINDOW_HOURS, COMPONENTS] = [192, 12, 8] as const;
const VARIABLES = trajectoryVariables(HOURS, WINDOW_HOURS);
const LABEL = 'culture-went-wrong';

/** Cultures with a fault of the process that nobody mended: what monitoring is for. */
export const PROCESS_FAULT = { id: 'process-fault', title: 'A fault of the process', rule: 'drift of the pH probe of 0.02/h, a gas line with 0.3 bar left, or a feed pump that stands still' } as const;

const inputOf = ({ name, low, high }: (typeof VARIABLES)[number]): ModelInput => {
  const { metric = '', statistic, fromHour = 0, toHour = 0 } = windowOf(name) ?? {};
  const unit = statistic === 'log-mean' ? '' : minuteSeriesNamed(metric).unit;
  return { name, title: `${statistic === 'log-mean' ? 'Logarithm of ' : ''}${metric.replace('Bioreactor/', '')}, hours ${fromHour} to ${toHour}`, unit, low, high, mayBeMissing: true };
};

/**
 * The plan of the example's process monitoring. It must spare cultures that go well, and see faults of the process: by the lower end of the exact interval, on held-out cultures into which the twin put one. Failures as they come are no
 * criterion of their own: in this world one batch in seventeen fails, most of them by the patient's cells, which no sensor sees.
 */
const monitoringPlan = (developerIds: readonly string[]): ModelPlan => ({
  productId: CD19_CAR_T_ID, title: 'Monitoring of an expansion (simulated data)', output: 'process-monitoring-alarm', question: 'Has this culture left the ways in which cultures go that end well?',
  contextOfUse: {
    description: 'Shown while the culture runs, each time a window of twelve hours is complete: T² and Q with their limits, and which sensor is how far off.', users: ['process-scientist'],
    decision: 'Whether to look at culture and sensors before the next sample', otherEvidence: ['alarm limits of single sensors', 'in-process tests'],
  },
  inputs: VARIABLES.map(inputOf), subgroups: [{ id: LOW_VIABILITY.id, title: LOW_VIABILITY.title, rule: LOW_VIABILITY.rule }, { ...PROCESS_FAULT }],
  risk: { riskId: 'EXAMPLE-RISK-2', influence: 'low', consequence: 'medium', rationale: 'Nothing follows from it but a look; what is missed is seen by the alarms of single sensors and by the samples.' },
  design: { algorithm: 'multiway-pca', static: true, deterministic: true, explanation: 'contributions', developerIds: [...developerIds] },
  threshold: ALARM_RULE.level, undecided: { errorRate: 0.1, handling: 'It is never undecided: an hour of which too little is known is not judged.' },
  test: {
    protocol: 'Each hospital has whole cultures judged hour by hour, once, and tells in how many there was an alarm.', dataRequirement: 'Batches of every hospital, none of them used in training: some as they come, some with a fault of the process.', minimumCasesPerStratum: 20, minimumLabelVerifiedFraction: 0.9,
    criteria: [
      { id: 'spares-good-ones', metric: 'specificity', stratum: 'all', measure: 'lower-limit', minimum: 0.8 },
      { id: 'sees-faults', metric: 'sensitivity', stratum: PROCESS_FAULT.id, measure: 'lower-limit', minimum: 0.85 },
      { id: 'accurate-everywhere', metric: 'accuracy', stratum: 'each-site', measure: 'estimate', minimum: 0.75 },
      { id: 'accurate-in-groups', metric: 'accuracy', stratum: 'each-subgroup', measure: 'estimate', minimum: 0.7 },
      { id: 'decides', metric: 'decided', stratum: 'all', measure: 'estimate', minimum: 1 },
    ],
    baseline: { description: 'Alarm limits of single sensors, with their false alarms.', values: [{ metric: 'specificity', value: 0.75 }] },
  },
  monitoring: { stabilityAlarm: 0.2, stabilitySuspension: 0.5, significance: 0.01, minimumCases: 30, performance: [{ metric: 'specificity', minimum: 0.7 }] },
});

/** Whether a running batch is beyond what batches that went well did. */
export const MONITORING: Lesson = {
  modelId: 'cd19-expansion-monitoring', title: 'Monitoring of an expansion, first training', purpose: 'A candidate for the alarms of process monitoring', label: LABEL, features: VARIABLES.map(({ name }) => name),
  source: 'Whole cultures simulated by the digital twin, world "published". No patient, no hospital. Not for use on patients.', preprocessing: 'Means over windows of twelve hours, as process monitoring takes them.',
  representativeness: 'Every hospital of the example network, drawn as its training batches were, none of them among those; beside them cultures with a fault of the process, of three kinds alike, which are far rarer in life.',
  training: { method: 'monitoring', variables: VARIABLES, label: LABEL, components: COMPONENTS, rowLimit: 1000 }, seed: 0, planBy: monitoringPlan,
};
