import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addMaterial } from '../../../shared/batch/commands/material.ts';
import { completePhase, signPhase } from '../../../shared/batch/commands/phase.ts';
import { cells, culturing, lot, material, receiving } from '../../support/batch-execution.ts';
import { context, signature, TestBatch } from '../../support/batch-fixtures.ts';
import { codeOf } from '../../support/error-code.ts';

const plenty = { ...cells, quantity: 100_000 };
const add = (test: TestBatch, quantity: number, held = plenty) => addMaterial(test.batch, { ...material('receipt', held), quantity }, context());
const taking = (...quantities: readonly number[]): TestBatch => quantities.reduce((test, quantity) => test.do(() => add(test, quantity)), receiving());

describe('what a phase takes of a material', () => {
  it('is counted together: a second scan of 400 mL where 500 mL are allowed is refused', () => { expect(codeOf(() => add(taking(400), 400))).toBe('value-out-of-limits'); });
  it('may come in several scans, to the very limit', () => {
    const test = taking(400, 100);
    expect(test.batch.phases['receipt']?.materials.map(({ quantity }) => quantity)).toEqual([400, 100]);
    expect(codeOf(() => add(test, 0.001))).toBe('value-out-of-limits');
  });
  it('is not refused for the way sums of fractions are kept', () => { expect(codeOf(() => add(taking(0.1, 0.2, 499.6), 0.1))).toBeUndefined(); });
  it('is enough, or the phase can be neither signed nor completed', () => {
    const sign = (test: TestBatch) => codeOf(() => signPhase(test.batch, 'receipt', signature('op-1', 'performed'), context()));
    const complete = (test: TestBatch) => { try { completePhase(test.batch, 'receipt', context()); return ''; } catch (error) { return (error as Error).message; } };
    expect(sign(taking(0.4, 0.5))).toBe('phase-incomplete');
    expect(complete(taking(0.4, 0.5))).toContain('material cells: got 0.9 mL, want at least 1 mL');
    expect(complete(taking(0.4, 0.6))).not.toContain('cells');
  });
  it('stays within the limits however it is divided', () => {
    fc.assert(fc.property(fc.array(fc.double({ min: 0.001, max: 400, noNaN: true }), { maxLength: 12 }), (quantities) => {
      const test = receiving();
      for (const quantity of quantities) if (codeOf(() => add(test, quantity)) === undefined) test.do(() => add(test, quantity));
      expect((test.batch.phases['receipt']?.materials ?? []).reduce((sum, { quantity }) => sum + quantity, 0)).toBeLessThanOrEqual(500.0001);
    }), { numRuns: 50 });
  });
});

describe('a lot', () => {
  it('gives no more than it has', () => {
    const test = culturing();
    const take = (quantity: number) => codeOf(() => addMaterial(test.batch, { ...material('culture', lot()), quantity }, context()));
    expect([take(90), take(90.001)]).toEqual([undefined, 'material-exhausted']);
  });
  it('of the patient has what it has at each place it is scanned', () => {
    expect([codeOf(() => add(receiving(), 100, cells)), codeOf(() => add(receiving(), 101, cells))]).toEqual([undefined, 'material-exhausted']);
  });
});
