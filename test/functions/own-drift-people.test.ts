import { beforeEach, describe, expect, it } from 'vitest';
import { DAY_MS } from '../support/drift-play.ts';
import { MODEL_ID } from '../support/model-fixtures.ts';
import { PEOPLE } from '../support/people.ts';
import { answered, assess, beginUse, close, hospital, judge, judged, path, put, RECORD, resume, rung, sign, stop, take, USE, used, version, work, runs, types } from '../support/own-drift.ts';

const { operator, scientist, reviewer, regulator } = PEOPLE;

beforeEach(beginUse);

describe('drift at a hospital', () => {
  beforeEach(async () => { await answered(60, 5); await judge(); });
  it('ring the alarm, once', async () => {
    await judge();
    expect(rung).toEqual(['OwnDriftFound 1']);
  });
  it('is assessed by one, closed and let back by another, and an inspector reads all of it', async () => {
    expect((await assess()).status).toBe(200);
    expect((await close()).status).toBe(200);
    expect([await used(), await work()]).toEqual([['suspended'], []]);
    expect((await resume()).status).toBe(200);
    expect(await used()).toEqual(['active']);
    expect(await hospital.node.ok(operator, `GET ${USE}`, { path: { modelId: MODEL_ID } })).toMatchObject({ deviations: [{ state: 'closed', assessments: [{ acceptable: true, rootCause: 'a new probe', signature: { signerId: scientist.id, meaning: 'review' } }], closed: { conclusion: 'probe calibrated' } }], versions: [{ state: 'active' }] });
    const { items } = await hospital.node.ok(reviewer, 'GET /v1/audit/models') as { items: { drift: unknown[] }[] };
    expect(items[0]?.drift).toMatchObject([
      { what: 'reference-taken' }, { what: 'own-suspend', cases: 60, by: 'judge-own-drift' }, { what: 'deviation-raised' }, { what: 'stopped-by-rule' }, { what: 'assessed', acceptable: true, by: scientist.id, signature: { signerId: scientist.id, meaning: 'review' } },
      { what: 'deviation-closed', signature: { signerId: reviewer.id, meaning: 'approval' } }, { what: 'resumed', signature: { meaning: 'responsibility' } },
    ]);
  });
  it('does not alarm again on the cases quality has closed it for, and does on new ones', async () => {
    await assess();
    hospital.node.time.epochMs += DAY_MS;
    await close();
    await resume();
    hospital.node.time.epochMs += 7 * DAY_MS;
    await judge();
    expect((await judged()).at(-1)).toMatchObject({ decision: 'no-statement', cases: 0, from: expect.any(String) as string });
    await answered(60, 5);
    hospital.node.time.epochMs += 7 * DAY_MS;
    await judge();
    expect((await judged()).at(-1)).toMatchObject({ decision: 'suspend', cases: 60 });
    expect(await used()).toEqual(['suspended']);
  });
  it.each<readonly [string, () => Promise<{ code: string | undefined }>, string]>([
    ['closed before it is assessed', () => close(), 'deviation-state-wrong'], ['closed when it is not acceptable', async () => { await assess(scientist, { acceptable: false }); return close(); }, 'deviation-state-wrong'],
    ['closed by who assessed it', async () => { await assess(reviewer); return close(); }, 'signature-same-person'], ['resumed before it is closed', async () => { await assess(); return resume(); }, 'deviation-state-wrong'],
    ['assessed by an operator', () => assess(operator), 'role-missing'], ['assessed by a regulator', () => assess(regulator), 'role-missing'], ['assessed unsigned', () => assess(scientist, { signature: undefined }), 'request-malformed'],
    ['assessed under another meaning', async () => assess(scientist, { signature: await sign(scientist, 'approval') }), 'signature-meaning-wrong'], ['assessed as it stood before', async () => assess(scientist, { signature: hospital.node.sign(scientist, 'review', await version() - 1) }), 'version-conflict'],
    ['assessed under a name it does not have', () => assess(scientist, {}, 'own-v1-1999-01-01'), 'deviation-not-found'], ['assessed twice closed', async () => { await assess(); await close(); return assess(); }, 'deviation-state-wrong'],
    ['read of a model nobody knows', () => hospital.node.call(operator, `GET ${USE}`, { path: { modelId: 'other' } }), 'model-not-found'],
  ])('is not %s', async (_, run, code) => {
    expect((await run()).code).toBe(code);
    expect(await used()).toEqual(['suspended']);
  });
});

describe('a model that is stopped for a hospital by a person', () => {
  it('says nothing from then on, by one person without a signature; to come back takes two', async () => {
    expect((await stop()).status).toBe(200);
    expect((await stop()).status).toBe(200);
    expect(await used()).toEqual(['suspended']);
    expect((await resume()).code).toBe('deviation-state-wrong');
    const runId = 'stopped-v1-1';
    await assess(scientist, {}, runId);
    await close(reviewer, runId);
    expect((await resume()).status).toBe(200);
    expect((await resume()).code).toBe('model-state-wrong');
    expect(await used()).toEqual(['active']);
  });
  it.each<readonly [string, () => Promise<{ code: string | undefined }>, string]>([
    ['by a regulator', () => stop(regulator), 'role-missing'], ['of a version nobody knows', () => hospital.node.call(operator, `POST ${USE}/versions/{version}/stop`, { path: path({ version: '7' }), body: { reason: 'why not' } }), 'model-not-found'],
    ['when it is retired', async () => { put('records', { records: [{ ...RECORD, state: 'retired' }] }); await take(); return stop(); }, 'model-state-wrong'],
  ])('is not %s', async (_, run, code) => { expect((await run()).code).toBe(code); });
});

describe('a stop of what is stopped', () => {
  const reasons = async () => (await hospital.node.ok(operator, `GET ${USE}`, { path: { modelId: MODEL_ID } }) as { versions: { stoppedHere: string; stops: { by: string; actorId: string; reason: string; at: string; runId: string }[] }[] }).versions[0]!;
  it('by a rule is on record with person, reason and time, on the work list, and waits for both deviations', async () => {
    await answered(60, 5);
    await judge();
    hospital.node.time.epochMs += DAY_MS;
    expect((await stop(operator, 'it spoke of the wrong patient')).status).toBe(200);
    const { stoppedHere, stops } = await reasons();
    expect(stops).toEqual([
      { runId: await runs(), by: 'rule', actorId: 'judge-own-drift', reason: stoppedHere, at: expect.any(String) as string },
      { runId: 'stopped-v1-2', by: 'person', actorId: operator.id, reason: 'it spoke of the wrong patient', at: hospital.node.now().toISOString() },
    ]);
    expect(await work()).toHaveLength(2);
    await assess();
    await close();
    expect((await resume()).code).toBe('deviation-state-wrong');
    await assess(scientist, {}, 'stopped-v1-2');
    await close(reviewer, 'stopped-v1-2');
    expect([(await resume()).status, await used(), await work()]).toEqual([200, ['active'], []]);
    expect((await reasons()).stops).toBeUndefined();
    const { items } = await hospital.node.ok(reviewer, 'GET /v1/audit/models') as { items: { drift: { what: string }[] }[] };
    expect(items[0]?.drift.filter(({ what }) => what.startsWith('stopped'))).toMatchObject([{ what: 'stopped-by-rule' }, { what: 'stopped-by-person', by: operator.id, detail: 'it spoke of the wrong patient' }]);
  });
  it('that is sent again under its key does nothing twice', async () => {
    const again = { key: 'stop-key-0001' };
    for (let i = 0; i < 2; i += 1) expect((await stop(operator, 'says nonsense', again)).status).toBe(200);
    await assess(scientist, {}, 'stopped-v1-1');
    await close(reviewer, 'stopped-v1-1');
    expect((await stop(operator, 'says nonsense', again)).status).toBe(200);
    expect((await types()).filter((type) => type === 'model-use-stopped-here')).toHaveLength(1);
  });
});

describe('drift the control site told', () => {
  it('is assessed here too, and leaves the hospital\'s work lists; it is closed there', async () => {
    put('drift', { notices: [{ modelId: MODEL_ID, version: 1, runId: 'DRIFT-1', from: '2026-01-01T00:00:00.000Z', to: '2026-02-01T00:00:00.000Z', cases: 90, decision: 'alarm', detail: 'ph', isOpen: true }] });
    await take();
    expect(await work()).toHaveLength(1);
    expect((await assess(reviewer, { acceptable: false }, 'DRIFT-1')).status).toBe(200);
    expect(await work()).toEqual([]);
    expect(await hospital.node.ok(operator, `GET ${USE}`, { path: { modelId: MODEL_ID } })).toMatchObject({ told: [{ runId: 'DRIFT-1', isSettled: false, assessments: [{ acceptable: false, signature: { signerId: reviewer.id } }] }], deviations: [] });
    expect((await close(reviewer, 'DRIFT-1')).code).toBe('deviation-not-found');
  });
});
