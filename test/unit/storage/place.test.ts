import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { placeOf } from '../../../shared/storage/place.ts';

const account = fc.stringMatching(/^\d{12}$/);
const id = fc.stringMatching(/^[a-z][a-z0-9-]{1,20}$/);

describe('the place of a hospital in a bucket of the control site', () => {
  it('begins with its account, as bucket policies write it', () => {
    expect(placeOf({ id: 'north', account: '111111111111' })).toBe('111111111111/north');
  });
  it('is its own: none lies below another\'s', () => {
    fc.assert(fc.property(fc.record({ account, id }), fc.record({ account, id }), (one, other) => {
      fc.pre(one.account !== other.account || one.id !== other.id);
      expect(`${placeOf(one)}/`.startsWith(`${placeOf(other)}/`)).toBe(false);
    }));
  });
  it.each([[{ id: 'north', account: '' }, 'account'], [{ id: 'north', account: '11111111111' }, 'account'], [{ id: 'north', account: '*' }, 'account'], [{ id: '', account: '111111111111' }, 'id'], [{ id: 'a/b', account: '111111111111' }, 'id']])('is refused for %j', (home, field) => {
    expect(() => placeOf(home)).toThrow(new RegExp(`^${field}: got`));
  });
});
