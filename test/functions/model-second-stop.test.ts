import { beforeEach, describe, expect, it } from 'vitest';
import type { Answered } from '../support/api.ts';
import { MODEL_ID } from '../support/model-fixtures.ts';
import { createRegistry, publishedBy, statesOf, upTo, type Registry } from '../support/model-registry.ts';
import { PEOPLE, type TestPerson } from '../support/people.ts';

const { scientist, reviewer, regulator } = PEOPLE;
const secondReviewer: TestPerson = { ...reviewer, id: 'qa-2', name: 'Rita Reviewer' };

let registry: Registry;
beforeEach(async () => {
  registry = createRegistry();
  await registry.site.grant();
});
const read = (route: string, path: Readonly<Record<string, string>> = {}): Promise<Answered> => registry.site.call(regulator, `GET ${route}`, { path });

describe('a second stop at the control site', () => {
  it('is on record with who, when, why and the signature, where the regulator reads it, and hospitals are told nothing new', async () => {
    await upTo(registry, 'active');
    await registry.suspend();
    const told = publishedBy(registry);
    expect((await registry.suspend(secondReviewer, 'responsibility', { reason: 'three failures nobody was told of' })).body).toMatchObject({ version: 10, events: ['model-suspended', 'model-deviation-raised'] });
    expect([await statesOf(registry), publishedBy(registry)]).toEqual([['suspended'], told]);
    const { body } = await read('/v1/models/{modelId}', { modelId: MODEL_ID });
    expect((body['history'] as readonly object[]).at(-2)).toMatchObject({ type: 'model-suspended', who: secondReviewer.name, meaning: 'responsibility', reason: 'three failures nobody was told of', deviationId: 'v1-suspended-9', signedAt: expect.any(String) as unknown });
    const moves = (body['versions'] as readonly Readonly<{ moves: readonly Readonly<{ to: string; at: string; reason?: string; signature?: Readonly<{ signerId: string }> }>[] }>[])[0]!.moves.filter(({ to }) => to === 'suspended');
    expect(moves.map(({ reason, signature }) => [signature?.signerId, reason])).toEqual([[scientist.id, 'it alarms too often'], [secondReviewer.id, 'three failures nobody was told of']]);
    const { file } = await read('/v1/models/{modelId}/versions/{version}/card', { modelId: MODEL_ID, version: '1' });
    expect(file?.toString('utf8')).toContain(`| ${moves[1]!.at} | ${secondReviewer.name} | three failures nobody was told of | v1-suspended-9 | not assessed |`);
  });
  it('is not lifted by a signature on the record of before, nor by one that leaves its reason open', async () => {
    await upTo(registry, 'active');
    await registry.suspend();
    expect((await registry.assess('v1-suspended-7', true, secondReviewer)).status).toBe(200);
    const prepared = { reason: 'explained', signature: registry.site.sign(reviewer, 'responsibility', await registry.version(MODEL_ID)) };
    const reinstate = (body: object) => registry.ask(reviewer, '/v1/models/{modelId}/versions/{version}/reinstatement', body, { modelId: MODEL_ID, version: '1' });
    await registry.suspend(scientist, 'responsibility', { reason: 'three failures nobody was told of' });
    expect([(await reinstate(prepared)).code, (await registry.reinstate()).code, await statesOf(registry)]).toEqual(['version-conflict', 'deviation-state-wrong', ['suspended']]);
    expect((await registry.assess('v1-suspended-10', true, secondReviewer)).status).toBe(200);
    expect([(await registry.reinstate(secondReviewer)).code, (await registry.reinstate()).status, await statesOf(registry)]).toEqual(['signature-same-person', 200, ['active']]);
  });
});
