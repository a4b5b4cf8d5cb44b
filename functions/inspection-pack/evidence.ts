import type { LogStore } from '../../shared/audit-log/log-store.ts';
import { proofsOf, receiptOf, type ProofsOfInclusion, type Receipt } from '../../shared/audit-log/receipt.ts';
import { formatVerifierKey, type VerifierKey } from '../../shared/audit-log/verifier-key.ts';
import { canonicalJson } from '../../shared/record/canonical-json.ts';
import type { Recorded } from '../../shared/record/envelope.ts';
import { requireOnItsWay, type AgainstLogPorts } from '../_platform/against-log.ts';
import type { RecordedBatchEvent } from '../audit-api/record-pages.ts';
import { oneALine, type PackFile } from './assemble.ts';

export type EvidencePorts = Pick<AgainstLogPorts, 'places' | 'operations'> & Readonly<{
  store: Pick<LogStore, 'getObject' | 'readCheckpoint' | 'findLeaves'>;
  /** Verifier key of the log. */
  key(): Promise<VerifierKey>;
  /** The offline verifier, one file. */
  verifier(): Uint8Array;
}>;

const fileOf = (path: string, text: string): PackFile => ({ path, body: new TextEncoder().encode(text) });

/** One proof a line; what is not under the checkpoint yet waits, and is named too. */
const proofsJson = (receipts: readonly Receipt[], found: ProofsOfInclusion | undefined): string => {
  const named = receipts.map(({ version, leafHash }, i) => ({ version, leafHash, ...found?.proofs[i] }));
  const linesOf = (isProven: boolean): string => oneALine(named.filter((each) => ('index' in each) === isProven).map((each) => JSON.stringify(each)));
  return `{"formatVersion":1,"batchId":${JSON.stringify(receipts[0]?.stream.id)},"treeSize":${found?.size ?? 0},"proofs":${linesOf(true)},"waiting":${linesOf(false)}}\n`;
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
 * @throws DomainError `record-differs-from-log` when the log holds another event in place of one of these; what `proofsOf` throws: a pack with a proof that does not hold is not given out
 */
export const createEvidence = (ports: EvidencePorts) => async (events: readonly RecordedBatchEvent[], people: readonly Recorded<unknown>[]): Promise<readonly PackFile[]> => {
  const { store, key, verifier } = ports;
  const logKey = await key();
  const receipts = events.map(receiptOf);
  const all = [...receipts, ...people.map(receiptOf)];
  const found = await proofsOf(store, all.map(({ leafHash }) => leafHash), { origin: logKey.name, logKeys: [logKey], witnessKeys: [], quorum: 0 });
  await requireOnItsWay(ports, all.filter((_, i) => found?.proofs[i] === undefined));
  return [
    ...(found === undefined ? [] : [fileOf('checkpoint', found.checkpoint)]),
    fileOf('log-key.txt', `${formatVerifierKey(logKey)}\n`), fileOf('proofs.json', proofsJson(receipts, found)),
    fileOf('people.json', peopleJson(people, found, receipts.length)), { path: 'verify.mjs', body: verifier() },
  ];
};
