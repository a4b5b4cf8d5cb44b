import { DomainError } from '../errors.ts';
import { parseVerifierKey, SIGNATURE_TYPE, type SignatureType, type VerifierKey } from './verifier-key.ts';

/** The control site: a witness, with a log of its own decisions. No hospital may have this id. */
export const CONTROL_SITE = 'control';

/**
 * One site of the network directory: whom the others cosign for, and who cosigns for them. Keys are verifier keys as text (C2SP signed-note). `apiUrl` is absent for the control
 * site, whose each hospital was deployed with; so is `logKey`, in a directory from before it had a log (ADR 0018).
 */
export type DirectoryEntry = Readonly<{ siteId: string; witnessKey: string; logKey?: string | undefined; apiUrl?: string | undefined }>;
export type SiteKeys = Readonly<{ witnessKey: VerifierKey; logKey: VerifierKey | undefined }>;

/** Id of a hospital, or of the control site. */
export const SITE_ID = /^[a-z][a-z0-9-]{1,20}$/;
const LOG_ORIGIN = /^bedside\.network\/([^/]+)$/;

export const logOriginOf = (nodeId: string): string => `bedside.network/${nodeId}`;
/** Whose log has this origin: the other way of `logOriginOf`. @returns undefined when no site can have it */
export const siteOfOrigin = (origin: string): string | undefined => {
  const [, siteId] = LOG_ORIGIN.exec(origin) ?? [];
  return siteId !== undefined && SITE_ID.test(siteId) ? siteId : undefined;
};
export const witnessNameOf = (siteId: string): string => `bedside.network/witness/${siteId}`;

const keyOf = (siteId: string, text: string, name: string, type: SignatureType): VerifierKey => {
  const key = parseVerifierKey(text);
  if (key.name !== name || key.type !== type) throw new DomainError('node-key-refused', `${siteId}: got a key of type ${key.type} named ${key.name}, want one of type ${type} named ${name}`, { siteId, name: key.name });
  return key;
};

/**
 * The keys of a site, each under the name that only this site may have: a hospital can not speak for another's log, nor cosign as another.
 *
 * @throws DomainError `node-key-refused`, `verifier-key-malformed`
 */
export const keysOf = ({ siteId, witnessKey, logKey }: DirectoryEntry): SiteKeys => {
  const keys = { witnessKey: keyOf(siteId, witnessKey, witnessNameOf(siteId), SIGNATURE_TYPE.cosignature), logKey: logKey === undefined ? undefined : keyOf(siteId, logKey, logOriginOf(siteId), SIGNATURE_TYPE.ed25519) };
  if (keys.logKey === undefined && siteId !== CONTROL_SITE) throw new DomainError('node-key-refused', `${siteId}: got no log key, want one`, { siteId });
  return keys;
};

/** Public keys without their names: the same key under two names is still one key. */
const materialOf = (entry: DirectoryEntry): readonly string[] => {
  const { witnessKey, logKey } = keysOf(entry);
  return [witnessKey, ...(logKey === undefined ? [] : [logKey])].map(({ publicKey }) => Buffer.from(publicKey).toString('hex'));
};

/** The control site was registered before it had a log: the first key of it is taken, and stays. */
const beginsLog = (known: DirectoryEntry, offered: DirectoryEntry): boolean => known.siteId === CONTROL_SITE && known.logKey === undefined && known.witnessKey === offered.witnessKey;

/**
 * Hold an entry that is offered against those that are held. Keys never change: a log with another key is another log, and a witness with another key has forgotten what it saw.
 *
 * @returns `new`; `moved` when only the URL is another, or the control site has begun a log; `same`
 * @throws DomainError `node-key-changed` naming the site; `node-key-refused` for a name or a key that is not the site's own
 */
export const admit = (held: readonly DirectoryEntry[], offered: DirectoryEntry): 'new' | 'moved' | 'same' => {
  const own = materialOf(offered);
  const { siteId } = offered;
  const known = held.find((entry) => entry.siteId === siteId);
  if (known !== undefined && !beginsLog(known, offered) && (known.witnessKey !== offered.witnessKey || known.logKey !== offered.logKey)) throw new DomainError('node-key-changed', `${siteId}: got other keys than the registered ones, which never change`, { siteId });
  const sharing = held.find((entry) => entry.siteId !== siteId && materialOf(entry).some((each) => own.includes(each)));
  if (sharing !== undefined || new Set(own).size !== own.length) throw new DomainError('node-key-refused', `${siteId}: got a key that is in use already${sharing === undefined ? '' : ` at ${sharing.siteId}`}, want keys of its own`, { siteId });
  if (known === undefined) return 'new';
  return known.apiUrl === offered.apiUrl && known.logKey === offered.logKey ? 'same' : 'moved';
};

/** Logs that a site cosigns: all but its own, for nobody is a witness of himself. By origin. */
export const logsCosignedBy = (entries: readonly DirectoryEntry[], witnessName: string): ReadonlyMap<string, Readonly<{ nodeId: string; key: VerifierKey }>> => new Map(entries.flatMap((entry) => {
  const { logKey } = keysOf(entry);
  return logKey === undefined || witnessNameOf(entry.siteId) === witnessName ? [] : [[logKey.name, { nodeId: entry.siteId, key: logKey }] as const];
}));

/** Sites that cosign a site's log: all but itself. */
export const witnessesOf = (entries: readonly DirectoryEntry[], nodeId: string): readonly DirectoryEntry[] => entries.filter(({ siteId }) => siteId !== nodeId);

/**
 * Cosignatures a checkpoint needs: a majority of the log's witnesses, or more where the hospital wants more. Two majorities share a witness, and an honest witness cosigns one history
 * only; less than a majority would let two histories be published, each with its own witnesses (ADR 0013).
 *
 * @param witnesses how many there are; with none the answer is 1, so that nothing is published unseen
 * @param wanted    the hospital's own number; 0 for the majority
 */
export const quorumOf = (witnesses: number, wanted = 0): number => Math.max(Math.floor(witnesses / 2) + 1, wanted);
