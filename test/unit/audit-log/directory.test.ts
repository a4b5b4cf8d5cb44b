import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { admit, CONTROL_SITE, keysOf, logOriginOf, logsCosignedBy, quorumOf, witnessesOf, witnessNameOf, type DirectoryEntry } from '../../../shared/audit-log/directory.ts';
import { formatVerifierKey, SIGNATURE_TYPE } from '../../../shared/audit-log/verifier-key.ts';
import { codeOf } from '../../support/error-code.ts';
import { keyPairOf, seedOf } from './reference.ts';

const witnessKey = (siteId: string, seed = `witness ${siteId}`): string => formatVerifierKey(keyPairOf(witnessNameOf(siteId), SIGNATURE_TYPE.cosignature, seedOf(seed)).key);
const logKey = (siteId: string, seed = `log ${siteId}`): string => formatVerifierKey(keyPairOf(logOriginOf(siteId), SIGNATURE_TYPE.ed25519, seedOf(seed)).key);
const hospital = (siteId: string): DirectoryEntry => ({ siteId, witnessKey: witnessKey(siteId), logKey: logKey(siteId), apiUrl: `https://${siteId}.example` });
const CONTROL: DirectoryEntry = { siteId: CONTROL_SITE, witnessKey: witnessKey(CONTROL_SITE) };
const NETWORK = [CONTROL, hospital('north'), hospital('hill')];

describe('the network directory', () => {
  it('gives every hospital the others as witnesses, and every witness the others\' logs', () => {
    expect(witnessesOf(NETWORK, 'north').map(({ siteId }) => siteId)).toEqual([CONTROL_SITE, 'hill']);
    expect([...logsCosignedBy(NETWORK, witnessNameOf('north')).keys()]).toEqual([logOriginOf('hill')]);
    expect([...logsCosignedBy(NETWORK, witnessNameOf(CONTROL_SITE)).keys()]).toEqual([logOriginOf('north'), logOriginOf('hill')]);
    expect(logsCosignedBy(NETWORK, witnessNameOf('north')).get(logOriginOf('hill'))).toMatchObject({ nodeId: 'hill', key: { name: logOriginOf('hill') } });
  });
  it('takes a new site, the same again, and another URL', () => {
    expect(admit(NETWORK, hospital('harbour'))).toBe('new');
    expect(admit(NETWORK, hospital('north'))).toBe('same');
    expect(admit(NETWORK, { ...hospital('north'), apiUrl: 'https://other.example' })).toBe('moved');
    expect(admit(NETWORK, CONTROL)).toBe('same');
  });
  it('refuses a key that changed, of log and of witness, and names the site', () => {
    for (const changed of [{ logKey: logKey('north', 'other') }, { witnessKey: witnessKey('north', 'other') }]) {
      expect(codeOf(() => admit(NETWORK, { ...hospital('north'), ...changed }))).toBe('node-key-changed');
      expect(() => admit(NETWORK, { ...hospital('north'), ...changed })).toThrow(/^north: /);
    }
    expect(codeOf(() => admit(NETWORK, { ...CONTROL, witnessKey: witnessKey(CONTROL_SITE, 'other') }))).toBe('node-key-changed');
  });
  it('takes the control site\'s first log key where it had none, and none after it; hospitals cosign that log, the control site does not', () => {
    const withLog = { ...CONTROL, logKey: logKey(CONTROL_SITE) };
    expect(admit(NETWORK, withLog)).toBe('moved');
    const held = [withLog, ...NETWORK.slice(1)];
    expect(admit(held, withLog)).toBe('same');
    for (const other of [CONTROL, { ...withLog, logKey: logKey(CONTROL_SITE, 'other') }]) expect(codeOf(() => admit(held, other))).toBe('node-key-changed');
    expect(codeOf(() => admit(NETWORK, { ...withLog, witnessKey: witnessKey(CONTROL_SITE, 'other') }))).toBe('node-key-changed');
    expect([...logsCosignedBy(held, witnessNameOf('north')).keys()]).toEqual([logOriginOf(CONTROL_SITE), logOriginOf('hill')]);
    expect([...logsCosignedBy(held, witnessNameOf(CONTROL_SITE)).keys()]).toEqual([logOriginOf('north'), logOriginOf('hill')]);
    expect(witnessesOf(held, CONTROL_SITE).map(({ siteId }) => siteId)).toEqual(['north', 'hill']);
  });
  it('refuses a hospital that speaks for another\'s log, cosigns as another, or has a key that is in use', () => {
    const east = hospital('east');
    const foreign: Readonly<Record<string, Partial<DirectoryEntry>>> = {
      'the origin of another': { logKey: logKey('north') }, 'the witness name of another': { witnessKey: witnessKey('north') }, 'a log key as witness key': { witnessKey: logKey('east') }, 'a witness key as log key': { logKey: witnessKey('east') },
      'the log key of another under its own name': { logKey: logKey('east', 'log north') }, 'the witness key of another under its own name': { witnessKey: witnessKey('east', 'witness hill') },
      'one key for both': { logKey: logKey('east', 'x'), witnessKey: witnessKey('east', 'x') }, 'no log': { logKey: undefined },
    };
    for (const [what, wrong] of Object.entries(foreign)) expect([what, codeOf(() => admit(NETWORK, { ...east, ...wrong }))]).toEqual([what, 'node-key-refused']);
    expect(codeOf(() => keysOf({ ...CONTROL, logKey: logKey('north') }))).toBe('node-key-refused');
    expect(codeOf(() => keysOf({ ...east, logKey: 'nonsense' }))).toBe('verifier-key-malformed');
  });
});

describe('the quorum', () => {
  it('is a majority, or what the hospital wants when that is more', () => {
    expect([0, 1, 2, 3, 4, 5].map((witnesses) => quorumOf(witnesses))).toEqual([1, 1, 2, 2, 3, 3]);
    expect([quorumOf(3, 3), quorumOf(3, 1), quorumOf(3, 9)]).toEqual([3, 2, 9]);
  });
  it('of any size shares a witness with any other of the same log, also while one more joins', () => {
    fc.assert(fc.property(fc.integer({ min: 1, max: 500 }), fc.nat(500), fc.nat(500), (witnesses, one, other) => {
      expect(quorumOf(witnesses, one) + quorumOf(witnesses, other)).toBeGreaterThan(witnesses);
      expect(quorumOf(witnesses, one) + quorumOf(witnesses + 1, other)).toBeGreaterThan(witnesses + 1);
    }));
  });
});
