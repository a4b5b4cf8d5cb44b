import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { trace, type Neighbours } from '../../../shared/audit/genealogy.ts';
import { isAbout, referencesOf, subjectsOf, type Subject } from '../../../shared/audit/subjects.ts';
import type { Recorded } from '../../../shared/record/envelope.ts';
import { signature } from '../../support/batch-fixtures.ts';
import { codeOfAsync } from '../../support/error-code.ts';

const lot = (id: string): Subject => ({ kind: 'material-lot', id });
const batch = (id: string): Subject => ({ kind: 'batch', id });
const patient = (id: string): Subject => ({ kind: 'chain-of-identity', id });
const nameOf = ({ kind, id }: Subject): string => `${kind}#${id}`;

type Edge = readonly [Subject, Subject];
const neighboursIn = (edges: readonly Edge[]): Neighbours => (subjects, direction) => Promise.resolve(subjects.map((subject) =>
  edges.flatMap(([from, to]) => (direction === 'forward' ? (nameOf(from) === nameOf(subject) ? [to] : []) : nameOf(to) === nameOf(subject) ? [from] : []))));

describe('tracing', () => {
  const edges: readonly Edge[] = [
    [lot('plasmid'), batch('vector')], [batch('vector'), lot('vector-1')], [lot('vector-1'), batch('a')], [lot('vector-1'), batch('b')],
    [batch('a'), patient('p')], [batch('b'), patient('q')], [patient('p'), lot('cells-p')], [lot('cells-p'), batch('a')],
  ];
  it('goes from a lot through the lots made of it to every batch and patient, and counts the steps', async () => {
    const { records, links } = await trace(lot('plasmid'), 'forward', neighboursIn(edges));
    expect(records.map((each) => `${each.distance} ${nameOf(each)}`)).toEqual(['1 batch#vector', '2 material-lot#vector-1', '3 batch#a', '3 batch#b', '4 chain-of-identity#p', '4 chain-of-identity#q']);
    expect(links).toHaveLength(6);
  });
  it('goes from a patient back to every lot, and gives each link the way the material went', async () => {
    const { records, links } = await trace(patient('q'), 'backward', neighboursIn(edges));
    expect(records.map(nameOf)).toEqual(['batch#b', 'material-lot#vector-1', 'batch#vector', 'material-lot#plasmid']);
    expect(links.at(-1)).toEqual({ from: lot('plasmid'), to: batch('vector') });
  });
  it('ends at a patient, so that one patient\'s two therapies stay two', async () => {
    expect((await trace(lot('vector-1'), 'forward', neighboursIn(edges))).records.map(nameOf)).not.toContain('material-lot#cells-p');
    expect((await trace(patient('p'), 'forward', neighboursIn(edges))).records.map(nameOf)).toEqual(['material-lot#cells-p', 'batch#a']);
  });
  it('visits each record once and ends, whatever circles there are', async () => {
    const node = fc.integer({ min: 0, max: 8 }).map((i) => (i % 2 === 0 ? lot(String(i)) : batch(String(i))));
    await fc.assert(fc.asyncProperty(fc.array(fc.tuple(node, node), { maxLength: 30 }), async (drawn) => {
      const reached = new Set([nameOf(lot('0'))]);
      for (let before = -1; before !== reached.size;) {
        before = reached.size;
        for (const [from, to] of drawn) if (reached.has(nameOf(from))) reached.add(nameOf(to));
      }
      const { records } = await trace(lot('0'), 'forward', neighboursIn(drawn));
      expect([nameOf(lot('0')), ...records.map(nameOf)].toSorted()).toEqual([...reached].toSorted());
    }));
  });
  it('refuses to end early when there is more than one answer holds', async () => {
    const many: readonly Edge[] = Array.from({ length: 2001 }, (_, i) => [lot('water'), batch(String(i))]);
    expect(await codeOfAsync(() => trace(lot('water'), 'forward', neighboursIn(many)))).toBe('request-too-large');
    expect((await trace(lot('water'), 'forward', neighboursIn(many.slice(1)))).records).toHaveLength(2000);
  });
});

describe('subjects of an event', () => {
  const recorded = (event: object, own: Partial<Recorded<unknown>> = {}): Recorded<unknown> =>
    ({ stream: { kind: 'batch', id: 'B-1' }, version: 1, recordedAt: '2026-03-02T23:59:59.999Z', actor: { kind: 'person', id: 'op-1', printedName: 'Anna', roles: [] }, event, previousHash: '', hash: '', ...own });
  it('are what it names, who acted and who signed, each once', () => {
    expect(subjectsOf(recorded({ type: 'custody-offered', toPersonId: 'op-2', signature: signature('op-1', 'responsibility') })).map(nameOf)).toEqual(['person#op-2', 'person#op-1']);
    expect(subjectsOf(recorded({ type: 'phase-signed', signature: signature('op-3', 'verified') })).map(nameOf)).toEqual(['person#op-1', 'person#op-3']);
  });
  it('are not the batch itself, nor a function, nor an empty name', () => {
    expect(subjectsOf(recorded({ type: 'batch-created', batchId: 'B-1', chainOfIdentityId: 'C', lotId: '' }, { actor: { kind: 'system', id: 'rpa', version: '1' } })).map(nameOf)).toEqual(['chain-of-identity#C']);
  });
  it('of a register are the entry itself', () => {
    expect(isAbout(recorded({ type: 'equipment-calibrated' }, { stream: { kind: 'equipment', id: 'BIO-1' } }), { kind: 'equipment', id: 'BIO-1' })).toBe(true);
    expect(isAbout(recorded({ type: 'x' }), { kind: 'equipment', id: 'op-1' })).toBe(false);
  });
  it('name no equipment again when a batch lets it go, because it was named when the batch got it', () => {
    const released = recorded({ type: 'equipment-released', equipmentId: 'BIO-1' });
    expect(referencesOf([released, recorded({ type: 'batch-completed' }, { recordedAt: '2026-03-03T00:00:00.000Z' })])).toEqual({ subjects: [{ kind: 'person', id: 'op-1' }], days: ['2026-03-02', '2026-03-03'] });
    expect(isAbout(released, { kind: 'equipment', id: 'BIO-1' })).toBe(true);
  });
});
