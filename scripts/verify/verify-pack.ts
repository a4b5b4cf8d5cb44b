import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { checkCosignatures, checkCosignatureTimes, checkLogSignature, cosignedAt, seenAt, type Cosignature } from './check-signatures.ts';
import { chunksIn, type ChunkStore, type NoChunks } from './chunk-store.ts';
import { CHECKPOINT, readCheckpoint, type Checkpoint } from './checkpoint.ts';
import { Findings } from './damage.ts';
import { EventChecker } from './event-checker.ts';
import { rootOfPath } from './inclusion.ts';
import { KeyError, LOG_ALGORITHM, parseVerifierKey, type VerifierKey } from './keys.ts';
import { Order } from './order.ts';
import { PEOPLE, checkPeople, readPackPeople, type PersonEvent } from './pack-people.ts';
import { PackStanding } from './pack-standing.ts';
import { Unproven } from './pack-unproven.ts';
import { PROOFS, readPackProofs, type PackProofs, type Proof } from './pack-proofs.ts';
import { RECORD, readPackRecord, type PackEvent, type PackRecord } from './pack-record.ts';
import { checkSums } from './pack-sums.ts';
import { NOTHING, damagesOf, type Result } from './result.ts';
import type { Progress } from './progress.ts';
import type { Source } from './source.ts';

export type PackRequest = Readonly<{ source: Source; key?: VerifierKey; witnesses: readonly VerifierKey[]; quorum: number; nowEpochMs: number; /** Where chunks are, when not in the folder `chunks` of the pack. */ chunks?: ChunkStore | NoChunks; progress: Progress }>;

const LOG_KEY = 'log-key.txt';
const WITHOUT = 'is missing: without it nothing tells what the log holds of this batch';

/** Whether a folder holds an inspection pack; one of the two files may have been taken away. */
export const isPack = (folder: string): boolean => [RECORD, PROOFS].some((file) => existsSync(join(folder, file)));

/** The key that came with the pack: good enough to find damage, not to say who wrote the log. */
const readOwnKey = async (source: Source, given: VerifierKey | undefined, findings: Findings): Promise<VerifierKey | undefined> => {
  const bytes = await source.read(LOG_KEY);
  if (bytes === undefined) {
    findings.notice(`there is no ${LOG_KEY}${given === undefined ? ', and no --key was given: the signature of the checkpoint was not compared' : ''}`);
    return undefined;
  }
  try {
    const own = parseVerifierKey(bytes.toString('utf8').replace(/\n$/, ''), LOG_ALGORITHM);
    if (given !== undefined && !(own.name === given.name && own.publicKey.equals(given.publicKey))) findings.damage({ file: LOG_KEY, message: `holds the key ${own.id} of ${own.name}, the key given with --key is ${given.id} of ${given.name}` });
    return own;
  } catch (error) {
    if (!(error instanceof KeyError)) throw error;
    findings.damage({ file: LOG_KEY, message: `can not be read: ${error.message}` });
    return undefined;
  }
};

/** Whether the log holds this very event, by its proof; what does not fit is laid at the door of the event or of the proof. */
const checkProof = ({ batch, leafHash }: PackEvent, { index, leafHash: claimed, path }: Proof, { size, root }: Checkpoint, findings: Findings): boolean => {
  const leadsToRoot = (leaf: Buffer): boolean => rootOfPath(leaf, index, size, path)?.equals(root) === true;
  if (leadsToRoot(leafHash)) {
    if (!claimed.equals(leafHash)) findings.damage({ file: PROOFS, batch, message: `says the leaf hash is ${claimed.toString('hex')}, the event gives ${leafHash.toString('hex')}` });
    return true;
  }
  if (leadsToRoot(claimed)) findings.damage({ file: RECORD, batch, message: `is not the event the log holds as its entry ${index}: the log has the leaf ${claimed.toString('hex')}, this event gives ${leafHash.toString('hex')}` });
  else findings.damage({ file: PROOFS, batch, message: `its proof does not lead from entry ${index} to the root of the checkpoint` });
  return false;
};

/** Proofs of what the record does not hold. */
const checkLeftovers = ({ events }: PackRecord, { batchId, proofs, waiting, replaced }: PackProofs, findings: Findings): void => {
  const versions = new Set(events.map(({ batch }) => batch.version));
  for (const version of [...proofs.keys(), ...waiting.keys(), ...replaced.keys()]) {
    const batch = { kind: 'batch', id: batchId, version };
    if (!versions.has(version)) findings.damage({ file: RECORD, batch, message: `is not in the record, and yet ${PROOFS} names it: the event was removed` });
    if (proofs.has(version) && waiting.has(version)) findings.damage({ file: PROOFS, batch, message: 'has a proof, and is said to wait for one' });
  }
};

/** @returns the events the checkpoint proves */
const checkProofs = (record: PackRecord, proofs: PackProofs, checkpoint: Checkpoint, seenMs: number | undefined, findings: Findings): readonly PackEvent[] => {
  const { batchId, treeSize } = proofs;
  if (record.head !== undefined && batchId !== record.head.batchId) findings.damage({ file: PROOFS, message: `is of batch ${batchId}, the record is of batch ${record.head.batchId}` });
  if (treeSize !== checkpoint.size) findings.damage({ file: PROOFS, message: `is of a tree of ${treeSize} entries, the checkpoint covers ${checkpoint.size}` });
  let before = -1;
  const unproven = new Unproven(record, proofs, checkpoint, seenMs, findings);
  const proven = record.events.filter((event) => {
    const proof = proofs.proofs.get(event.batch.version);
    if (proof === undefined) {
      unproven.report(event);
      return false;
    }
    if (proof.index <= before) findings.damage({ file: PROOFS, batch: event.batch, message: `is entry ${proof.index} of the log, and follows an event that is entry ${before}` });
    before = proof.index;
    return checkProof(event, proof, checkpoint, findings);
  });
  checkLeftovers(record, proofs, findings);
  return proven;
};

const readPart = async <Part>(source: Source, file: string, missing: string, read: (bytes: Buffer) => Part, findings: Findings): Promise<Part | undefined> => {
  const bytes = await source.read(file);
  if (bytes !== undefined) return read(bytes);
  findings.damage({ file, message: missing });
  return undefined;
};

const newestOf = (events: readonly Pick<PackEvent, 'entry'>[]): string => events.reduce((newest, { entry }) => (entry !== undefined && entry.recordedAt > newest ? entry.recordedAt : newest), '');

type Checks = Readonly<{ checker: EventChecker; standing: PackStanding; checkpoint: Checkpoint | undefined; cosignatures: readonly Cosignature[]; findings: Findings }>;
type Signed = Readonly<{ checkpoint?: Checkpoint; isSignatureGood: boolean; cosignatures: readonly Cosignature[] }>;

/** The checkpoint and who signed it; without a key given, whether it fits the one that came with the pack. */
const checkSigned = async ({ source, key, witnesses, quorum, nowEpochMs }: PackRequest, findings: Findings): Promise<Signed> => {
  const own = await readOwnKey(source, key, findings);
  const checkpoint = await readCheckpoint(source, findings);
  if (checkpoint === undefined) return { isSignatureGood: false, cosignatures: [] };
  const trusted = key ?? own;
  const isMatching = trusted !== undefined && checkLogSignature(CHECKPOINT, checkpoint, trusted, findings);
  return { checkpoint, isSignatureGood: key !== undefined && isMatching, cosignatures: checkCosignatures(checkpoint, { witnesses, quorum, nowEpochSeconds: Math.floor(nowEpochMs / 1000) }, findings) };
};

const remark = (last: PackEvent | undefined, findings: Findings): void => {
  if (last !== undefined) findings.notice(`the pack ends with version ${last.batch.version}${last.entry === undefined ? '' : `, recorded at ${last.entry.recordedAt}`}; whether the batch went on since, the log or a later pack can say`);
  findings.notice(`the log proves ${RECORD} and ${PEOPLE}; of the other files only the sums were compared`);
};

/** The records of the signers, and whether the signers might sign. @returns the events of people that the checkpoint proves */
const checkStanding = async ({ source, nowEpochMs }: PackRequest, { checker, standing, checkpoint, cosignatures, findings }: Checks, proven: readonly PackEvent[], proofs: PackProofs | undefined): Promise<readonly PersonEvent[]> => {
  const read = await readPart(source, PEOPLE, standing.whatIsLost, (bytes) => readPackPeople(bytes, checker, findings), findings);
  const people = read === undefined || checkpoint === undefined ? [] : checkPeople(read, checkpoint, findings);
  standing.weigh({ batch: proven, proofs: proofs?.proofs ?? new Map(), people }, read?.events, new Order(seenAt(nowEpochMs, cosignatures)));
  return people;
};

/** Verify an inspection pack: one batch, whole, against the log's signed checkpoint. Damage never ends it early. */
export const verifyPack = async (request: PackRequest): Promise<Result> => {
  const { source } = request;
  const findings = new Findings();
  await checkSums(source, findings);
  const signed = await checkSigned(request, findings);

  const standing = new PackStanding(findings);
  const checker = new EventChecker(request.chunks ?? chunksIn(source) ?? 'elsewhere', findings, undefined, standing);
  const record = await readPart(source, RECORD, 'is missing: it is what all proofs are of', (bytes) => readPackRecord(bytes, checker, findings), findings);
  const proofs = await readPart(source, PROOFS, WITHOUT, (bytes) => readPackProofs(bytes, findings), findings);
  const proven = record === undefined || proofs === undefined || signed.checkpoint === undefined ? [] : checkProofs(record, proofs, signed.checkpoint, cosignedAt(signed.cosignatures), findings);
  const people = await checkStanding(request, { checker, standing, checkpoint: signed.checkpoint, cosignatures: signed.cosignatures, findings }, proven, proofs);
  if (proven.length > 0) checkCosignatureTimes(signed.cosignatures, newestOf([...proven, ...people]), findings);
  await checker.chunks.compare(request.progress);

  const events = record?.events ?? [], last = events.at(-1);
  remark(last, findings);
  const { streams, signatures, chunks } = checker;
  return {
    ...NOTHING, ...damagesOf(findings), ...signed, entries: events.length, streams: streams.count, batches: Math.min(1, streams.count), signatures: signatures.checked,
    chunksNamed: chunks.named, chunksCompared: chunks.compared, pack: { batchId: record?.head?.batchId ?? proofs?.batchId ?? '?', version: last?.batch.version ?? 0, proven: proven.length },
  };
};
