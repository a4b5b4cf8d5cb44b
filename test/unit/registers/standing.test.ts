import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changeRoles, confirmCredential, evolvePerson, noteCredentialChange, registerPerson, reinstatePerson, stopPerson, type Person, type PersonEvent } from '../../../shared/registers/person.ts';
import { requireActive, requireMaySign, rolesHeld } from '../../../shared/registers/standing.ts';
import type { Recorded, Role } from '../../../shared/record/envelope.ts';
import { signature } from '../../support/batch-fixtures.ts';
import { codeOf } from '../../support/error-code.ts';

const ID = 'op-1';
const claimed = { id: ID, roles: ['operator', 'quality-reviewer'] as readonly Role[] };
const decision = (signer = 'qa-1', meaning: 'approval' | 'responsibility' = 'approval') => ({ reason: 'as agreed', signature: signature(signer, meaning) });
const noted = (changeId: string) => ({ changeId, change: 'AdminSetUserPassword', changedAt: '2026-03-02T14:00:00.000Z', changedBy: 'arn:aws:iam::111111111111:user/admin' });
const fold = (person: Person | undefined, events: readonly PersonEvent[]): Person | undefined =>
  events.reduce<Person | undefined>((state, event) => evolvePerson(state, { event, stream: { kind: 'person', id: ID } } as Recorded<PersonEvent>), person);
const registered = fold(undefined, registerPerson(undefined, { personId: ID, printedName: 'Anna Operator', roles: ['operator', 'quality-reviewer'] }))!;
const suspended = fold(registered, stopPerson(registered, ID, 'suspended', decision('stew-1', 'responsibility')))!;
const revoked = fold(registered, stopPerson(registered, ID, 'revoked', decision('stew-1', 'responsibility')))!;
const changed = fold(registered, noteCredentialChange(registered, noted('c-1')))!;
const maySign = (person: Person | undefined, wanted: readonly Role[] = ['operator']) => codeOf(() => { requireMaySign(person, claimed, wanted); });

describe('who may sign', () => {
  it('is a registered, active person whose role both token and register give', () => {
    expect([maySign(registered), maySign(undefined), maySign(suspended), maySign(revoked), maySign(changed)]).toEqual([undefined, 'person-not-registered', 'person-not-active', 'person-not-active', 'credential-unconfirmed']);
    const moved = fold(registered, changeRoles(registered, ID, ['operator', 'qualified-person'], decision()))!;
    expect([maySign(moved, ['quality-reviewer']), maySign(moved, ['qualified-person']), maySign(moved)]).toEqual(['role-missing', 'role-missing', undefined]);
    expect(rolesHeld(moved, claimed)).toEqual(['operator']);
  });
  it('is the same person again when reinstated, or once another person has confirmed the credential', () => {
    expect(maySign(fold(suspended, reinstatePerson(suspended, ID, decision())))).toBeUndefined();
    expect(maySign(fold(changed, confirmCredential(changed, ID, decision())))).toBeUndefined();
    expect([codeOf(() => { requireActive(suspended, claimed); }), codeOf(() => { requireActive(undefined, claimed); })]).toEqual(['person-not-active', undefined]);
  });
});

describe('a decision on a person', () => {
  it.each<readonly [string, () => unknown, string]>([
    ['of somebody nobody registered', () => stopPerson(undefined, ID, 'suspended', decision()), 'register-entry-not-found'],
    ['that stands already', () => stopPerson(suspended, ID, 'suspended', decision('stew-1', 'responsibility')), 'person-standing-wrong'],
    ['that softens a revocation', () => stopPerson(revoked, ID, 'suspended', decision('stew-1', 'responsibility')), 'person-standing-wrong'],
    ['that stops, signed as approval', () => stopPerson(registered, ID, 'revoked', decision()), 'signature-meaning-wrong'],
    ['that brings a revoked person back', () => reinstatePerson(revoked, ID, decision()), 'person-standing-wrong'],
    ['that reinstates oneself', () => reinstatePerson(suspended, ID, decision(ID)), 'signature-same-person'],
    ['that reinstates, signed as responsibility', () => reinstatePerson(suspended, ID, decision('qa-1', 'responsibility')), 'signature-meaning-wrong'],
    ['that gives oneself roles', () => changeRoles(registered, ID, ['qualified-person'], decision(ID)), 'signature-same-person'],
    ['that gives a revoked person roles', () => changeRoles(revoked, ID, ['operator'], decision()), 'person-standing-wrong'],
    ['that confirms one\'s own credential', () => confirmCredential(changed, ID, decision(ID)), 'signature-same-person'],
    ['that confirms what nobody changed', () => confirmCredential(registered, ID, decision()), 'person-standing-wrong'],
  ])('%s is refused', (_, decide, code) => { expect(codeOf(decide)).toBe(code); });
  it('may stop oneself', () => { expect(stopPerson(registered, ID, 'suspended', decision(ID, 'responsibility'))).toMatchObject([{ type: 'person-suspended' }]); });
  it('notes a change of the credential once, and none of an account nobody registered', () => {
    expect([noteCredentialChange(changed, noted('c-1')), noteCredentialChange(undefined, noted('c-1'))]).toEqual([[], []]);
    expect(noteCredentialChange(changed, noted('c-2'))).toHaveLength(1);
  });
});

it('no sequence of decisions lets a revoked person sign, or one whose changed credential nobody else confirmed', () => {
  const acts = ['suspend', 'revoke', 'reinstate', 'roles', 'change', 'confirm'] as const;
  const actor = fc.constantFrom(ID, 'qa-1', 'qa-2');
  fc.assert(fc.property(fc.array(fc.tuple(fc.constantFrom(...acts), actor), { maxLength: 20 }), (sequence) => {
    let person: Person = registered;
    const seen: { isRevoked: boolean; waits: boolean } = { isRevoked: false, waits: false };
    sequence.forEach(([act, by], i) => {
      const events = ((): readonly PersonEvent[] => {
        try {
          if (act === 'suspend' || act === 'revoke') return stopPerson(person, ID, act === 'revoke' ? 'revoked' : 'suspended', decision(by, 'responsibility'));
          if (act === 'reinstate') return reinstatePerson(person, ID, decision(by));
          if (act === 'roles') return changeRoles(person, ID, ['operator'], decision(by));
          return act === 'change' ? noteCredentialChange(person, noted(`c-${i}`)) : confirmCredential(person, ID, decision(by));
        } catch { return []; }
      })();
      person = fold(person, events)!;
      seen.isRevoked ||= act === 'revoke';
      seen.waits = act === 'change' || (seen.waits && !(act === 'confirm' && by !== ID));
    });
    if (seen.isRevoked) expect(maySign(person)).toBe('person-not-active');
    else if (seen.waits) expect(maySign(person)).toMatch(/^(credential-unconfirmed|person-not-active)$/);
  }), { numRuns: 1_000 });
});
