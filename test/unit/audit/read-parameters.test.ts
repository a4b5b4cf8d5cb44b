import fc from 'fast-check';
import { expect, it } from 'vitest';
import { safeParameters, WITHHELD } from '../../../shared/audit/read-parameters.ts';
import { batchIdFrom, chainOfIdentityIdFrom } from '../../../shared/identity/identifiers.ts';

const bytes = fc.uint8Array({ minLength: 10, maxLength: 10 });

it('identifiers that only we make are kept, whether or not something answers to them', () => {
  fc.assert(fc.property(bytes, fc.boolean(), (random, hasAnswer) => {
    const parameters = { batchId: batchIdFrom('north', 1_772_460_309_120, random), chainOfIdentityId: chainOfIdentityIdFrom(random) };
    expect(safeParameters(parameters, hasAnswer)).toEqual(parameters);
    expect(safeParameters({ kind: 'chain-of-identity', id: parameters.chainOfIdentityId }, hasAnswer)).toEqual({ kind: 'chain-of-identity', id: parameters.chainOfIdentityId });
  }));
});
it.each(['batchId', 'chainOfIdentityId', 'materialLotId', 'equipmentId', 'personId', 'productId', 'readerId', 'metric', 'cursor', 'anything'])('a %s that names nothing here is not kept, because it could be a patient\'s name', (name) => {
  expect(JSON.stringify(safeParameters({ [name]: 'Jane.Doe-1961' }, false))).not.toContain('Jane');
});
it('a name the hospital chose is kept when something answers to it', () => {
  expect(safeParameters({ materialLotId: 'MED-1', limit: 20, from: '2026-03-02T00:00:00Z', cursor: 'eyJ' }, true)).toEqual({ materialLotId: 'MED-1', limit: '20', from: '2026-03-02T00:00:00Z', cursor: '(given)' });
  expect(safeParameters({ kind: 'equipment', id: 'BIO-1' }, true)).toEqual({ kind: 'equipment', id: 'BIO-1' });
});
it('an identifier with a wrong check character, and what is not given, are not kept', () => {
  expect(safeParameters({ chainOfIdentityId: 'CABCDEFGHJKA', batchId: undefined, id: 'BIO-1' }, true)).toEqual({ chainOfIdentityId: WITHHELD, id: WITHHELD });
});
