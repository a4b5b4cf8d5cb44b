import type { Coverage } from '../../shared/audit/coverage.ts';
import { signaturesMade } from '../../shared/audit/signers.ts';
import { cosignedAtSeconds } from '../../shared/audit-log/cosignature.ts';
import { hexOf, leafHashOf } from '../../shared/audit-log/hash.ts';
import type { LogStore } from '../../shared/audit-log/log-store.ts';
import { parseNote } from '../../shared/audit-log/note.ts';
import { proofsOf, receiptOf, type ProofsOfInclusion, type Receipt } from '../../shared/audit-log/receipt.ts';
import type { Trust } from '../../shared/audit-log/trust.ts';
import { formatVerifierKey, type VerifierKey } from '../../shared/audit-log/verifier-key.ts';
import { DomainError } from '../../shared/errors.ts';
import { canonicalJson } from '../../shared/record/canonical-json.ts';
import type { Recorded } from '../../shared/record/envelope.ts';
import type { PersonEvent as Person } from '../../shared/registers/person.ts';
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

type PersonEvent = Readonly<{ event: Recorded<Person>; proof: ProofsOfInclusion['proofs'][number] }>;

const fileOf = (path: string, text: string): PackFile => ({ path, body: new TextEncoder().encode(text) });

/** What the log holds in place of an event that was replaced in the record: the entry itself, with its proof. */
type Replaced = Readonly<{ version: number; leafHash: string; index: number; inclusionProof: readonly string[]; entry: string }>;

/** One proof a line; what is without one is named too. */
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

/** @param all events of the batch; @param shown as many of them as the pack has */
const coverageOf = ({ checkpoint, size, proofs }: ProofsOfInclusion, all: number, shown: number): Coverage => {
  const seconds = parseNote(Buffer.from(checkpoint)).signatures.map(({ signature }) => cosignedAtSeconds(signature)).filter((time) => time !== undefined);
  return {
    treeSize: size, ...(seconds.length === 0 ? {} : { cosignedAt: new Date(Math.max(...seconds) * 1000).toISOString() }),
    laterEvents: all - shown, unprovenEvents: proofs.slice(0, shown).filter((proof) => proof === undefined).length,
  };
};

/** Events of people, each in the bytes of its entry, with its place and its proof; without the two where the log does not prove it. */
const peopleJson = (people: readonly PersonEvent[], found: ProofsOfInclusion | undefined): string => {
  const lines = people.map(({ event, proof }) => `{${proof === undefined ? '' : `"index":${proof.index},"inclusionProof":${JSON.stringify(proof.inclusionProof)},`}"event":${canonicalJson(event)}}`);
  return `{"formatVersion":1,"treeSize":${found?.size ?? 0},"events":[\n${lines.join(',\n')}${lines.length === 0 ? '' : '\n'}]}\n`;
};

/** Each person's record to the last event under the checkpoint, of those who signed what is shown. */
const peopleShown = (people: readonly Recorded<Person>[], proofs: ProofsOfInclusion['proofs'], events: readonly RecordedBatchEvent[]): readonly PersonEvent[] => {
  const signers = new Set(signaturesMade(events).map(({ signature }) => signature.signerId));
  const all = people.map((event, i): PersonEvent => ({ event, proof: proofs[i] }));
  return [...Map.groupBy(all, ({ event }) => event.stream.id)].flatMap(([id, own]) => (signers.has(id) ? own.slice(0, 1 + own.findLastIndex(({ proof }) => proof !== undefined)) : []));
};

const notPublished = (batchId: string): DomainError =>
  new DomainError('record-not-published', `no published checkpoint of the log covers an event of batch ${batchId} yet, so nothing of it can be proven. Ask again in a minute; if this lasts longer, ask the people who run this node why checkpoints wait (runbook: checkpoints-waiting, log-behind)`, { batchId });

/** Which versions the log holds otherwise than the record: replaced, or not there and not on their way. Each rings the alarm of evidence that does not verify. */
const differing = async (ports: EvidencePorts, unproven: readonly Receipt[], replaced: readonly Replaced[]): Promise<ReadonlySet<number>> =>
  new Set([...replaced, ...await tellDifferences(ports, unproven)].map(({ version }) => version));

/** A pack's part of the record, what the log says of it, and the files that prove it. `coverage` is absent before there is a checkpoint. */
export type Evidence = Readonly<{ events: readonly RecordedBatchEvent[]; people: readonly Recorded<Person>[]; coverage?: Coverage; files: readonly PackFile[] }>;

/**
 * What proves, on a machine without a network, that the events of a batch are those the log holds: its checkpoint, its key, a proof for each event
 * under that one checkpoint, the same for the own records of its signers, and the program that checks them.
 *
 * The record goes up to the last event that the checkpoint covers; what is on its way to the log is in a later pack. An event that the log holds another for, or that is not on its way, is never left out:
 * it is in the pack as the record has it, with the log's own entry, and rings the alarm of evidence that does not verify.
 *
 * @param people events of the signers' own records, whole and person by person
 * @throws DomainError `record-not-published` when all of the batch is on its way to the log; `record-differs-from-log` when the log holds another event in place of one of a signer;
 *   what `proofsOf` throws: a pack with a proof that does not hold is not given out
 */
export const createEvidence = (ports: EvidencePorts) => async (all: readonly RecordedBatchEvent[], people: readonly Recorded<Person>[]): Promise<Evidence> => {
  const { store, key, verifier } = ports;
  const logKey = await key();
  const trust: Trust = { origin: logKey.name, logKeys: [logKey], witnessKeys: [], quorum: 0 };
  const [receipts, own] = [all.map(receiptOf), people.map(receiptOf)];
  const found = await proofsOf(store, [...receipts, ...own].map(({ leafHash }) => leafHash), trust);
  const [proofs, ownProofs] = [found?.proofs.slice(0, all.length) ?? [], found?.proofs.slice(all.length) ?? []];
  await requireOnItsWay(ports, own.filter((_, i) => ownProofs[i] === undefined));
  const replaced = await replacedOf(store, all, found, trust);
  const damaged = await differing(ports, receipts.filter((_, i) => proofs[i] === undefined), replaced);
  const events = all.slice(0, 1 + all.findLastIndex(({ version }, i) => proofs[i] !== undefined || damaged.has(version)));
  if (events.length === 0) throw notPublished(all[0]?.stream.id ?? '');
  const shown = peopleShown(people, ownProofs, events);
  return {
    events, people: shown.map(({ event }) => event), ...(found === undefined ? {} : { coverage: coverageOf(found, all.length, events.length) }),
    files: [
      ...(found === undefined ? [] : [fileOf('checkpoint', found.checkpoint)]),
      fileOf('log-key.txt', `${formatVerifierKey(logKey)}\n`), fileOf('proofs.json', proofsJson(receipts.slice(0, events.length), found, replaced)),
      fileOf('people.json', peopleJson(shown, found)), { path: 'verify.mjs', body: verifier() },
    ],
  };
};
