import { describe, expect, it } from 'vitest';
import { entryOf } from '../../../shared/audit-log/receipt.ts';
import type { BatchEvent } from '../../../shared/batch/events.ts';
import { contentHashOf } from '../../../shared/master-batch-record/life-cycle.ts';
import type { MasterBatchRecordContent } from '../../../shared/master-batch-record/model.ts';
import { MOST_CONTENT_BYTES, parseMasterBatchRecord } from '../../../shared/master-batch-record/schema.ts';
import { canonicalJson } from '../../../shared/record/canonical-json.ts';
import { GENESIS_HASH } from '../../../shared/record/envelope.ts';
import { CONTENT } from '../../support/batch-fixtures.ts';

/** CONTENT with as many longer instructions as make it that large. */
const ofSize = (bytes: number): MasterBatchRecordContent => {
  const base = { ...CONTENT, materials: [...CONTENT.materials] };
  const spare = (content: MasterBatchRecordContent): number => bytes - Buffer.byteLength(canonicalJson(content));
  for (let i = 0; spare(base) > 4000; i += 1) base.materials.push({ id: `filler-${i}`, title: 'x'.repeat(Math.min(3800, spare(base) - 200)), kind: 'consumable', unit: 'piece' });
  return { ...base, source: base.source + 'x'.repeat(spare(base)) };
};

describe('the size of a master batch record', () => {
  it('is at most what a batch can begin with: the largest fits an entry of the log, whoever creates the batch', () => {
    const content = parseMasterBatchRecord(ofSize(MOST_CONTENT_BYTES));
    const longest = 'm'.repeat(64);
    const event: BatchEvent = { type: 'batch-created', batchId: longest, nodeId: longest, productId: longest, chainOfIdentityId: longest, recipe: { masterBatchRecordId: longest, masterBatchRecordVersion: 999, contentHash: contentHashOf(content), content } };
    const actor = { kind: 'person', id: 'p'.repeat(200), printedName: '\u00e9'.repeat(500), roles: ['operator'] } as never;
    expect(entryOf({ stream: { kind: 'batch', id: longest }, version: 1, recordedAt: '2026-01-01T00:00:00.000Z', deviceTime: '2026-01-01T00:00:00.000Z', actor, event, previousHash: GENESIS_HASH, hash: GENESIS_HASH }).length).toBeGreaterThan(MOST_CONTENT_BYTES);
  });
  it('is refused above it when it is drafted, and not when a batch is made', () => {
    expect(() => parseMasterBatchRecord(ofSize(MOST_CONTENT_BYTES + 1))).toThrow(/content: got 60001 bytes, want at most 60000/);
  });
});
