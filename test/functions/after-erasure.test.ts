import { unzipSync } from 'fflate';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { commitmentOf, isCommitmentTo } from '../../shared/personal-data/commitment.ts';
import type { SealedValue } from '../../shared/personal-data/sealed.ts';
import { proofsOf, receiptOf } from '../../shared/audit-log/receipt.ts';
import { formatVerifierKey } from '../../shared/audit-log/verifier-key.ts';
import { createErasable, entries, eventsOf } from '../support/erasable.ts';
import { advance, registerSigners, type Journey } from '../support/journey.ts';
import type { TestNode } from '../support/node.ts';
import { PEOPLE } from '../support/people.ts';
import { erasure, everythingButPersonalData } from '../support/personal-data.ts';
import { pdfPages } from '../support/pdf-text.ts';
import { sequenced, trustOf, writeLog } from '../support/sequence.ts';
import { runVerify, type Report } from '../support/verify/run.ts';

const { regulator } = PEOPLE;

let node: TestNode;
let released: Journey;
let id: string;
let kept: readonly SealedValue[];

beforeEach(async () => {
  ({ node, released, id } = await createErasable(registerSigners));
  await advance(released, 'released');
  kept = entries(node);
});

describe('after an erasure', () => {
  const YEARS = Array.from({ length: 2027 - 1880 }, (_, i) => 1880 + i);
  let commitment: string;
  let folder: string;
  beforeEach(async () => {
    await sequenced(node);
    folder = mkdtempSync(join(tmpdir(), 'erasure-'));
    writeFileSync(join(folder, 'before'), node.log.objects.objects.get('checkpoint')!);
    commitment = kept.findLast(({ field }) => field === 'yearOfBirth')!.commitment;
    await erasure(node, id).request();
    await erasure(node, id).confirm();
    await sequenced(node);
    writeLog(node, folder);
  });
  afterEach(() => { rmSync(folder, { recursive: true, force: true }); });

  it('a year of birth is guessed by who has its salt, and by nobody without it', () => {
    const salt = Buffer.from(kept.find((each) => each.commitment === commitment)!.salt, 'hex');
    expect(YEARS.filter((year) => isCommitmentTo(commitment, 'yearOfBirth', salt, year))).toEqual([1961]);
    // Everything that is left of it, tried as its salt: every hash and identifier of the record, and what a lazy program would have used.
    const left = new Set([...everythingButPersonalData(node).matchAll(/[0-9a-f]{64}/g)].map(([hex]) => hex));
    const candidates = [...left].slice(0, 400).map((hex) => Buffer.from(hex, 'hex')).concat([Buffer.alloc(32), Buffer.alloc(32, 0xff)]);
    expect(left.has(commitment)).toBe(true);
    expect(left.has(salt.toString('hex'))).toBe(false);
    for (const candidate of candidates) expect(YEARS.filter((year) => commitmentOf('yearOfBirth', candidate, year) === commitment)).toEqual([]);
  });
  it('the whole log verifies offline, extends the checkpoint from before, and holds the erasure', async () => {
    const { code, out } = await runVerify([folder, '--key', formatVerifierKey(node.log.key), '--previous', join(folder, 'before'), '--json'], node.time.epochMs);
    expect([code, (JSON.parse(out) as Report).damages]).toEqual([0, []]);
    const receipts = (await eventsOf(node, released.batchId)).map(receiptOf);
    const found = await proofsOf(node.log.store, receipts.map(({ leafHash }) => leafHash), trustOf(node));
    expect(found!.proofs.map((proof) => proof?.inclusionProof.length ?? 0).filter((length) => length === 0)).toEqual([]);
  });
  it('the inspection pack shows the erased fields as erased, with their commitments, and no value', async () => {
    node.packs.verifier = new Uint8Array();
    const { file } = await node.call(regulator, 'GET /v1/audit/batches/{batchId}/inspection-pack', { path: { batchId: released.batchId } });
    const files = unzipSync(file!);
    const pdf = pdfPages(Buffer.from(files['batch-record.pdf']!)).join('\n').replaceAll(/\s+/g, '');
    for (const said of ['Personaldata', 'ERASED', commitment, 'askedforbythepatient', 'requesttoerasepersonaldata', 'confirmationoftheerasure']) expect(pdf).toContain(said);
    const texts = [pdf, ...['batch-record.json', 'audit-trail.json'].map((name) => Buffer.from(files[name]!).toString('utf8'))];
    for (const text of texts) expect(text).not.toMatch(/H-4711-0815|Novak/i);
    expect(texts[1]).toContain(commitment);
  });
});
