import { hexOf, leafHashOf } from '../../shared/audit-log/hash.ts';
import type { LogStore } from '../../shared/audit-log/log-store.ts';
import { proofsOf, receiptOf, type ProofsOfInclusion, type Receipt } from '../../shared/audit-log/receipt.ts';
import type { Trust } from '../../shared/audit-log/trust.ts';
import { formatVerifierKey, type VerifierKey } from '../../shared/audit-log/verifier-key.ts';
import { canonicalJson } from '../../shared/record/canonical-json.ts';
import type { Recorded } from '../../shared/record/envelope.ts';
import { requireOnItsWay, tellDifferences, type AgainstLogPorts } from '../_platform/against-log.ts';
import type { RecordedBatchEvent } from '../audit-api/record-pages.ts';
import { oneALine, type PackFile } from './assemble.ts';
import { ownEntries } from './log-entries.ts';

/** Replaced events whose entry of the log a pack shows; one is enough to name the batch damaged. */
const MAXIMUM_REPLACED = 20;

export type EvidencePorts = Pick<AgainstLogPorts, 'places' | 'operations'> & Readonly<{
  store: Pick<LogStore, 'getObject' | 'readCheckpoint' | 'findLeaves'>;
  /** Verifier key of the log. */
  key(): Promise<VerifierKey>;
  /** The offline verifier, one file. */
  verifier(): Uint8Array;
}>;

const fileOf = (path: string, text: string): PackFile => ({ path, body: new TextEncoder().encode(text) });

/** What the log holds in place of an event that was replaced in the record: the entry itself, with its proof. */
type Replaced = Readonly<{ version: number; leafHash: string; index: number; inclusionProof: readonly string[]; entry: string }>;

/** One proof a line; what is not under the checkpoint yet waits, and is named too. What the log has another entry for does not wait. */
const proofsJson = (receipts: readonly Receipt[], found: ProofsOfInclusion | undefined, replaced: readonly Replaced[]): string => {
  const named = receipts.map(({ version, leafHash }, i) => ({ version, leafHash, ...found?.proofs[i] }));
  const linesOf = (isProven: boolean): string => oneALine(named.filter((each) => ('index' in each) === isProven).map((each) => JSON.stringify(each)));
  return `{"formatVersion":1,"batchId":${JSON.stringify(receipts[0]?.stream.id)},"treeSize":${found?.size ?? 0},"proofs":${linesOf(true)},"waiting":${linesOf(false)}${replaced.length === 0 ? '' : `,"replaced":${oneALine(replaced.map((each) => JSON.stringify(each)))}`}}\n`;
};

/** Where the log has another entry for a version than the record: that entry, proven under the same checkpoint. */
const replacedOf = async (store: EvidencePorts['store'], events: readonly RecordedBatchEvent[], found: ProofsOfInclusion | undefined, trust: Trust): Promise<readonly Replaced[]> => {
  const first = events.findIndex((_, i) => found?.proofs[i] === undefined), unproven = events.filter((_, i) => found?.proofs[i] === undefined);
  const { stream, recordedAt } = unproven[0] ?? {};
  if (found === undefined || stream === undefined || recordedAt === undefined) return [];
  const own = await ownEntries(store, found.size, { stream, versions: unproven.slice(0, MAXIMUM_REPLACED).map(({ version }) => version), after: found.proofs[first - 1]?.index, recordedAt });
  if (own.length === 0) return [];
  const leaves = own.map(({ entry }) => hexOf(leafHashOf(entry)));
  const proven = await proofsOf(store, leaves, trust);
  // Under another checkpoint meanwhile: the next pack tells.
  if (proven?.checkpoint !== found.checkpoint) return [];
  return own.flatMap(({ version, entry }, i) => {
    const { index, inclusionProof } = proven.proofs[i] ?? {};
    return index === undefined || inclusionProof === undefined ? [] : [{ version, leafHash: leaves[i] ?? '', index, inclusionProof, entry: Buffer.from(entry).toString('utf8') }];
  });
};

/** Events of people, each in the bytes of its entry, with its place and its proof; without the two while it waits. */
const peopleJson = (people: readonly Recorded<unknown>[], found: ProofsOfInclusion | undefined, first: number): string => {
  const lines = people.map((each, i) => {
    const proof = found?.proofs[first + i];
    return `{${proof === undefined ? '' : `"index":${proof.index},"inclusionProof":${JSON.stringify(proof.inclusionProof)},`}"event":${canonicalJson(each)}}`;
  });
  return `{"formatVersion":1,"treeSize":${found?.size ?? 0},"events":[\n${lines.join(',\n')}${lines.length === 0 ? '' : '\n'}]}\n`;
};

/**
 * What proves, on a machine without a network, that the events of a batch are those the log holds: its checkpoint, its key, a proof for each event
 * under that one checkpoint, the same for the own records of its signers, and the program that checks them.
 *
 * @param people events of the signers' own records, whole and person by person
 * An event of the batch that the log holds another for is in the pack as the record has it, with the log's own entry, and rings the alarm of evidence that does not verify.
 *
 * @throws DomainError `record-differs-from-log` when the log holds another event in place of one of a signer; what `proofsOf` throws: a pack with a proof that does not hold is not given out
 */
export const createEvidence = (ports: EvidencePorts) => async (events: readonly RecordedBatchEvent[], people: readonly Recorded<unknown>[]): Promise<readonly PackFile[]> => {
  const { store, key, verifier } = ports;
  const logKey = await key();
  const receipts = events.map(receiptOf);
  const trust: Trust = { origin: logKey.name, logKeys: [logKey], witnessKeys: [], quorum: 0 };
  const all = [...receipts, ...people.map(receiptOf)];
  const found = await proofsOf(store, all.map(({ leafHash }) => leafHash), trust);
  const unproven = (each: readonly Receipt[], first: number): readonly Receipt[] => each.filter((_, i) => found?.proofs[first + i] === undefined);
  await requireOnItsWay(ports, unproven(all.slice(receipts.length), receipts.length));
  await tellDifferences(ports, unproven(receipts, 0));
  return [
    ...(found === undefined ? [] : [fileOf('checkpoint', found.checkpoint)]),
    fileOf('log-key.txt', `${formatVerifierKey(logKey)}\n`), fileOf('proofs.json', proofsJson(receipts, found, await replacedOf(store, events, found, trust))),
    fileOf('people.json', peopleJson(people, found, receipts.length)), { path: 'verify.mjs', body: verifier() },
  ];
};
