import { describe, expect, it } from 'vitest';
import { startBatch } from '../../../shared/batch/commands/life.ts';
import { TestBatch } from '../../support/batch-fixtures.ts';
import { codeOf } from '../../support/error-code.ts';

describe('a batch starts', () => {
  const { batch } = new TestBatch();
  it.each([
    ['under the revision that is effective', batch.recipe, undefined], ['not once a later revision is', { ...batch.recipe, masterBatchRecordVersion: 2 }, 'master-batch-record-not-effective'],
    ['not once another record of the product is', { ...batch.recipe, masterBatchRecordId: 'other' }, 'master-batch-record-not-effective'], ['not under another text of the same number', { ...batch.recipe, contentHash: 'f' }, 'master-batch-record-not-effective'],
    ['not where none is', undefined, 'master-batch-record-not-effective'],
  ] as const)('%s', (_, effective, code) => { expect(codeOf(() => startBatch(batch, effective))).toBe(code); });
});
