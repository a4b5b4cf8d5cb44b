import type { Estimate } from '../statistics/exact-interval.ts';
import type { Training } from './events.ts';
import { METRICS, modelRisk, type Criterion, type ModelPlan } from './model-plan.ts';
import { fixedPlanTime, type Model, type ModelVersion } from './model.ts';
import { suspensionsOf } from './suspension.ts';
import type { TestData } from './test-data.ts';
import { caseCount, metricOf, strataOf, verdictsOf, type TestReport } from './test-report.ts';
import type { VersionAtHospital } from './use-at-hospital.ts';

type Row = readonly (string | number)[];

/** Somebody's text in a line or a cell: nothing of it is read as Markdown or HTML. */
const plain = (text: string): string => text.replaceAll(/\s+/g, ' ').replaceAll(/[\\`*_[\]<>|#~&]/g, (character) => `\\${character}`);
const cell = (value: string | number): string => plain(String(value));
const table = (head: Row, rows: readonly Row[]): readonly string[] => ['', `| ${head.join(' | ')} |`, `|${head.map(() => '---').join('|')}|`, ...rows.map((row) => `| ${row.map(cell).join(' | ')} |`), ''];

const percent = (share: number): string => (Number.isNaN(share) ? 'none' : `${(share * 100).toFixed(1)} %`);
const withInterval = ({ value, low, high }: Estimate): string => (Number.isNaN(value) || Number.isNaN(low) ? percent(value) : `${percent(value)} (${percent(low)} to ${percent(high)})`);
const criterion = ({ id, metric, stratum, measure, minimum }: Criterion): Row => [id, metric, stratum, measure === 'estimate' ? 'estimate' : 'lower end of the 95 % interval', percent(minimum)];

const purpose = ({ question, contextOfUse, productId, output, risk }: ModelPlan): readonly string[] => [
  '## Question of interest (step 1)', '', plain(question), '',
  '## Context of use (step 2)', '', plain(contextOfUse.description), '', `- Product: ${productId}; output: ${output}`, `- Decision it informs, taken by a person: ${plain(contextOfUse.decision)}`,
  `- Users: ${contextOfUse.users.join(', ')}`, `- Other evidence: ${contextOfUse.otherEvidence.map(plain).join('; ')}`, '',
  '## Risk (step 3)', '', `Model risk **${modelRisk(risk)}**: influence ${risk.influence}, consequence ${risk.consequence} (${plain(risk.riskId)}). ${plain(risk.rationale)}`, '',
];

const inputSpace = ({ inputs, subgroups, design, threshold, undecided }: ModelPlan): readonly string[] => [
  '## Inputs and subgroups', ...table(['input', 'meaning', 'unit', 'from', 'to', 'may be missing'], inputs.map(({ name, title, unit, low, high, mayBeMissing }) => [name, title, unit, low, high, mayBeMissing ? 'yes' : 'no'])),
  ...table(['subgroup', 'meaning', 'rule'], subgroups.map(({ id, title, rule }) => [id, title, rule])),
  `Algorithm ${plain(design.algorithm)}; static and deterministic; explained by ${design.explanation}. Says yes from a score of ${threshold ?? 'none that was signed'}. Undecided at an error rate of ${percent(undecided.errorRate)}: ${plain(undecided.handling)}`, '',
];

const plan = (model: Model, version: ModelVersion): readonly string[] => {
  const { test } = version.plan;
  return [
    '## Plan (step 4)', '', `Signed ${fixedPlanTime(model, version) ?? 'never'}${version.planSignature === undefined ? '' : ` by ${plain(version.planSignature.printedName)}`}; SHA-256 \`${version.planHash}\`.`, '', plain(test.protocol), '',
    `Test data: ${plain(test.dataRequirement)} At least ${test.minimumCasesPerStratum} cases in each group, ${percent(test.minimumLabelVerifiedFraction)} of labels verified.`,
    ...table(['criterion', 'metric', 'of', 'measure', 'minimum'], test.criteria.map(criterion)),
    `Without the model: ${plain(test.baseline.description)} ${test.baseline.values.map(({ metric, value }) => `${metric} ${percent(value)}`).join(', ')}.`, '',
  ];
};

const calibrated = ({ calibration, calibrationManifestSha256 }: Training): readonly string[] => {
  if (calibration === undefined) return ['- Not calibrated: no answer is undecided by its score'];
  const cases = [...calibration.positives, ...calibration.negatives].reduce((sum, count) => sum + count, 0);
  return [`- Calibrated on ${cases} other records${calibrationManifestSha256 === undefined ? ', of which no manifest was asked for then' : `; manifest \`${calibrationManifestSha256}\``}`];
};

const trained = (training: Training): readonly string[] => {
  const { artefactSha256, documentationSha256, trainingManifestSha256, rows, nodeIds, codeVersion, seed } = training;
  return [
    '## Model (step 5)', '', `- Artefact SHA-256 \`${artefactSha256}\`, documentation \`${documentationSha256}\``, `- Trained on ${rows} records of ${nodeIds.map(plain).join(', ')}; manifest \`${trainingManifestSha256}\``, ...calibrated(training), `- Code version ${plain(codeVersion)}, seed ${seed}`, '',
  ];
};

/** Every set that was opened for the version, in order of its first opening: one that was opened and not used is no secret. */
const openedSets = ({ modelId }: Model, { version }: ModelVersion, opened: readonly TestData[], used?: TestData): readonly string[] => {
  const rows = opened.map(({ testDataId, manifestSha256, sites, accesses }) => {
    const first = accesses.filter((each) => each.modelId === modelId && each.version === version).map(({ at }) => at).toSorted()[0] ?? '';
    return { first, row: [testDataId, manifestSha256, sites.map(({ nodeId, records }) => `${nodeId} ${records}`).join(', '), first, testDataId === used?.testDataId ? 'yes' : 'no'] };
  }).toSorted((a, b) => (a.first < b.first ? -1 : 1));
  return rows.length === 0 ? [] : [...(used === undefined ? ['## Test data', ''] : []), `Every set that was opened for version ${version}:`, ...table(['set', 'manifest', 'records', 'first opened', 'tested on'], rows.map(({ row }) => row))];
};

const data = ({ testDataId, title, manifestSha256, sites, representativeness, labelVerifiedFraction, preprocessing, exclusions, generatedDataJustification, accesses }: TestData): readonly string[] => [
  '## Test data', '', `${plain(title)} (${plain(testDataId)}), manifest \`${manifestSha256}\`. ${plain(representativeness)}`, '',
  `- Labels verified: ${percent(labelVerifiedFraction)}`, `- Preparation: ${plain(preprocessing)}`, `- Excluded: ${exclusions.length === 0 ? 'nothing' : exclusions.map(({ reason, records }) => `${records} (${plain(reason)})`).join('; ')}`,
  `- Generated data: ${generatedDataJustification === undefined ? 'none' : plain(generatedDataJustification)}`,
  ...table(['hospital', 'records', 'positive'], sites.map(({ nodeId, records, positives }) => [nodeId, records, positives])),
  ...table(['opened', 'by', 'for', 'why'], accesses.map(({ at, by, modelId, version, purpose: why }) => [at, by, `${modelId} version ${version}`, why])),
];

/** Who did not count which group, and why: a row above may rest on fewer hospitals than the test. */
const withheldIn = ({ sites }: TestReport): readonly string[] => {
  const rows = sites.flatMap(({ nodeId, withheld = [] }) => withheld.map((id): Row => [id, nodeId]));
  return rows.length === 0 ? [] : [
    '', 'Withheld: where fewer cases than a hospital counts over (5, or more by its own file) belong to a group there, or all but fewer, it does not count the group, which would show single cases. They are among those of the hospital and of all, not in the row of the group.',
    ...table(['group', 'withheld by'], rows),
  ];
};

const results = (of: ModelPlan, report: TestReport): readonly string[] => [
  '## Results (step 6)', '', 'With exact 95 % intervals (Clopper and Pearson); F1 has none. All but "decided" are of decided cases.',
  ...table(['group', 'cases', ...METRICS], strataOf(report).map(({ stratum, counts }) => [stratum, caseCount(counts), ...METRICS.map((metric) => withInterval(metricOf(counts, metric)))])),
  ...withheldIn(report),
  ...table(['group', 'true positive', 'false positive', 'true negative', 'false negative', 'undecided, positive', 'undecided, negative'],
    strataOf(report).map(({ stratum, counts: c }) => [stratum, c.truePositive, c.falsePositive, c.trueNegative, c.falseNegative, c.undecidedPositive, c.undecidedNegative])),
  ...table(['criterion', 'group', 'got', 'wanted', 'met'], verdictsOf(of, report).map(({ criterionId, stratum, got, wanted, passed }) => [criterionId, stratum, Number.isNaN(got) ? 'no case' : Number(got.toFixed(4)), wanted, passed ? 'yes' : 'NO'])),
];

const drift = (judgements: NonNullable<ModelVersion['driftJudgements']>): readonly string[] => (judgements.length === 0 ? ['', 'Not judged over the hospitals yet.', '']
  : table(['from', 'to', 'hospitals', 'cases', 'finding', 'why'], judgements.map(({ from, to, siteIds, referenceSiteIds, cases, decision, detail }) => [from, to, siteIds.length, cases, decision === 'no-statement' ? 'no statement possible' : decision, `${detail}${referenceSiteIds === undefined ? '' : ` Held against the test of ${referenceSiteIds.join(', ')}.`}`])));

const foundThere = ({ deviations, assessments }: VersionAtHospital): string => [...deviations.map(({ runId, rule, severity, finding }) => `${runId} (${rule}, ${severity}): ${finding}`), ...assessments.map(({ runId, acceptable }) => `${runId}: ${acceptable ? 'acceptable' : 'not acceptable'}`)].join('; ');
/** What hospitals found themselves; their words are on their own records. */
const atHospitals = ({ hospitals = [] }: Model, version: number): readonly string[] => {
  const rows = hospitals.flatMap(({ nodeId, at, versions }) => versions.filter((each) => each.version === version).map((each): Row => [nodeId, at, each.stoppedBy === undefined ? 'in use' : `STOPPED by ${each.stoppedBy}`, each.judged === 'no-statement' ? 'no statement possible' : each.judged ?? '', foundThere(each)]));
  return rows.length === 0 ? ['', 'No hospital told anything of its use.', ''] : table(['hospital', 'as of', 'use', 'own drift', 'deviations and assessments there'], rows);
};

const whoOf = ({ signature, rule }: ModelVersion['moves'][number]): string => signature?.printedName ?? (rule === undefined ? '' : `rule ${rule}`);

/** Each stop that the version waits for, with what was found of it: whoever brings it back signs over all of them. */
const suspensions = ({ deviations }: Model, version: ModelVersion): readonly string[] => {
  const found = (deviationId?: string): string => {
    const deviation = deviations.find((each) => each.deviationId === deviationId);
    if (deviation === undefined) return '';
    return deviation.assessment === undefined ? 'not assessed' : `${deviation.assessment.acceptable ? 'acceptable' : 'NOT acceptable'} (${deviation.assessment.signature.printedName})`;
  };
  const rows = suspensionsOf(version).map((each): Row => [each.at, whoOf(each), each.reason ?? '', each.deviationId ?? '', found(each.deviationId)]);
  return rows.length === 0 ? [] : ['## Suspended for', ...table(['when', 'by', 'why', 'deviation', 'finding'], rows)];
};

const judgement = (model: Model, found: ModelVersion): readonly string[] => {
  const { version, adequacy, moves, driftJudgements = [], plan: { monitoring, prePlannedChange } } = found;
  const own = model.deviations.filter((each) => each.version === version);
  const who = monitoring.suspension === 'by-people' ? 'people are asked to suspend' : 'suspended';
  return [
    '## Deviations', '', ...(own.length === 0 ? ['None.'] : own.map(({ deviationId, rule, detail, assessment, asks }) =>
      `- ${plain(deviationId)} (${plain(rule)}): ${plain(detail)}. ${assessment === undefined ? `**Not assessed${asks === undefined ? '' : ', and asks for suspension'}.**` : `${assessment.acceptable ? 'Acceptable' : '**Not acceptable**'}: ${plain(assessment.impact)}; cause: ${plain(assessment.rootCause)} (${plain(assessment.signature.printedName)})`}`)), '',
    '## Adequacy (step 7)', '', adequacy === undefined ? 'Not accepted.' : plain(adequacy), '',
    '## Monitoring and planned change', '', `Stability index from ${monitoring.stabilityAlarm}: deviation; from ${monitoring.stabilitySuspension}: ${who}. Significance ${monitoring.significance}, at least ${monitoring.minimumCases} cases. ${monitoring.performance.map(({ metric, minimum }) => `${metric} at least ${percent(minimum)}`).join(', ')}.`, '',
    prePlannedChange === undefined ? 'No change is planned.' : `Planned: ${plain(prePlannedChange.description)} Protocol: ${plain(prePlannedChange.protocol)} Impact: ${plain(prePlannedChange.impactAssessment)}`, '',
    '## Drift', ...drift(driftJudgements),
    '## At the hospitals', ...atHospitals(model, version),
    ...suspensions(model, found),
    '## Life', ...table(['state', 'when', 'by', 'why'], moves.map((move) => [move.to, move.at, whoOf(move), move.reason ?? ''])),
  ];
};

/**
 * The model file of one version, to read: the same facts as the record, nothing beside them. What is not there yet is left out or said to be missing.
 *
 * @param testData the data set the version was tested on, if any
 * @param opened every data set that was opened for it, used or not
 * @returns Markdown; equal inputs give equal text
 */
export const modelCard = (model: Model, version: ModelVersion, testData?: TestData, opened: readonly TestData[] = []): string => [
  `# ${plain(version.plan.title)}`, '', `${plain(model.modelId)} version ${version.version}, **${version.state}**. ${version.basis.kind === 'new-question' ? 'Asked anew.' : `Retrained under the change planned with version ${version.basis.ofVersion}: ${plain(version.basis.rationale)}`}`, '',
  ...purpose(version.plan), ...inputSpace(version.plan), ...plan(model, version), ...(version.training === undefined ? [] : trained(version.training)), ...(testData === undefined ? [] : data(testData)), ...openedSets(model, version, opened, testData),
  ...(version.report === undefined ? ['## Results (step 6)', '', 'Not tested.', ''] : results(version.plan, version.report)), ...judgement(model, version),
].join('\n').replaceAll(/\n{3,}/g, '\n\n');
