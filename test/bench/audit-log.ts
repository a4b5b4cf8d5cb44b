import { createHash, hash } from 'node:crypto';
import { hexOf, leafHashOf, nodeHashOf } from '../../shared/audit-log/hash.ts';
import type { LogStore } from '../../shared/audit-log/log-store.ts';
import { integrate } from '../../shared/audit-log/log-writer.ts';
import { publishCheckpoint } from '../../shared/audit-log/publish.ts';
import { proofOf } from '../../shared/audit-log/receipt.ts';
import { SIGNATURE_TYPE } from '../../shared/audit-log/verifier-key.ts';
import { verifyInclusion } from '../../shared/audit-log/verify-proof.ts';
import { addCheckpoint } from '../../shared/audit-log/witness.ts';
import type { Witness } from '../../shared/audit-log/witness-client.ts';
import { LogStorage } from '../unit/audit-log/memory-log-store.ts';
import { keyPairOf, seedOf } from '../unit/audit-log/reference.ts';
import { percentile, row, type Row } from './row.ts';

const MILLION = 1_000_000;
const BATCH = 10_000;
/** Of a recorded event. */
const ENTRY_BYTES = 500;
const PROOFS = 400;
const PROOF_BYTES = 4096;
const TILES_A_LEVEL = 3;
/** Those of a quorum of five: the control site and four other hospitals. */
const WITNESSES = 5;
const ROUNDS = 60;
const THOUSAND = 1024;
const TILE = 256;
const GROWTH_BATCH = 1000;
const HASHES = 200_000;

const seconds = (start: bigint): number => Number(process.hrtime.bigint() - start) / 1e9;

const entriesFrom = (first: number, count: number): Uint8Array[] => Array.from({ length: count }, (_, i) => {
  const entry = Buffer.alloc(ENTRY_BYTES, 0x20);
  entry.write(String(first + i));
  return entry;
});

/** Best of several runs, in calls a second. */
const rate = (run: () => void): number => Math.max(...Array.from({ length: 5 }, () => {
  const start = process.hrtime.bigint();
  for (let i = 0; i < HASHES; i += 1) run();
  return HASHES / seconds(start);
}));

/** Time of what the store does, to be taken off: the rest is the log's own. */
const timed = (store: LogStore): { store: LogStore; spent: () => number } => {
  let total = 0;
  const clock = <Args extends readonly unknown[], Out>(run: (...args: Args) => Out) => (...args: Args): Out => {
    const start = process.hrtime.bigint();
    try {
      return run(...args);
    } finally {
      total += seconds(start);
    }
  };
  return { spent: () => total, store: { ...store, findLeaves: clock(store.findLeaves), indexLeaves: clock(store.indexLeaves), putTile: clock(store.putTile), getObject: clock(store.getObject) } };
};

/** Seconds an entry takes to integrate, of each of several batches; what the store spends is not counted. */
const costsOf = async (storage: LogStorage, first: number, batches: number, size: number): Promise<readonly number[]> => {
  const costs: number[] = [];
  for (let batch = 0; batch < batches; batch += 1) {
    const entries = entriesFrom(first + batch * size, size);
    const { store, spent } = timed(storage.open());
    const start = process.hrtime.bigint();
    await integrate(store, entries);
    costs.push((seconds(start) - spent()) / size);
  }
  return costs;
};

/** The best tenth: what the code costs when nothing else wants the core. */
const best = (costs: readonly number[]): number => percentile(costs, 0.1);

/** Tiles of each level that are read, counted at the store. */
const counted = (store: LogStore): Readonly<{ store: LogStore; read: Map<string, number> }> => {
  const read = new Map<string, number>();
  return { read, store: { ...store, getObject: (path) => {
    const level = path.split('/')[1] ?? '';
    if (path.startsWith('tile/')) read.set(level, (read.get(level) ?? 0) + 1);
    return store.getObject(path);
  } } };
};

type KeyPair = ReturnType<typeof keyPairOf>;

/** A witness at another site, which sees this log for the first time. */
const witnessOf = (name: string, log: KeyPair): Witness => {
  const { key, signer } = keyPairOf(`bedside.network/witness/${name}`, SIGNATURE_TYPE.cosignature, seedOf(name));
  return { key, addCheckpoint: (body) => addCheckpoint(body, { signer, logKeysOf: () => [log.key], readState: () => Promise.resolve(undefined), nowSeconds: () => Math.ceil(Date.now() / 1000), moveState: () => Promise.resolve(true) }) };
};

const measureProofs = async (storage: LogStorage): Promise<readonly Row[]> => {
  const log = keyPairOf('bedside.network/north', SIGNATURE_TYPE.ed25519, seedOf('north'));
  const witnesses = Array.from({ length: WITNESSES }, (_, i) => witnessOf(`site-${i}`, log));
  await publishCheckpoint(storage.open(), { ...log, witnesses, quorum: WITNESSES });
  const { size, root } = storage.head;
  const trust = { origin: log.key.name, logKeys: [log.key], witnessKeys: witnesses.map(({ key }) => key), quorum: WITNESSES };
  const millis: number[] = [];
  let bytes = 0, tiles = 0;
  for (let i = 0; i < PROOFS; i += 1) {
    const index = Math.floor((i + 0.5) * size / PROOFS);
    const [leaf = new Uint8Array()] = entriesFrom(index, 1).map(leafHashOf);
    const { store, read } = counted(storage.open());
    const start = process.hrtime.bigint();
    const proof = await proofOf(store, hexOf(leaf), trust);
    millis.push(seconds(start) * 1000);
    if (!verifyInclusion({ leafHash: leaf, index, size, root: Buffer.from(root, 'hex') }, proof.inclusionProof.map((each) => Buffer.from(each, 'base64')))) throw new Error(`proof of entry ${index} does not verify`);
    bytes = Math.max(bytes, Buffer.byteLength(JSON.stringify(proof)));
    tiles = Math.max(tiles, ...read.values());
  }
  if (bytes > PROOF_BYTES) throw new Error(`got a proof of ${bytes} B with ${WITNESSES} cosignatures, want at most ${PROOF_BYTES}`);
  if (tiles > TILES_A_LEVEL) throw new Error(`got ${tiles} tiles of one level for a proof, want at most ${TILES_A_LEVEL}`);
  return [
    row('audit log: inclusion proof of a million, median', percentile(millis, 0.5), 'ms', 5, 'target, at most'),
    row(`audit log: inclusion proof of a million with ${WITNESSES} cosignatures, as JSON`, bytes, 'B', PROOF_BYTES, 'target, at most'),
    row('audit log: tiles read a level for a proof, counted at the store', tiles, 'tiles', TILES_A_LEVEL, 'target, at most'),
  ];
};

/**
 * Cost of an entry at a million beside that at a thousand, in pairs: each of the same batch, on a log whose right edge is as wide, so that both have as much of it to read and write again; which
 * is first changes, and the ratio is the median of the pairs', so that what else the machine does falls out.
 */
const measureGrowth = async (large: LogStorage): Promise<readonly Row[]> => {
  const [thousand, million]: [number[], number[]] = [[], []];
  const smalls: LogStorage[] = [];
  // Made before the first is measured: what making one leaves behind would be cleared away in its own time.
  for (let round = 0; round < ROUNDS; round += 1) {
    const small = new LogStorage();
    smalls.push(small);
    await integrate(small.open(), entriesFrom(0, THOUSAND + (large.head.size + round * GROWTH_BATCH) % TILE));
  }
  for (const [round, small] of smalls.entries()) {
    const { size } = large.head;
    const both = [async () => { thousand.push(...await costsOf(small, size, 1, GROWTH_BATCH)); }, async () => { million.push(...await costsOf(large, size, 1, GROWTH_BATCH)); }];
    for (const measure of round % 2 === 0 ? both : both.toReversed()) await measure();
  }
  const ratio = percentile(million.map((cost, i) => cost / (thousand[i] ?? Number.NaN)), 0.5);
  return [
    row('audit log: cost of an entry at a million, median', percentile(million, 0.5) * 1e6, 'us', percentile(thousand, 0.5) * 1e6, 'cost at a thousand, median'),
    row('audit log: growth, median of pairs', ratio, '1', 1.2, 'limit, at most'),
  ];
};

/** Speed of the transparency log on one core, the store's own time taken off, beside SHA-256 in the same run. */
export const measureAuditLog = async (): Promise<readonly Row[]> => {
  const [left, right, entry] = [seedOf('left'), seedOf('right'), entriesFrom(0, 1)[0] ?? new Uint8Array()];
  const node = Buffer.concat([Uint8Array.of(1), left, right]);
  const plain = rate(() => createHash('sha256').update(node).digest());
  const oneShot = rate(() => hash('sha256', node, 'hex'));
  const leaf = rate(() => leafHashOf(entry));
  const ours = rate(() => nodeHashOf(left, right));
  const large = new LogStorage();
  const speed = 1 / best(await costsOf(large, 0, MILLION / BATCH, BATCH));
  return [
    row('audit log: hash of a node', ours, 'nodes/s', oneShot, 'SHA-256 of 65 bytes by crypto.hash, to hex'),
    row('audit log: hash of a node', ours, 'nodes/s', plain, 'SHA-256 of 65 bytes by createHash'),
    row('audit log: append and integrate', speed, 'leaves/s', 100_000, 'target, at least'),
    row('audit log: append and integrate', speed, 'leaves/s', leaf, `plain SHA-256 of ${ENTRY_BYTES} bytes`),
    ...await measureGrowth(large),
    ...await measureProofs(large),
  ];
};
