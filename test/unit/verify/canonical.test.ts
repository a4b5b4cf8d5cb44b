import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CanonicalScanner } from '../../../scripts/verify/canonical.ts';
import { FormError } from '../../../scripts/verify/note.ts';
import { tileNameOf, tilePath } from '../../../scripts/verify/layout.ts';
import { canonicalJson } from '../../../shared/record/canonical-json.ts';

const scanner = new CanonicalScanner();
const accepts = (text: string): boolean => {
  const bytes = Buffer.from(`##${text}##`);
  try {
    scanner.scan(bytes, 2, bytes.length - 2);
    return true;
  } catch (error) {
    if (error instanceof FormError) return false;
    throw error;
  }
};

describe('canonical JSON', () => {
  it('accepts what the writer writes, whatever the value', () => {
    fc.assert(fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => accepts(canonicalJson(value))), { numRuns: 2_000 });
  });

  it('refuses every other way to write the same value', () => {
    fc.assert(fc.property(fc.jsonValue({ stringUnit: 'binary' }), fc.constantFrom(1, '\t'), (value, indent) => {
      const text = JSON.stringify(value, undefined, indent);
      expect(accepts(text)).toBe(text === canonicalJson(value));
    }), { numRuns: 1_000 });
  });

  it('refuses any changed byte, unless the result is canonical too', () => {
    fc.assert(fc.property(fc.jsonValue(), fc.nat(), fc.integer({ min: 0x20, max: 0x7e }), (value, at, byte) => {
      const bytes = Buffer.from(canonicalJson(value));
      bytes[at % bytes.length] = byte;
      const text = bytes.toString('utf8');
      const isCanonical = ((): boolean => {
        try {
          return canonicalJson(JSON.parse(text)) === text;
        } catch {
          return false;
        }
      })();
      expect(accepts(text)).toBe(isCanonical);
    }), { numRuns: 2_000 });
  });

  it.each([
    '{"b":1,"a":2}', '{"a":1,"a":2}', '{"a":1,}', '{"a" :1}', '[1,]', '[1 ,2]', ' 1', '1 ', '01', '1.0', '-0', '1e2', '1E30', '1e1000', '+1', '.5', '"\\/"', '"\\u0041"', '"\\u000A"', '"\\u001F"', '"\\ud800"', '"\n"', '"', 'tru', 'nul', '', '{', '[', 'NaN',
    `${'['.repeat(300)}${']'.repeat(300)}`, '{"\uE000":1,"\u{10000}":1}',
  ])('refuses %j', (text) => { expect(accepts(text)).toBe(false); });

  it.each(['{"a":1,"b":{"c":[]}}', '1e+30', '1e-7', '-1.5', '9007199254740992', '"\\u001f\\n\\"\\\\/"', '{"\u{10000}":1,"\uE000":1}', '[true,false,null]'])('accepts %j', (text) => { expect(accepts(text)).toBe(true); });
});

describe('paths of tiles', () => {
  it.each([['tile/0/000', 0, 0, 256], ['tile/2/x001/x234/067', 2, 1_234_067, 256], ['tile/entries/x001/000.p/5', 'entries', 1000, 5]] as const)('%s is read and written', (path, kind, index, width) => {
    expect(tilePath(kind, index, width)).toBe(path);
    expect(tileNameOf(path)).toEqual({ kind, index, width });
  });

  it.each(['tile/00/000', 'tile/0/0', 'tile/0/x000/001', 'tile/0/000.p/0', 'tile/0/000.p/256', 'tile/0/000.p/05', 'tile/64x/000', 'tile/0/1000', 'checkpoint'])('%s is none', (path) => { expect(tileNameOf(path)).toBeUndefined(); });
});
