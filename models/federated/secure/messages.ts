import { createHash } from 'node:crypto';
import { canonicalJson } from '../../../shared/record/canonical-json.ts';
import type { Question } from '../run.ts';
import type { Cohorts } from './cohorts.ts';
import type { Certificate } from './keys.ts';

/** The coordinator asks. `members` are the sites whose sum is wanted, sorted; a new attempt has new masks. */
export type Ask = Readonly<{ runId: string; planHash: string; round: number; attempt: number; members: readonly string[]; certificates: readonly Certificate[]; closesAtEpochMs: number; question: Question }>;
/** A site answers with its sums under masks, a hash that commits it to its own mask's seed, and a sealed share of that seed for each member. */
export type Answer = Readonly<{ siteId: string; context: string; words: Uint32Array; seedHash: string; sealed: Readonly<Record<string, string>> }>;
/** Every member answered: what each sent, by hash. */
export type Complete = Readonly<{ context: string; digests: Readonly<Record<string, string>> }>;
export type Confirmation = Readonly<{ siteId: string; context: string; signature: string }>;
/** Enough members confirmed. `sealed` holds what the others sealed for the one who is asked, by sender. */
export type RevealAsk = Readonly<{ context: string; confirmations: readonly Confirmation[]; sealed: Readonly<Record<string, string>> }>;
/** The seed of the site's own mask, and its share of each other member's, base64. */
export type Reveal = Readonly<{ siteId: string; context: string; seed: string; shares: Readonly<Record<string, string>> }>;

/** Over whom a sum is asked, by what each signed of its rows. */
export const cohortsOf = ({ certificates }: Pick<Ask, 'certificates'>): Cohorts => Object.fromEntries(certificates.map(({ siteId, cohort }) => [siteId, cohort]));

/** Sites a sum is over, at least: of two, each would learn the other's. */
export const LEAST_SITES = 3;
/** Members that must confirm, and shares that give a seed back: more than two thirds, so that no two different sums of one round find as many unless a third of the sites lie. */
export const quorumOf = (members: number): number => Math.floor((2 * members) / 3) + 1;

export const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

const bytesOf = (array: Int32Array | Uint8Array | Float32Array | Float64Array): Uint8Array => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

const hashQuestion = (question: Question): string => {
  if (question.type !== 'level') return sha256(canonicalJson(question));
  const { bins, growing, stand } = question;
  const hash = createHash('sha256').update(canonicalJson({ bins, stand, slots: growing.slots }));
  for (const array of [growing.feature, growing.splitBin, growing.defaultLeft, growing.open, growing.gain, growing.first, growing.second]) hash.update(bytesOf(array));
  return hash.digest('hex');
};

const hashes = new WeakMap<Question, string>();

/** SHA-256 of a question, trees included. A question is never changed, so it is hashed once. */
export const questionHash = (question: Question): string => {
  const hash = hashes.get(question) ?? hashQuestion(question);
  hashes.set(question, hash);
  return hash;
};

/** Names one sum: of which run, round, attempt, members, keys and question. Masks are bound to it. */
export const contextOf = ({ runId, planHash, round, attempt, members, certificates }: Ask, question: string): string =>
  sha256(canonicalJson({ runId, planHash, round, attempt, members, question, keys: certificates.map(({ cohort, agreementKey, confirmationKey }) => [cohort, agreementKey, confirmationKey]) }));

/** Names what a private run lets out over one set of sites, by SHA-256: whatever the attempt, it is the same. */
export const releaseOf = ({ runId, planHash, members }: Pick<Ask, 'runId' | 'planHash' | 'members'>): string => sha256(canonicalJson({ runId, planHash, members }));

export const digestOf = (words: Uint32Array): string => sha256(new Uint8Array(words.buffer, words.byteOffset, words.byteLength));

/** The bytes a confirmation signs. */
export const completeBytes = ({ context, digests }: Complete): Buffer => Buffer.from(`bedside federated sum 1\n${canonicalJson({ context, digests })}`, 'utf8');
