import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { commitmentOf, isCommitmentTo } from '../../../shared/personal-data/commitment.ts';
import { PERSONAL_FIELDS, PersonalFields, readableFields } from '../../../shared/personal-data/fields.ts';
import { openValue, sealValues } from '../../../shared/personal-data/sealed.ts';
import { ROLES } from '../../../shared/record/envelope.ts';
import { codeOf } from '../../support/error-code.ts';

const salt = fc.uint8Array({ minLength: 32, maxLength: 32 });
const year = fc.integer({ min: 1880, max: 2200 });

describe('a commitment', () => {
  it('is the SHA-256 of exactly the bytes its description names', () => {
    const bytes = Buffer.concat([Buffer.from('bedside.network/personal-data/v1\0yearOfBirth\0'), Buffer.alloc(32, 7), Buffer.from('1961')]);
    expect(commitmentOf('yearOfBirth', Buffer.alloc(32, 7), 1961)).toBe(createHash('sha256').update(bytes).digest('hex'));
    const therapies = { cd19DirectedTherapy: 'no', bendamustineWithinSixMonths: 'yes', allogeneicTransplant: 'unknown' } as const;
    const object = Buffer.concat([Buffer.from('bedside.network/personal-data/v1\0priorTherapies\0'), Buffer.alloc(32, 9), Buffer.from('{"allogeneicTransplant":"unknown","bendamustineWithinSixMonths":"yes","cd19DirectedTherapy":"no"}')]);
    expect(commitmentOf('priorTherapies', Buffer.alloc(32, 9), therapies)).toBe(createHash('sha256').update(object).digest('hex'));
  });
  it('is to its own field, salt and value, and to no other', () => {
    fc.assert(fc.property(year, year, salt, salt, (value, other, own, foreign) => {
      const commitment = commitmentOf('yearOfBirth', own, value);
      expect(isCommitmentTo(commitment, 'yearOfBirth', own, value)).toBe(true);
      expect(isCommitmentTo(commitment, 'bodyWeightKilograms', own, value)).toBe(false);
      if (other !== value) expect(isCommitmentTo(commitment, 'yearOfBirth', own, other)).toBe(false);
      if (!Buffer.from(own).equals(foreign)) expect(isCommitmentTo(commitment, 'yearOfBirth', foreign, value)).toBe(false);
    }));
  });
  it.each([0, 16, 31, 33])('wants a salt of 32 bytes, not %i', (length) => { expect(() => commitmentOf('sex', Buffer.alloc(length), 'female')).toThrow(/32/); });
  it('does not match what is no hash', () => { for (const text of ['', 'zz', 'a'.repeat(62)]) expect(isCommitmentTo(text, 'sex', Buffer.alloc(32), 'female')).toBe(false); });
});

describe('a sealed value', () => {
  const [sealed] = sealValues({ bodyWeightKilograms: 64.5 }, 'op-1#key', (count) => new Uint8Array(count).fill(3));
  const entry = { ...sealed!, version: 2 };
  it('opens to the value', () => { expect(openValue(entry, { batchId: 'B-1' })).toBe(64.5); });
  it.each([['another value', { valueJson: '46.5' }], ['another way to write it', { valueJson: '64.50' }], ['no JSON', { valueJson: '64,5' }], ['a value of another type', { valueJson: '"64.5"' }], ['a value out of its range', { valueJson: '645' }], ['another field', { field: 'yearOfBirth' as const }], ['another salt', { salt: '0'.repeat(64) }]])('with %s does not open', (_, change) => {
    expect(codeOf(() => openValue({ ...entry, ...change }, { batchId: 'B-1' }))).toBe('personal-data-corrupt');
  });
});

describe('fields', () => {
  it('are one closed list', () => {
    expect(Object.keys(PersonalFields.shape).toSorted()).toEqual([...PERSONAL_FIELDS].toSorted());
    expect(PersonalFields.safeParse({ name: 'X' }).success).toBe(false);
  });
  it('are read by four roles; who grows the cells reads neither number nor physician', () => {
    expect(ROLES.filter((role) => readableFields([role]).size > 0)).toEqual(['operator', 'process-scientist', 'quality-reviewer', 'qualified-person']);
    expect([...readableFields(['process-scientist'])]).not.toEqual(expect.arrayContaining(['patientReference']));
    expect(readableFields(['process-scientist']).has('treatingPhysician')).toBe(false);
  });
});
