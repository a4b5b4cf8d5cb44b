import { describe, expect, it } from 'vitest';
import { modelObject, PUBLISHED_RECORDS } from '../../functions/_platform/model-objects.ts';
import { networkKeyOf, type ModelUseMessage } from '../../functions/_platform/network-status.ts';
import { readDriftFile } from '../../models/drift/file.ts';
import { distributionsOf } from '../../shared/model-registry/distributions.ts';
import { modelCard } from '../../shared/model-registry/model-card.ts';
import { sha256Hex } from '../../shared/record/chain.ts';
import { answersOf, INPUTS, rowsWith, watched } from '../support/drift-play.ts';
import { MODEL_ID } from '../support/model-fixtures.ts';
import { declineAndTell, plan } from '../support/training-play.ts';

const three = (shift = 0, count = 30) => ({ harbour: rowsWith('harbour', count, shift), hill: rowsWith('hill', count, shift), north: rowsWith('north', count, shift) });
const typesAfter = (events: readonly Readonly<{ type: string }>[]): readonly string[] => events.map(({ type }) => type).slice(events.findIndex(({ type }) => type === 'model-activated') + 1);

describe('drift, by the clock', () => {
  it('is counted under masks over three hospitals, judged against the test, and on the model\'s record once', async () => {
    const network = await watched(three());
    const version = await network.lookThrough();
    expect(version.driftJudgements).toMatchObject([{ decision: 'none', cases: 90, siteIds: ['harbour', 'hill', 'north'] }]);
    for (let hour = 0; hour < 3; hour += 1) await network.look();
    expect(typesAfter(await network.events())).toEqual(['model-drift-judged']);
    expect(network.workflows).toHaveLength(1);
  });
  it('keeps the sum as evidence by its hash, where no hospital reads it', async () => {
    const network = await watched(three());
    const [judgement] = (await network.lookThrough()).driftJudgements!;
    const bytes = Buffer.from(network.bucket.objects.get(modelObject.monitoring(judgement!.evidenceSha256!))!).toString('utf8');
    expect(sha256Hex(bytes)).toBe(judgement!.evidenceSha256);
    expect(readDriftFile(bytes).distributions).toEqual(distributionsOf(INPUTS, ['harbour', 'hill', 'north'].flatMap((hospital) => answersOf(hospital, 30))));
    expect([...network.bucket.objects.keys()].filter((key) => key.startsWith('models/'))).toEqual([]);
  });
  it('suspends at once where the plan lets the rule do so, opens a deviation, tells the hospitals, and says it to who is on duty', async () => {
    const network = await watched(three(5));
    const version = await network.lookThrough();
    expect(version).toMatchObject({ state: 'suspended', driftJudgements: [{ decision: 'suspend' }] });
    expect(typesAfter(await network.events())).toEqual(['model-drift-judged', 'model-suspended', 'model-deviation-raised']);
    expect(JSON.parse(Buffer.from(network.bucket.objects.get(PUBLISHED_RECORDS)!).toString('utf8'))).toMatchObject({ records: [{ state: 'suspended' }] });
    expect(network.counted).toEqual(['ModelsDrifted']);
    network.nextPeriod();
    await network.look();
    expect(network.workflows).toHaveLength(1);
  });
  it('asks people for suspension where the plan leaves it to them, once, and the model goes on', async () => {
    const network = await watched(three(5), { monitoring: { suspension: 'by-people' } });
    expect(await network.lookThrough()).toMatchObject({ state: 'active', driftJudgements: [{ decision: 'suspend' }] });
    expect((await network.state()).deviations).toMatchObject([{ rule: 'input-drift', asks: 'suspension' }]);
    network.nextPeriod();
    expect((await network.lookThrough()).driftJudgements).toHaveLength(2);
    expect((await network.state()).deviations).toHaveLength(1);
  });
  it('goes on without a hospital that declines, while three are left, and names who took part', async () => {
    const network = await watched({ ...three(), south: rowsWith('south', 30) });
    await network.look();
    const [runId] = network.workflows;
    await network.advance(runId);
    await network.node('south').participate();
    await declineAndTell(network, 'south', runId);
    const version = await network.lookThrough();
    expect(version.driftJudgements).toMatchObject([{ decision: 'none', cases: 90, siteIds: ['harbour', 'hill', 'north'] }]);
  });
});

describe('a run whose execution is gone', () => {
  const MINUTE_MS = 60_000;
  it('is hardly one that waited long for hospitals: it is looked at the more seldom the longer a step takes, and at the step\'s end', async () => {
    const network = await watched(three());
    await network.look();
    const pauses: number[] = [];
    for (const minutes of [0, 20, 700, 715]) {
      network.time.epochMs += minutes * MINUTE_MS;
      pauses.push((await network.advance(network.workflows[0])).waitSeconds);
    }
    expect(pauses).toEqual([15, 300, 900, 361]);
  });
  it('is started again by the clock once it is overdue, each hour until it moves on, and ends', async () => {
    const network = await watched(three());
    await network.look();
    const [runId] = network.workflows;
    network.time.epochMs = (await network.trainings.load(runId!)).state!.joinUntilEpochMs + 29 * MINUTE_MS;
    await network.look();
    expect(network.workflows).toEqual([runId]);
    for (const started of [2, 3]) {
      network.time.epochMs += 60 * MINUTE_MS;
      await network.look();
      await network.look();
      expect(network.workflows).toEqual(new Array(started).fill(runId));
    }
    await network.advance(runId);
    await network.look();
    expect([network.workflows.length, (await network.version()).driftJudgements]).toMatchObject([3, [{ decision: 'no-statement' }]]);
  });
  it('that can not be started keeps no other from it, nor what drift there is from being judged, and fails the look', async () => {
    const network = await watched(three(), { refuses: 'TRN-1' });
    await network.look();
    for (const runId of ['TRN-1', 'TRN-2']) await network.start(plan, { runId, joinUntilEpochMs: network.time.epochMs + 2 * MINUTE_MS });
    await network.run(undefined, network.workflows[0]);
    await expect(network.look()).rejects.toThrow('no such workflow');
    expect([network.workflows.slice(1), (await network.version()).driftJudgements]).toMatchObject([['TRN-2'], [{ decision: 'none' }]]);
  });
  it('is so whoever started it', async () => {
    const network = await watched(three());
    await network.look();
    await network.start(plan, { joinUntilEpochMs: network.time.epochMs + 2 * MINUTE_MS });
    network.time.epochMs += 40 * MINUTE_MS;
    await network.look();
    expect(network.workflows.slice(1)).toEqual(['TRN-1']);
  });
});

describe('a count over other hospitals than the test', () => {
  const normal = ['harbour', 'hill', 'north'].map((name) => [name, answersOf(`test-${name}`, 90)] as const);
  const withSouth = { ...Object.fromEntries(normal), south: answersOf('test-south', 400, 4) };
  const counted = { harbour: rowsWith('harbour', 60), hill: rowsWith('hill', 60), north: rowsWith('north', 60) };
  it('is held against the test of those that were in both: one that left is not taken for drift of the others', async () => {
    const network = await watched(counted, { tested: withSouth });
    expect((await network.lookThrough()).driftJudgements).toMatchObject([{ decision: 'none', siteIds: ['harbour', 'hill', 'north'] }]);
    expect((await network.version()).driftJudgements![0]).not.toHaveProperty('referenceSiteIds');
  });
  it('is held against the whole test where the parts are not on record, and says so', async () => {
    const network = await watched(counted, { tested: withSouth });
    for (const key of [...network.bucket.objects.keys()].filter((each) => each.startsWith('statements/'))) network.bucket.objects.delete(key);
    const [judgement] = (await network.lookThrough()).driftJudgements!;
    expect(judgement).toMatchObject({ decision: 'suspend', referenceSiteIds: ['harbour', 'hill', 'north', 'south'] });
  });
  it('names both sets where a hospital came after the test, for it can not be taken out of the sum', async () => {
    const network = await watched({ ...counted, south: rowsWith('south', 60) }, { tested: Object.fromEntries(normal) });
    expect((await network.lookThrough()).driftJudgements).toMatchObject([{ siteIds: ['harbour', 'hill', 'north', 'south'], referenceSiteIds: ['harbour', 'hill', 'north'] }]);
  });
  it('makes no statement where none of them was in the test', async () => {
    const network = await watched(counted, { tested: { south: answersOf('test-south', 90) } });
    expect((await network.lookThrough()).driftJudgements).toMatchObject([{ decision: 'no-statement', detail: expect.stringContaining('no test row') as string }]);
  });
});

describe('no statement, which is not that all is well,', () => {
  it.each([
    ['with two hospitals', { hill: rowsWith('hill', 30), north: rowsWith('north', 30) }, /training-sites-too-few/], ['with three of which one has four batches', { ...three(), hill: rowsWith('hill', 4) }, /training-sites-too-few/],
    ['with fewer cases than the plan wants', three(5, 6), /too few cases/],
  ])('is on record %s', async (_, cohorts, why) => {
    const network = await watched(cohorts, { monitoring: { minimumCases: 80 } });
    const [judgement] = (await network.lookThrough()).driftJudgements!;
    expect(judgement).toMatchObject({ decision: 'no-statement', detail: expect.stringMatching(why) as unknown });
    expect((await network.state()).deviations).toEqual([]);
    expect(network.counted).toEqual([]);
  });
  it('is on record where the test has no distributions to compare with, and nobody is asked', async () => {
    const network = await watched(three(), { hasReference: false });
    expect((await network.lookThrough()).driftJudgements).toMatchObject([{ decision: 'no-statement', siteIds: [] }]);
    expect(network.workflows).toEqual([]);
  });
});

describe('what hospitals found themselves', () => {
  const use = (own: Partial<ModelUseMessage> = {}): ModelUseMessage => ({ nodeId: 'hill', modelId: MODEL_ID, version: 4, at: '2026-03-05T00:00:00.000Z', versions: [{ version: 1, stoppedBy: 'rule', judged: 'suspend', deviations: [{ runId: 'own-v1', rule: 'input-drift', severity: 'major', finding: 'open' }], assessments: [] }], ...own });
  const tell = (network: Awaited<ReturnType<typeof watched>>, own: Partial<ModelUseMessage> = {}) => network.operations.put(networkKeyOf.modelUse(MODEL_ID, own.nodeId ?? 'hill'), use(own));
  const tellings = async (network: Awaited<ReturnType<typeof watched>>) => (await network.events()).filter(({ type }) => type === 'model-use-told');
  it('is on the model\'s record and file, once, and anew when it changed', async () => {
    const network = await watched(three());
    await tell(network);
    await tell(network, { nodeId: 'north', versions: [{ version: 1, judged: 'none', deviations: [], assessments: [] }] });
    await network.look();
    await network.look();
    expect(await tellings(network)).toMatchObject([{ nodeId: 'hill', recordVersion: 4, versions: [{ version: 1, stoppedBy: 'rule' }] }, { nodeId: 'north', versions: [{ judged: 'none' }] }]);
    await tell(network, { version: 5 });
    await network.look();
    expect(await tellings(network)).toHaveLength(2);
    await tell(network, { version: 6, versions: [{ version: 1, judged: 'suspend', deviations: [{ runId: 'own-v1', rule: 'input-drift', severity: 'major', finding: 'closed' }], assessments: [] }] });
    await network.look();
    expect((await network.state()).hospitals).toMatchObject([{ nodeId: 'hill', recordVersion: 6, versions: [{ deviations: [{ finding: 'closed' }] }] }, { nodeId: 'north' }]);
    expect(modelCard(await network.state(), await network.version())).toContain('| hill | 2026-03-05T00:00:00.000Z | in use | suspend | own-v1 (input-drift, major): closed |');
    await tell(network, { version: 3 });
    await network.look();
    expect(await tellings(network)).toHaveLength(3);
  });
  it('of versions that are not there leaves no trace', async () => {
    const network = await watched(three());
    await tell(network, { versions: [{ version: 9, judged: 'none', deviations: [], assessments: [] }] });
    await network.look();
    expect(await tellings(network)).toEqual([]);
  });
});

describe('two sums of drift', () => {
  it('never differ by a few batches of a hospital: the rows of the last time serve again until five are new', async () => {
    const network = await watched(three());
    await network.lookThrough();
    network.nextPeriod();
    Object.assign(network.rows, { hill: rowsWith('hill', 31), north: rowsWith('north', 35), harbour: rowsWith('harbour', 30) });
    expect((await network.lookThrough()).driftJudgements!.map(({ cases }) => cases)).toEqual([90, 90]);
    network.nextPeriod();
    Object.assign(network.rows, { north: rowsWith('north', 40) });
    expect((await network.lookThrough()).driftJudgements!.map(({ cases }) => cases)).toEqual([90, 90, 100]);
  });
});
