import { writeXgboostJson } from '../../models/forest/xgboost-json.ts';
import { evolveModel, type Model } from '../../shared/model-registry/model.ts';
import { manifestHashOf, type DataManifest } from '../../shared/model-registry/data-manifest.ts';
import { manifestFrom, type DataStatement } from '../../shared/model-registry/data-statement.ts';
import { statementHash, statementText } from '../../shared/model-registry/hospital-counts.ts';
import { DATA_ROLES } from '../../shared/training-data/dataset.ts';
import type { ModelEvent, Training } from '../../shared/model-registry/events.ts';
import { acceptVersion, recordTest, type Evidence } from '../../shared/model-registry/judge.ts';
import type { ModelPlan } from '../../shared/model-registry/model-plan.ts';
import { approvePlan, draftVersion, submitCandidate } from '../../shared/model-registry/propose.ts';
import { activateVersion } from '../../shared/model-registry/put-to-use.ts';
import { planHashOf } from '../../shared/model-registry/schema.ts';
import type { OpenedSet } from '../../shared/model-registry/seen-data.ts';
import { accessTestData, evolveTestData, registerTestData, type TestData, type TestDataEvent, type TestDataTerms } from '../../shared/model-registry/test-data.ts';
import type { CaseCounts, TestReport } from '../../shared/model-registry/test-report.ts';
import type { GovernanceTable } from '../../shared/prediction-governance/table.ts';
import { sha256Hex } from '../../shared/record/chain.ts';
import type { Role, SignatureMeaning } from '../../shared/record/envelope.ts';
import type { Signatory } from '../../shared/record/signatory.ts';
import { NOW, signature } from './batch-fixtures.ts';

export const MODEL_ID = 'cd19-early-failure';

/** A plan with everything; figures are made for tests. */
export const PLAN: ModelPlan = {
  productId: 'test-product', title: 'Early failure of an expansion', output: 'early-failure', question: 'Will this culture miss its release criteria, judged at 72 hours?',
  contextOfUse: { description: 'Told to the process scientist once, at 72 hours.', users: ['process-scientist'], decision: 'Whether to look at the culture before its next sample', otherEvidence: ['in-process tests'] },
  inputs: [{ name: 'ph-minimum', title: 'Lowest pH', unit: '', low: 6.6, high: 7.6, mayBeMissing: false }, { name: 'lactate-maximum', title: 'Highest lactate', unit: 'mmol/L', low: 0, high: 40, mayBeMissing: true }],
  subgroups: [{ id: 'low-viability', title: 'Starting viability below 80 %', rule: 'starting-viability-percent < 80' }],
  risk: { riskId: 'RISK-17', influence: 'medium', consequence: 'medium', rationale: 'A person decides, with in-process tests beside it.' },
  design: { algorithm: 'federated-forest', static: true, deterministic: true, explanation: 'tree-shap', developerIds: ['dev-1'] },
  threshold: 0.5, undecided: { errorRate: 0.1, handling: 'Shown as undecided; the culture is sampled as planned.' },
  test: {
    protocol: 'Score every record of the test data once.', dataRequirement: 'Batches of every hospital, of one year.', minimumCasesPerStratum: 20, minimumLabelVerifiedFraction: 0.9,
    criteria: [
      { id: 'finds-failures', metric: 'sensitivity', stratum: 'all', measure: 'lower-limit', minimum: 0.6 }, { id: 'accurate-everywhere', metric: 'accuracy', stratum: 'each-site', measure: 'estimate', minimum: 0.75 },
      { id: 'accurate-in-groups', metric: 'accuracy', stratum: 'each-subgroup', measure: 'estimate', minimum: 0.7 }, { id: 'decides', metric: 'decided', stratum: 'all', measure: 'estimate', minimum: 0.8 },
    ],
    baseline: { description: 'In-process tests alone, read at 72 hours.', values: [{ metric: 'sensitivity', value: 0.55 }] },
  },
  monitoring: { stabilityAlarm: 0.2, stabilitySuspension: 0.5, significance: 0.01, minimumCases: 30, performance: [{ metric: 'sensitivity', minimum: 0.6 }] },
  prePlannedChange: { description: 'Retrain with more batches.', protocol: 'Same inputs, same algorithm.', impactAssessment: 'Same use; tested anew.', minimumRows: 5, minimumSites: 2, maximumVersions: 1 },
};

/** A model of one split: alarmed when the lowest pH is under 7. */
export const ARTEFACT_TEXT = writeXgboostJson({
  objective: 'binary:logistic', baseScore: 0.5, featureNames: ['ph-minimum', 'lactate-maximum'],
  trees: [{ left: [1, -1, -1], right: [2, -1, -1], feature: [0, 0, 0], condition: [7, 1.5, -1.5], defaultLeft: [true, false, false], cover: [20, 8, 12], gain: [4, 0, 0], parent: [2147483647, 0, 0] }],
});
export const ARTEFACT = sha256Hex(ARTEFACT_TEXT);

type Part = Readonly<{ nodeId: string; from: number; records: number; positives?: number }>;
/** What hospitals say of their rows, each its own part; `name` is a role, or of training data. */
export const dataStatements = (name: string, sites: readonly Part[], artefactSha256 = ARTEFACT): readonly DataStatement[] => sites.map(({ nodeId, from, records, positives = 0 }) => ({
  kind: 'model-data', nodeId, role: DATA_ROLES.find((role) => role === name) ?? 'training', label: 'failed', rowsSha256: sha256Hex(`${name}-${nodeId}-${from}`), recordDigests: Array.from({ length: records }, (_, i) => sha256Hex(`${nodeId}-${from + i}`)), positives,
  ...((DATA_ROLES.find((role) => role === name) ?? 'training') === 'training' && { training: { runId: 'TRN-1', artefactSha256 } }),
}));
export const manifestOfStatements = (statements: readonly DataStatement[]): DataManifest => manifestFrom(statements.map((statement) => ({ statement, statementSha256: statementHash(statementText(statement)) })));
export const manifest = (name: string, ...sites: readonly Part[]): DataManifest => manifestOfStatements(dataStatements(name, sites));
export const TRAINED_ON = dataStatements('training', [{ nodeId: 'north', from: 0, records: 10 }, { nodeId: 'hill', from: 0, records: 12 }]);
export const TRAINING_DATA = manifestOfStatements(TRAINED_ON);
export const TESTED_ON = dataStatements('test', [{ nodeId: 'north', from: 100, records: 50, positives: 22 }, { nodeId: 'hill', from: 100, records: 40, positives: 18 }]);
export const TEST_DATA = manifestOfStatements(TESTED_ON);
/** Cases held out of training, that say what is undecided. */
export const CALIBRATED_ON = dataStatements('calibration', [{ nodeId: 'north', from: 200, records: 24 }, { nodeId: 'hill', from: 200, records: 16 }]);
export const CALIBRATION_DATA = manifestOfStatements(CALIBRATED_ON);
export const TRAINING: Training = {
  artefactSha256: ARTEFACT, documentationSha256: sha256Hex('documents'), trainingManifestSha256: manifestHashOf(TRAINING_DATA), algorithm: 'federated-forest', inputs: ['ph-minimum', 'lactate-maximum'],
  rows: 22, nodeIds: ['north', 'hill'], codeVersion: '1.0.0', seed: 1, calibration: { positives: [1, 19], negatives: [19, 1] }, calibrationManifestSha256: manifestHashOf(CALIBRATION_DATA),
};
export const TEST_TERMS: TestDataTerms = {
  testDataId: 'batches-2025-v1', title: 'Batches of 2025', manifestSha256: manifestHashOf(TEST_DATA), sites: [{ nodeId: 'north', records: 50, positives: 22 }, { nodeId: 'hill', records: 40, positives: 18 }],
  representativeness: 'All batches of the year.', labelVerifiedFraction: 1, preprocessing: 'As the features of the model.', exclusions: [{ reason: 'withdrawn before 72 hours', records: 2 }],
};
export const counts = (truePositive: number, falsePositive: number, trueNegative: number, falseNegative: number, undecidedPositive = 0, undecidedNegative = 0): CaseCounts =>
  ({ truePositive, falsePositive, trueNegative, falseNegative, undecidedPositive, undecidedNegative });
export const REPORT: TestReport = {
  planHash: planHashOf(PLAN), artefactSha256: ARTEFACT, testDataId: TEST_TERMS.testDataId, testManifestSha256: TEST_TERMS.manifestSha256,
  sites: [{ nodeId: 'north', counts: counts(20, 2, 24, 2, 0, 2) }, { nodeId: 'hill', counts: counts(16, 1, 20, 1, 1, 1) }], subgroups: [{ id: 'low-viability', counts: counts(12, 2, 8, 1) }],
};
/** Hill's failures are missed: sensitivity and its accuracy fall below the criteria. */
export const BAD_REPORT: TestReport = { ...REPORT, sites: [REPORT.sites[0]!, { nodeId: 'hill', counts: counts(4, 1, 20, 13, 1, 1) }] };

export const by = (signerId: string, meaning: SignatureMeaning, ...roles: readonly Role[]): Signatory => ({ signature: signature(signerId, meaning), roles });
export const SCIENTIST = (meaning: SignatureMeaning): Signatory => by('sci-1', meaning, 'process-scientist');
export const QUALITY = (meaning: SignatureMeaning): Signatory => by('qa-1', meaning, 'quality-reviewer');
export const DEVELOPER = (meaning: SignatureMeaning): Signatory => by('dev-1', meaning, 'process-scientist');

/** One output for awareness, one for a scientist's signature. */
export const GOVERNANCE_TABLE: GovernanceTable = {
  productId: 'test-product',
  rows: [
    { output: 'early-failure', handling: { kind: 'awareness' }, threshold: 0.5, undecided: 'needs-review', validForMinutes: 60, acknowledgeWithinSeconds: 60, actions: [] },
    { output: 'set-point-advice', handling: { kind: 'needs-signature', role: 'process-scientist' }, threshold: 0, undecided: 'show', validForMinutes: 30, acknowledgeWithinSeconds: 120, actions: [{ metric: 'Feed/Rate', unit: 'mL/h', low: 0, high: 5 }, { metric: 'Oxygen/Set Point', unit: '%', low: 20, high: 60 }] },
  ],
};

const MINUTE_MS = 60_000;
/** The registry under test: each event is recorded a minute after the last, on whichever stream. */
export class TestRegistry {
  model: Model | undefined;
  data: TestData | undefined;
  readonly events: ModelEvent[] = [];
  #minutes = 0;

  #fact<Event>(event: Event, version: number, id: string) {
    this.#minutes += 1;
    return { event, version, recordedAt: new Date(NOW + this.#minutes * MINUTE_MS).toISOString(), stream: { id } };
  }

  do(decide: (model: Model | undefined, data: TestData | undefined) => readonly ModelEvent[]): this {
    for (const event of decide(this.model, this.data)) {
      this.model = evolveModel(this.model, this.#fact(event, (this.model?.events ?? 0) + 1, MODEL_ID));
      this.events.push(event);
    }
    return this;
  }

  onData(decide: (data: TestData | undefined, model: Model | undefined) => readonly TestDataEvent[]): this {
    for (const event of decide(this.data, this.model)) this.data = evolveTestData(this.data, this.#fact(event, 1, TEST_TERMS.testDataId));
    return this;
  }
}

export const planned = (plan: ModelPlan = PLAN): TestRegistry => new TestRegistry().do((model) => draftVersion(model, MODEL_ID, plan)).do((model) => approvePlan(model, MODEL_ID, 1, SCIENTIST('approval')));
export const candidate = (): TestRegistry => planned().do((model) => submitCandidate(model, MODEL_ID, 1, { training: TRAINING, manifest: TRAINING_DATA, calibration: CALIBRATION_DATA }, DEVELOPER('authorship')))
  .onData((data) => registerTestData(data, TEST_TERMS, TEST_DATA, QUALITY('responsibility')));
export const opened = (): TestRegistry => candidate().onData((data, model) => accessTestData(data, TEST_TERMS.testDataId, model, { modelId: MODEL_ID, version: 1, purpose: 'test' }, QUALITY('performed')));
export const tested = (report: TestReport = REPORT): TestRegistry => opened().do((model, testData) => recordTest(model, MODEL_ID, 1, { report, testData }, QUALITY('performed')));
/** Test data with what is in them and what each access was for: the plan of the fixtures, or what `asked` has of others. */
export const setOf = (testData: TestData, manifest: DataManifest = TEST_DATA, asked: Partial<NonNullable<OpenedSet['openings'][number]['asked']>> = {}): OpenedSet =>
  ({ testData, manifest, openings: testData.accesses.map((each) => ({ ...each, asked: { output: PLAN.output, planHash: planHashOf(PLAN), artefactSha256: ARTEFACT, ...asked } })) });
export const evidence = (testData: TestData | undefined, own: Partial<Evidence> = {}): Evidence =>
  ({ artefactSha256: ARTEFACT, testData, sets: testData === undefined ? [] : [setOf(testData, own.manifests?.test)], manifests: { training: TRAINING_DATA, test: TEST_DATA, calibration: CALIBRATION_DATA }, adequacy: 'Adequate for the stated use.', ...own });
export const accepted = (): TestRegistry => tested().do((model, data) => acceptVersion(model, MODEL_ID, 1, evidence(data), SCIENTIST('approval')));
export const active = (): TestRegistry => accepted().do((model) => activateVersion(model, MODEL_ID, 1, ARTEFACT, QUALITY('responsibility')));
