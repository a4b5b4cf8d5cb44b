import type { VerifierKey } from '../../shared/audit-log/verifier-key.ts';
import { DomainError } from '../../shared/errors.ts';
import { believe, refuse, type Belief, type BeliefEvent } from '../../shared/model-registry/belief.ts';
import { openPublication, signedObject, type Opened, type PublicationName } from '../../shared/model-registry/publication.ts';
import { sha256Hex } from '../../shared/record/chain.ts';
import type { StreamRecords } from '../_platform/stream-records.ts';

export type PublicationPorts = Readonly<{
  publications: StreamRecords<Belief, BeliefEvent>;
  /** The key of the control site's log, as this hospital took it once from the network's directory; undefined before it took one. */
  controlKey(): Promise<VerifierKey | undefined>;
  /** An object of the control site's bucket of models. */
  fetch(key: string): Promise<Uint8Array | undefined>;
}>;

const ACTOR = { kind: 'system', id: 'model-intake', version: '1' } as const;

const open = (name: PublicationName, bytes: Uint8Array | undefined, key: VerifierKey | undefined): Opened => {
  if (bytes === undefined) throw new DomainError('publication-unverified', `what is published as ${name} of models is gone, and was there before`, { name });
  if (key === undefined) throw new DomainError('publication-unverified', `what is published as ${name} of models can not be looked at: the key of the control site, which was held before, is not`, { name });
  return openPublication(name, bytes, key);
};

/**
 * What the control site published under a name. It is on this hospital's record, as what is believed, before anybody acts on it; so is what was refused.
 *
 * @returns undefined while nothing was ever published, or this hospital is not in the network yet: it has taken no key, and believed nothing
 * @throws DomainError `publication-unverified` when it is not signed by the control site, or is gone; `publication-older` when a later one was believed before
 */
export const readPublication = async (ports: PublicationPorts, name: PublicationName): Promise<Uint8Array | undefined> => {
  const { publications, controlKey, fetch } = ports;
  const [bytes, key] = [await fetch(signedObject(name)), await controlKey()];
  const { state: held } = await publications.load(name);
  if ((bytes === undefined || key === undefined) && held?.believed === undefined) return undefined;
  try {
    const opened = open(name, bytes, key);
    if (believe(held, opened).length > 0) await publications.change(name, ({ state }) => believe(state, opened), { actor: ACTOR });
    return Buffer.from(opened.content, 'utf8');
  } catch (error) {
    if (!(error instanceof DomainError) || !(error.code === 'publication-unverified' || error.code === 'publication-older')) throw error;
    const refused = (state: Belief | undefined): readonly BeliefEvent[] => refuse(state, name, error.code, bytes === undefined ? undefined : sha256Hex(bytes));
    if (refused(held).length > 0) await publications.change(name, ({ state }) => refused(state), { actor: ACTOR });
    throw error;
  }
};
