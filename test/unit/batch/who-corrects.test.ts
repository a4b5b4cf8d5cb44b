import { describe, expect, it } from 'vitest';
import { correctValue } from '../../../shared/batch/commands/value.ts';
import type { ValueOrigin } from '../../../shared/batch/events.ts';
import type { MasterBatchRecordContent } from '../../../shared/master-batch-record/model.ts';
import { cultured, SOON } from '../../support/batch-execution.ts';
import { CONTENT, NOW, TestBatch, context, signature } from '../../support/batch-fixtures.ts';
import { codeOf } from '../../support/error-code.ts';

const correct = (test: TestBatch, person: Parameters<typeof context>[0] = {}) =>
  codeOf(() => correctValue(test.batch, { phaseId: 'culture', valueId: 'viability', value: 91, reason: 'misread', deviationId: 'D' }, signature('op-1', 'responsibility'), context(person)));

describe('a correction', () => {
  it('is for a person who could have recorded the value: of the role of its phase, and trained now', () => {
    expect([correct(cultured()), correct(cultured(), { trainingValidUntilEpochMs: { aseptic: NOW - 1 } }), correct(cultured(), { roles: ['quality-reviewer'] })]).toEqual([undefined, 'training-lapsed', 'role-missing']);
  });
  it('of what telemetry said is refused: nobody types it', () => {
    const content: MasterBatchRecordContent = { ...CONTENT, procedure: CONTENT.procedure.map((unit) => ({ ...unit, operations: unit.operations.map((operation) => ({ ...operation, phases: operation.phases.map((phase) => ({
      ...phase, values: phase.values.map((value) => (value.id === 'viability' ? { ...value, source: { kind: 'telemetry', metric: 'Temperature', statistic: 'mean' } as const } : value)),
    })) })) })) };
    const origin: ValueOrigin = { kind: 'telemetry', metric: 'Temperature', statistic: 'mean', from: SOON, to: SOON, sampleCount: 1, samplesHash: 'a' };
    const test = new TestBatch(content).do(() => [{ type: 'batch-started' }, { type: 'phase-started', phaseId: 'culture' }, { type: 'value-recorded', phaseId: 'culture', valueId: 'viability', value: 90, unit: '%', origin }]);
    expect(correct(test)).toBe('value-wrong-type');
  });
});
