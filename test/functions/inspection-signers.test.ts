import { unzipSync } from 'fflate';
import { beforeEach, describe, expect, it } from 'vitest';
import { noteCredentialChange } from '../../shared/registers/person.ts';
import { composeSigners, type Signers } from '../../shared/audit/signers.ts';
import type { BatchEvent } from '../../shared/batch/events.ts';
import type { PersonEvent } from '../../shared/registers/person.ts';
import { advance, createJourney, equip, type Journey } from '../support/journey.ts';
import { createNode, type TestNode } from '../support/node.ts';
import { pdfPages } from '../support/pdf-text.ts';
import { PEOPLE } from '../support/people.ts';

const { reviewer, regulator, operator, second } = PEOPLE;

let node: TestNode;
let journey: Journey;
beforeEach(async () => {
  node = createNode();
  await equip(node);
  journey = await advance(await createJourney(node), 'valued');
});

const signers = async (): Promise<Signers> => {
  const events = await node.store.load<BatchEvent>({ kind: 'batch', id: journey.batchId });
  const people = (await Promise.all([operator, second].map(({ id }) => node.store.load<PersonEvent>({ kind: 'person', id })))).flat();
  return composeSigners(events, people);
};
const decide = async (personId: string, route: string, own: object) => {
  node.time.epochMs += 20_000;
  const { position } = await node.records.people.load(personId);
  const { status } = await node.call(reviewer, `POST /v1/people/{personId}/${route}`, { path: { personId }, body: { reason: 'on leave', ...own, signature: node.sign(reviewer, route === 'suspension' ? 'responsibility' : 'approval', position.version) } });
  expect(status).toBe(200);
};
const pdf = async (): Promise<string> => pdfPages(Buffer.from(unzipSync((await node.call(regulator, 'GET /v1/audit/batches/{batchId}/inspection-pack', { path: { batchId: journey.batchId } })).file!)['batch-record.pdf']!)).join('\n').replaceAll(/\s+/g, '');

describe('the signers of a batch', () => {
  it('stand with roles, training and standing as they signed, and how they stand now', async () => {
    const before = await signers();
    expect(before.lines.map(({ personId, standing, roles }) => [personId, standing, roles])).toEqual([[second.id, 'active', ['operator']], [operator.id, 'active', ['operator']]]);
    expect(before.lines.every(({ trainedIn }) => trainedIn.length > 0)).toBe(true);
    await decide(operator.id, 'suspension', { standing: 'suspended' });
    const after = await signers();
    expect(after.lines).toEqual(before.lines);
    expect(after.now.map(({ personId, standing }) => [personId, standing])).toEqual([[second.id, 'active'], [operator.id, 'suspended']]);
    expect(after.now.find(({ personId }) => personId === operator.id)?.since).toBe(node.now().toISOString());
  });
  it('are lines of their own where they stood otherwise, and joined where not', async () => {
    const events = await node.store.load<BatchEvent>({ kind: 'batch', id: journey.batchId });
    const people = await node.store.load<PersonEvent>({ kind: 'person', id: operator.id });
    const signed = events.find(({ event }) => 'signature' in event && event.signature.signerId === operator.id)!;
    const at = (minutes: number): string => new Date(Date.parse(signed.recordedAt) + minutes * 60_000).toISOString();
    const later = (minutes: number) => ({ ...signed, recordedAt: at(minutes) });
    const own = (version: number, minutes: number, event: PersonEvent) => ({ ...people[0]!, version, recordedAt: at(minutes), event });
    const signature = 'signature' in signed.event ? signed.event.signature : undefined;
    const { lines } = composeSigners([signed, later(1), later(3), later(5), later(7)], [...people,
      own(9, 2, { type: 'person-suspended', reason: 'left', signature: signature! }), own(10, 4, { type: 'person-reinstated', reason: 'back', signature: signature! }), own(11, 6, noteCredentialChange({ personId: operator.id, printedName: '', roles: [], standing: 'active', unconfirmedChanges: [], trainingValidUntil: {}, trainingCompletedAt: {} }, { changeId: 'c-1', change: 'AdminSetUserPassword', changedAt: at(6), changedBy: 'somebody' })[0]!)]);
    expect(lines.map(({ standing, since, count, isCredentialUnconfirmed }) => [standing, since, count, isCredentialUnconfirmed])).toEqual([
      ['active', people[0]!.recordedAt, 2, false], ['suspended', at(2), 1, false], ['active', at(4), 1, false], ['active', at(4), 1, true],
    ]);
  });
  it('whom no record tells of are said not to be in the register', async () => {
    const events = await node.store.load<BatchEvent>({ kind: 'batch', id: journey.batchId });
    expect(composeSigners(events, []).lines.map(({ standing, trainedIn }) => [standing, trainedIn])).toEqual([['unregistered', []], ['unregistered', []]]);
  });
  it('are on a section of the printed record', async () => {
    await decide(operator.id, 'suspension', { standing: 'suspended' });
    const text = await pdf();
    for (const part of ['Signers', `${second.name} (${second.id})`, 'active since', 'trained:', `SUSPENDED since ${node.now().toISOString().slice(0, 10)}`]) expect(text).toContain(part.replaceAll(/\s+/g, ''));
  });
});
