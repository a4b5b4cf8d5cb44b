import { logOriginOf, witnessNameOf } from '../../shared/audit-log/directory.ts';
import { formatVerifierKey, SIGNATURE_TYPE } from '../../shared/audit-log/verifier-key.ts';
import { keyPairOf, seedOf } from '../unit/audit-log/reference.ts';

/** Keys of a site of the tests, the same in every run; another `generation` is another key under the same name. */
export const siteSigners = (siteId: string, generation = 1) => ({
  log: keyPairOf(logOriginOf(siteId), SIGNATURE_TYPE.ed25519, seedOf(`log ${siteId} ${generation}`)), witness: keyPairOf(witnessNameOf(siteId), SIGNATURE_TYPE.cosignature, seedOf(`witness ${siteId} ${generation}`)),
});

export const siteKeys = (siteId: string, generation = 1): Readonly<{ logKey: string; witnessKey: string }> => {
  const { log, witness } = siteSigners(siteId, generation);
  return { logKey: formatVerifierKey(log.key), witnessKey: formatVerifierKey(witness.key) };
};
