import { describe, expect, it } from 'vitest';
import { tableOfResults } from '../../../scripts/federated/test-report.ts';
import { chemicalResult } from '../../support/chemical.ts';

describe.each(['forest', 'boosting'] as const)('real production batches, quarters of the order in time as sites: %s', (method) => {
  const [random, time] = [chemicalResult('random', method), chemicalResult('time', method)];
  process.stdout.write(`chemical manufacturing, ${method}\n${tableOfResults([{ ...random, name: 'at random' }, { ...time, name: 'last quarter' }])}\n`);
  it('are told apart when batches are held out at random: AUC above 0.8', () => { expect(random.auc.value).toBeGreaterThan(0.8); });
  it('are harder to tell when the last quarter is held out: a figure from random splits promises too much', () => { expect(time.auc.value).toBeLessThan(random.auc.value); });
});
