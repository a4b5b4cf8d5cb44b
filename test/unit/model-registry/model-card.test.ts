import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { modelCard } from '../../../shared/model-registry/model-card.ts';
import { active, counts, PLAN, planned, REPORT, tested } from '../../support/model-fixtures.ts';

const { model, data } = active();
const card = modelCard(model!, model!.versions[0]!, data);

describe('a model card', () => {
  it('says each of the seven steps, with what the record holds', () => {
    expect(Array.from(card.matchAll(/^#+ .*$/gm), ([line]) => line)).toEqual([
      '# Early failure of an expansion', '## Question of interest (step 1)', '## Context of use (step 2)', '## Risk (step 3)', '## Inputs and subgroups', '## Plan (step 4)', '## Model (step 5)', '## Test data', '## Results (step 6)',
      '## Deviations', '## Adequacy (step 7)', '## Monitoring and planned change', '## Drift', '## At the hospitals', '## Life',
    ]);
    for (const text of [PLAN.question, PLAN.contextOfUse.decision, 'Model risk **medium**', model!.versions[0]!.planHash, REPORT.artefactSha256, data!.manifestSha256, '| qa-1 | cd19-early-failure version 1 | test |', 'Adequate for the stated use.', '2 (withdrawn before 72 hours)', 'Retrain with more batches.']) expect(card).toContain(text);
  });
  it('gives every group its cases and exact intervals', () => {
    // scipy 1.17, stats.binomtest(36, 39).proportion_ci(method='exact')
    expect(card).toContain('| all | 90 | 92.3 % (79.1 % to 98.4 %) |');
    for (const group of ['site-north | 50', 'site-hill | 40', 'low-viability | 23']) expect(card).toContain(`| ${group} |`);
  });
  it('names the hospitals that withheld a group, and why; one that nobody withheld is told of none', () => {
    expect(card).not.toContain('ithheld');
    const some = tested({ ...REPORT, sites: [REPORT.sites[0]!, { ...REPORT.sites[1]!, withheld: ['low-viability'] }] });
    const text = modelCard(some.model!, some.model!.versions[0]!, some.data);
    expect(text).toContain('| low-viability | 23 |');
    expect(text).toContain('| group | withheld by |\n|---|---|\n| low-viability | hill |');
    expect(text).toContain('fewer cases than a hospital counts over (5, or more by its own file)');
  });
  it('says what is missed and not assessed, and what is not there yet', () => {
    const bad = tested({ ...REPORT, sites: [REPORT.sites[0]!, { nodeId: 'hill', counts: counts(4, 1, 20, 13, 1, 1) }] });
    // scipy 1.17, stats.binomtest(24, 39).proportion_ci(method='exact')
    const text = modelCard(bad.model!, bad.model!.versions[0]!, bad.data);
    expect(text).toContain('| finds-failures | all | 0.4462 | 0.6 | NO |');
    expect(text).toContain('**Not assessed.**');
    expect(text).toContain('Not accepted.');
    const early = planned();
    expect(modelCard(early.model!, early.model!.versions[0]!)).toContain('Not tested.');
  });
  it('says how the version fares at each hospital, as that told', () => {
    expect(card).toContain('No hospital told anything of its use.');
    const told = { ...model!, hospitals: [{ nodeId: 'north', recordVersion: 5, at: '2026-03-05T00:00:00Z', versions: [{ version: 1, stoppedBy: 'rule', judged: 'suspend', deviations: [{ runId: 'own-v1', rule: 'input-drift', severity: 'major', finding: 'not-acceptable' }], assessments: [{ runId: 'DRIFT-1', acceptable: true }] }] }] } as const;
    expect(modelCard(told, told.versions[0]!, data)).toContain('| north | 2026-03-05T00:00:00Z | STOPPED by rule | suspend | own-v1 (input-drift, major): not-acceptable; DRIFT-1: acceptable |');
  });
  it('lets nobody\'s text become a heading, a cell, a link or HTML', () => {
    fc.assert(fc.property(fc.stringMatching(/^[a-z|#<>[\]()\n*`_ ]{1,40}$/), (question) => {
      const version = { ...model!.versions[0]!, plan: { ...PLAN, question, inputs: [{ ...PLAN.inputs[0]!, title: question }] } };
      const text = modelCard(model!, version, data);
      expect(text.match(/^#+ /gm)).toHaveLength(15);
      const row = text.split('\n').find((line) => line.startsWith('| ph-minimum'))!;
      expect(row.replaceAll(/\\./g, '').split('|')).toHaveLength(8);
      expect(text.replaceAll(/\\./g, '')).not.toMatch(/[<>]/);
    }));
  });
});
