import { beforeEach, describe, expect, it } from 'vitest';
import { findHospital } from '../../scripts/erase/find-hospital.ts';
import { runErasure, type Signer, type Wish } from '../../scripts/erase/run-erasure.ts';
import { advance, createEquippedJourney, type Journey } from '../support/journey.ts';
import type { TestNode } from '../support/node.ts';
import { PEOPLE, type TestPerson } from '../support/people.ts';
import { ERASURE_ROUTE, FIELDS, personal } from '../support/personal-data.ts';

const { reviewer, qualified } = PEOPLE;

let node: TestNode;
let journey: Journey;
let signatures: string[];
beforeEach(async () => {
  ({ node, journey } = await createEquippedJourney());
  await personal(journey).record(FIELDS);
  await advance(journey, 'released');
  signatures = [];
});

/** The program's view of a person, over the interface in memory. */
const signerOf = (person: TestPerson): Signer => {
  const ask = (method: string, path: string, body?: unknown) => {
    const [, suffix = ''] = /\/erasure(.*)$/.exec(path) ?? [];
    return node.ok(person, `${method} ${ERASURE_ROUTE}${suffix}`, { path: { chainOfIdentityId: journey.chainOfIdentityId }, ...(body === undefined ? {} : { body }) });
  };
  return {
    login: { username: person.id, printedName: person.name }, get: (path) => ask('GET', path), post: (path, body) => ask('POST', path, body),
    sign: (path, meaning, version, body) => {
      signatures.push(`${person.id} ${meaning}`);
      return ask('POST', path, { ...body, signature: node.sign(person, meaning, version) });
    },
  };
};
const run = (wish: Partial<Wish> = {}): Promise<string> =>
  runErasure({ requester: () => Promise.resolve(signerOf(reviewer)), confirmer: () => Promise.resolve(signerOf(qualified)) }, { chainOfIdentityId: journey.chainOfIdentityId, reason: 'asked for by the patient', isDryRun: false, step: 'all', ...wish });

describe('npm run erase', () => {
  it('takes both signatures and says what was erased and where', async () => {
    const said = await run();
    expect(signatures).toEqual(['qa-1 responsibility', 'qp-1 approval']);
    for (const part of ['erasure complete', journey.batchId, 'erased: ', 'bodyWeightKilograms', reviewer.name, qualified.name, 'asked for by the patient']) expect(said).toContain(part);
    expect(node.personalData.items.size).toBe(0);
  });
  it('lists in a dry run, and nobody signs', async () => {
    const said = await run({ isDryRun: true });
    expect(said).toContain('held: bodyWeightKilograms');
    expect(said).not.toMatch(/H-4711|Novak|64\.5/);
    expect([signatures, node.personalData.items.size]).toEqual([[], 1]);
  });
  it('is done by two people at two places, who sign one reason', async () => {
    expect(await run({ step: 'request' })).toContain('erasure requested');
    expect(node.personalData.items.size).toBe(1);
    await expect(run({ step: 'confirm', reason: 'something else' })).rejects.toThrow(/--reason/);
    expect(await run({ step: 'confirm' })).toContain('erasure complete');
    expect(signatures).toEqual(['qa-1 responsibility', 'qp-1 approval']);
  });
  it('goes on when it was cut off, and asks nobody to sign twice', async () => {
    const store = node.store as { write: (typeof node.store)['write'] };
    const { write } = store;
    let left = 2;
    store.write = (...given) => ((left -= 1) < 0 ? Promise.reject(new Error('power is gone')) : write(...given));
    await expect(run()).rejects.toThrow('500');
    store.write = write;
    expect(await run()).toContain('erasure complete');
    expect(await run()).toContain('erasure complete');
    expect(signatures).toEqual(['qa-1 responsibility', 'qp-1 approval']);
  });
  it('wants a reason', async () => {
    const { reason: _, ...wish } = { chainOfIdentityId: journey.chainOfIdentityId, reason: '', isDryRun: false, step: 'all' as const };
    await expect(runErasure({ requester: () => Promise.resolve(signerOf(reviewer)), confirmer: () => Promise.resolve(signerOf(qualified)) }, wish)).rejects.toThrow(/--reason/);
    expect(signatures).toEqual([]);
  });
  it('finds the hospital that has the therapy event, and wants one named when none or several do', async () => {
    const among = (...having: readonly string[]) => findHospital('COI-1', ['north', 'hill', 'harbour'], (each) => Promise.resolve(having.includes(each)));
    expect(await among('hill')).toBe('hill');
    await expect(among()).rejects.toThrow('--coi: got COI-1, which none of north, hill, harbour has');
    await expect(among('north', 'harbour')).rejects.toThrow('--node: north and harbour have');
  });
});
