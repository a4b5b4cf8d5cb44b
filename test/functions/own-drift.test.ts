import { beforeEach, describe, expect, it } from 'vitest';
import { PUBLISHED_REFERENCES } from '../../functions/_platform/model-objects.ts';
import { distributionsOf, type Answered } from '../../shared/model-registry/distributions.ts';
import { viewsOf } from '../../functions/_platform/restore/views.ts';
import type { BatchEvent } from '../../shared/batch/events.ts';
import { CONTENT } from '../support/batch-fixtures.ts';
import { answersOf, DAY_MS, INPUTS } from '../support/drift-play.ts';
import { ARTEFACT, MODEL_ID, PLAN, QUALITY } from '../support/model-fixtures.ts';
import { createNode } from '../support/node.ts';
import { publishAs } from '../support/publications.ts';
import { ACTOR, answered, beginUse, events, hospital, judge, judged, MADE, put, RECORD, reference, runs, tabled, take, types, used, work } from '../support/own-drift.ts';

beforeEach(beginUse);

describe('a hospital that judges its own drift', () => {
  it('has the signed rule and the reference on its own record, once, and refuses another for the same version', async () => {
    await take();
    expect(await types()).toEqual(['model-record-taken', 'model-reference-taken']);
    put('references', { references: [reference({ minimumCases: 1 })] });
    expect(await take()).toMatchObject({ refused: [MODEL_ID] });
    publishAs(hospital.network.objects, 'references', '{');
    expect(await take()).toMatchObject({ refused: [PUBLISHED_REFERENCES] });
    expect((await events())[1]).toMatchObject({ monitoring: PLAN.monitoring });
  });
  it('says nothing of fewer batches than the plan wants, and that this is why', async () => {
    await answered(29, 5);
    await judge();
    expect(await judged()).toMatchObject([{ decision: 'no-statement', cases: 29, detail: 'too few cases to judge by', notJudged: expect.arrayContaining(['ph-minimum: 90 and 29 cases, want 30']) as unknown }]);
    expect([await used(), await work()]).toEqual([['active'], []]);
  });
  it('says nothing where no reference is on its record', async () => {
    put('references', { references: [] });
    hospital.node = createNode();
    await take();
    await judge();
    expect(await judged()).toMatchObject([{ decision: 'no-statement', detail: expect.stringContaining('no reference') as string }]);
  });
  it('puts on record that all is as at the test, once a week', async () => {
    await answered(60);
    await judge();
    await judge();
    expect(await judged()).toMatchObject([{ decision: 'none', cases: 60 }]);
    hospital.node.time.epochMs += 7 * DAY_MS;
    await judge();
    expect([(await judged()).length, await work()]).toEqual([2, []]);
  });
  it('opens a deviation as severe as its table says, asks people, and stops the model where the plan\'s rule suspends', async () => {
    await tabled('minor');
    await answered(60, 5);
    await judge();
    expect((await events()).slice(2)).toMatchObject([{ type: 'model-drift-judged-here', decision: 'suspend' }, { type: 'model-deviation-raised-here', severity: 'minor', rule: 'input-drift', askedOf: ['process-scientist', 'quality-reviewer'] }, { type: 'model-use-stopped-here', by: 'rule' }]);
    expect(await used()).toEqual(['suspended']);
    expect(await work()).toMatchObject([{ subject: `model-drift/${MODEL_ID}/1/${await runs()}`, detail: expect.stringContaining('ph-minimum') as string }]);
    const stream = { kind: 'model-record', id: MODEL_ID } as const;
    expect(viewsOf(stream, await hospital.node.store.load(stream), hospital.node.now()).map(({ key }) => key.pk)).toContain('WORK#quality-reviewer');
  });
  it('asks people whether to stop it where the plan leaves that to people', async () => {
    hospital.node = createNode();
    put('references', { references: [reference({ suspension: 'by-people' })] });
    await take();
    await answered(60, 5);
    await judge();
    expect([await used(), (await work()).map(({ detail }) => detail)]).toEqual([['active'], [expect.stringContaining('asks whether to stop')]]);
  });
  it('stops it at once where the table calls such drift critical, whoever the plan leaves it to', async () => {
    hospital.node = createNode();
    put('references', { references: [reference({ suspension: 'by-people' })] });
    await take();
    await tabled('critical');
    await answered(60, 5);
    await judge();
    expect([await used(), (await work()).map(({ detail }) => detail.includes('asks whether to stop'))]).toEqual([['suspended'], [false]]);
  });
});

describe('a hospital that judges what process monitoring says of its batches', () => {
  const OUTPUT = 'process-monitoring-alarm' as const;
  const decided = (disposition: 'release' | 'reject'): BatchEvent => ({ type: 'disposition-recorded', disposition, reason: 'r', staged: false, signature: QUALITY('approval').signature });
  /** Whole cultures, with alarms on the record of those that had one; what came true is that quality rejected them. */
  const monitored = async (count: number, { shift = 0, missed = 0 } = {}): Promise<void> => {
    for (const [i, { inputBins, score }] of answersOf('here', count, shift).entries()) {
      const batchId = `north-20260302-${String(hospital.batches += 1).padStart(6, '0')}`;
      const recipe = { masterBatchRecordId: 'test', masterBatchRecordVersion: 1, contentHash: 'c', content: CONTENT };
      const says = score >= 0.5;
      const alarm: BatchEvent = { ...MADE, output: OUTPUT, probability: 0.999, monitoring: { fromHour: 4, hour: 8, t2: 9, t2Limit: 5, q: 1, qLimit: 2 } };
      const concluded: BatchEvent = { type: 'monitoring-concluded', modelId: MODEL_ID, modelVersion: 1, modelHash: ARTEFACT, score, verdict: says ? 'positive' : 'negative', inputBins, judgedHours: 60 };
      await hospital.node.records.batches.change(batchId, () => [{ type: 'batch-created', batchId, nodeId: 'north', productId: 'test-product', chainOfIdentityId: 'C', recipe }, ...(says ? [alarm] : []), concluded, decided(says !== i < missed ? 'reject' : 'release')], { actor: ACTOR });
    }
  };
  beforeEach(async () => {
    hospital.node = createNode();
    put('records', { records: [{ ...RECORD, output: OUTPUT }] });
    await take();
  });
  it('counts each batch once, also those without an alarm, and finds all as at the test', async () => {
    await monitored(60);
    await judge();
    expect(await judged()).toMatchObject([{ decision: 'none', cases: 60 }]);
  });
  /** One culture in three of which too little was known to judge it: one input silent, and no score. */
  const silentIn = (answers: ReturnType<typeof answersOf>): readonly Answered[] => answers.map(({ inputBins, score }, i) => (i % 3 === 0 ? { inputBins: `${inputBins[0] ?? ''}-`, score: undefined } : { inputBins, score }));
  const concludedOn = async (said: readonly Answered[]): Promise<void> => {
    for (const { inputBins, score } of said) {
      const batchId = `north-20260302-${String(hospital.batches += 1).padStart(6, '0')}`;
      const recipe = { masterBatchRecordId: 'test', masterBatchRecordVersion: 1, contentHash: 'c', content: CONTENT };
      const concluded: BatchEvent = { type: 'monitoring-concluded', modelId: MODEL_ID, modelVersion: 1, modelHash: ARTEFACT, ...(score === undefined ? { verdict: 'undecided', judgedHours: 0 } : { score, verdict: score >= 0.5 ? 'positive' : 'negative', judgedHours: 60 }), inputBins };
      await hospital.node.records.batches.change(batchId, () => [{ type: 'batch-created', batchId, nodeId: 'north', productId: 'test-product', chainOfIdentityId: 'C', recipe }, concluded, decided(score !== undefined && score >= 0.5 ? 'reject' : 'release')], { actor: ACTOR });
    }
  };
  const testedOn = async (tested: readonly Answered[]): Promise<void> => {
    hospital.node = createNode();
    put('records', { records: [{ ...RECORD, output: OUTPUT }] });
    put('references', { references: [{ ...reference(), distributions: distributionsOf(INPUTS, tested) }] });
    await take();
  };
  it('sees no shift where cultures it could not judge are as many as in the test, nor where they are the same batches', async () => {
    await testedOn(silentIn(answersOf('test', 90)));
    await concludedOn(silentIn(answersOf('here', 60)));
    await judge();
    expect(await judged()).toMatchObject([{ decision: 'none', cases: 60, notJudged: [] }]);
    await testedOn(silentIn(answersOf('test', 90)));
    await concludedOn(silentIn(answersOf('test', 90)));
    await judge();
    expect(await judged()).toMatchObject([{ decision: 'none', cases: 90, notJudged: [] }]);
  });
  it('sees one where far fewer could be judged than in the test, and where it could judge more', async () => {
    await testedOn(answersOf('test', 90));
    await concludedOn(silentIn(answersOf('here', 60)));
    await judge();
    expect(await judged()).toMatchObject([{ decision: 'suspend', cases: 60, detail: expect.stringMatching(/lactate-maximum: stability index/) as string }]);
    await testedOn(silentIn(answersOf('test', 90)));
    await concludedOn(answersOf('here', 60));
    await judge();
    expect(await judged()).toMatchObject([{ decision: 'suspend' }]);
  });
  it('stops the model where its inputs have moved as far as the plan\'s rule suspends', async () => {
    await monitored(60, { shift: 5 });
    await judge();
    expect((await events()).slice(2)).toMatchObject([{ decision: 'suspend', cases: 60 }, { type: 'model-deviation-raised-here', rule: 'input-drift' }, { type: 'model-use-stopped-here', by: 'rule' }]);
    expect(await used()).toEqual(['suspended']);
  });
  it('opens a deviation when it no longer sees the batches that quality rejects', async () => {
    await monitored(60, { missed: 30 });
    await judge();
    expect((await events()).slice(2)).toMatchObject([{ decision: 'alarm', detail: expect.stringMatching(/^sensitivity: got 0.500/) as string }, { type: 'model-deviation-raised-here', rule: 'performance' }]);
  });
});
