import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatCheckpoint } from '../../../shared/audit-log/checkpoint.ts';
import { believe, evolveBelief, refuse, type Belief, type BeliefEvent } from '../../../shared/model-registry/belief.ts';
import { formatPublication, openPublication, publicationBytes, PUBLICATIONS, type Publication } from '../../../shared/model-registry/publication.ts';
import { codeOf } from '../../support/error-code.ts';
import { siteSigners } from '../../support/site-keys.ts';

const { log: { key, signSync } } = siteSigners('control');
const sealed = (publication: Publication, by = signSync): Uint8Array => formatPublication(publication, by(publicationBytes(publication)));
const publications = fc.record<Publication>({ name: fc.constantFrom(...PUBLICATIONS), sequence: fc.nat(), content: fc.string({ unit: 'grapheme' }) });

describe('a publication', () => {
  it('opens as what was signed', () => {
    fc.assert(fc.property(publications, (publication) => { expect(openPublication(publication.name, sealed(publication), key)).toMatchObject(publication); }));
  });
  it('is refused with any byte of it changed, left out or put in', () => {
    fc.assert(fc.property(publications, fc.nat(), fc.integer({ min: 1, max: 255 }), fc.constantFrom('changed', 'left out', 'put in'), (publication, where, by, how) => {
      const bytes = [...sealed(publication)];
      const at = where % bytes.length;
      if (how === 'changed') bytes[at] = bytes[at]! ^ by;
      else if (how === 'left out') bytes.splice(at, 1);
      else bytes.splice(at, 0, by);
      expect(codeOf(() => openPublication(publication.name, Uint8Array.from(bytes), key))).toBe('publication-unverified');
    }));
  });
  it.each<readonly [string, (text: string) => string]>([
    ['a space after it', (text) => `${text} `], ['a line of its own', (text) => `${text}\n`], ['its fields in another order', (text) => JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(text) as object).toReversed()))],
    ['a field twice', (text) => text.replace('"content":', '"content":"","content":')], ['a letter spelt otherwise', (text) => text.replace('content', 'c\\u006fntent')], ['its signature without padding', (text) => text.replace('=="}', '"}')],
  ])('is refused with %s: it has one form', (_, change) => {
    const text = Buffer.from(sealed({ name: 'records', sequence: 1, content: '{}' })).toString('utf8');
    expect(change(text)).not.toBe(text);
    expect(codeOf(() => openPublication('records', Buffer.from(change(text)), key))).toBe('publication-unverified');
  });
  it('is refused with another name, number or content under the same signature', () => {
    fc.assert(fc.property(publications, publications, (one, other) => {
      fc.pre(JSON.stringify(one) !== JSON.stringify(other));
      expect(codeOf(() => openPublication(other.name, formatPublication(other, signSync(publicationBytes(one))), key))).toBe('publication-unverified');
    }));
  });
  it('is refused in the place of one of another name', () => {
    fc.assert(fc.property(publications, fc.constantFrom(...PUBLICATIONS), (publication, name) => {
      fc.pre(publication.name !== name);
      expect(codeOf(() => openPublication(name, sealed(publication), key))).toBe('publication-unverified');
    }));
  });
  it.each([['another key of the control site', siteSigners('control', 2)], ['a hospital\'s', siteSigners('north')]])('is refused when signed with %s', (_, { log }) => {
    expect(codeOf(() => openPublication('records', sealed({ name: 'records', sequence: 1, content: '{}' }, log.signSync), key))).toBe('publication-unverified');
  });
  it.each([['no JSON', '{'], ['another format', JSON.stringify({ formatVersion: 2, name: 'records', sequence: 1, content: '{}', signature: '' })], ['the content alone', JSON.stringify({ formatVersion: 1, records: [] })], ['nothing', ''],
    ['half a surrogate pair in the place of what has the same hash', Buffer.from(sealed({ name: 'records', sequence: 1, content: '\ufffd' })).toString('utf8').replace('\ufffd', '\\ud800')],
  ])('is refused as %s', (_, text) => {
    expect(codeOf(() => openPublication('records', Buffer.from(text), key))).toBe('publication-unverified');
  });
  it('is no checkpoint, nor the word for a training key: what is signed begins with a line that nothing else does', () => {
    fc.assert(fc.property(publications, (publication) => {
      const [first] = publicationBytes(publication).toString('utf8').split('\n');
      expect(first).toBe('bedside publication 1');
    }));
    expect(formatCheckpoint({ origin: key.name, size: 1, root: new Uint8Array(32) }).split('\n')[0]).toBe('bedside.network/control');
  });
  it('has bytes to sign that the key service takes, however long it is', () => {
    expect(publicationBytes({ name: 'references', sequence: Number.MAX_SAFE_INTEGER, content: 'x'.repeat(1_000_000) }).length).toBeLessThan(4096);
  });
});

const fold = (events: readonly BeliefEvent[], after?: Belief): Belief | undefined => events.reduce<Belief | undefined>((belief, event) => evolveBelief(belief, { event }), after);
const opened = (sequence: number, content: string) => openPublication('records', sealed({ name: 'records', sequence, content }), key);

describe('a hospital that believes', () => {
  it('never goes back, not even to what it never saw, in whatever order it is shown what the control site ever signed', () => {
    // What stood on a growing record: contents repeat, as a version that is suspended and let back.
    const history = fc.array(fc.constantFrom('active', 'suspended'), { minLength: 1, maxLength: 8 });
    fc.assert(fc.property(history, fc.array(fc.nat(), { maxLength: 30 }), (contents, shown) => {
      let held: Belief | undefined;
      let last = -1;
      for (const which of shown) {
        const at = which % contents.length;
        const before = held;
        const show = (): void => { held = fold(believe(before, opened(at, contents[at]!)), before); };
        if (at < last) expect(codeOf(show)).toBe('publication-older');
        else show();
        last = Math.max(last, at);
        expect(held?.believed).toEqual({ sequence: last, sha256: opened(0, contents[last]!).sha256 });
      }
    }));
  });
  it('puts each publication on record once', () => {
    const held = fold(believe(undefined, opened(3, 'a')));
    expect(believe(held, opened(3, 'a'))).toEqual([]);
    expect(believe(held, opened(4, 'a'))).toMatchObject([{ type: 'publication-believed', sequence: 4 }]);
  });
  it('takes what a mended program says of the same record', () => {
    const held = fold(believe(undefined, opened(3, 'a')));
    expect(believe(held, opened(3, 'b'))).toMatchObject([{ type: 'publication-believed', sequence: 3, sha256: opened(3, 'b').sha256 }]);
  });
  it('puts a refusal on record once, what it believed staying; and that it is over', () => {
    const held = fold(believe(undefined, opened(3, 'a')))!;
    const refused = fold(refuse(held, 'records', 'publication-unverified', 'aa'), held)!;
    expect(refused).toMatchObject({ believed: held.believed, refused: { code: 'publication-unverified', offeredSha256: 'aa' } });
    expect(refuse(refused, 'records', 'publication-unverified', 'aa')).toEqual([]);
    expect(refuse(refused, 'records', 'publication-unverified', undefined)).toEqual([{ type: 'publication-refused', name: 'records', code: 'publication-unverified' }]);
    expect(refuse(refused, 'records', 'publication-older', 'aa')).toHaveLength(1);
    expect(fold(believe(refused, opened(3, 'a')), refused)).toEqual(held);
  });
});
