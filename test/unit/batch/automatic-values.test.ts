import { describe, expect, it } from 'vitest';
import { completePhase, signPhase } from '../../../shared/batch/commands/phase.ts';
import { recordValue } from '../../../shared/batch/commands/value.ts';
import type { MasterBatchRecordContent } from '../../../shared/master-batch-record/model.ts';
import { CONTENT, NOW, TestBatch, context, signature } from '../../support/batch-fixtures.ts';
import { codeOf } from '../../support/error-code.ts';

const HOUR_MS = 3_600_000;
const at = (epochMs: number): string => new Date(epochMs).toISOString();
/** A culture that wants one value, read from telemetry. */
const content: MasterBatchRecordContent = { ...CONTENT, procedure: CONTENT.procedure.map((unit) => ({ ...unit, operations: unit.operations.map((operation) => ({ ...operation, phases: operation.phases.map((phase) => ({
  ...phase, equipmentClassIds: [], materials: [], values: phase.values.filter(({ id }) => id === 'viability').map((value) => ({ ...value, source: { kind: 'telemetry', metric: 'Temperature', statistic: 'mean' } as const })),
})) })) })) };
const trained = (hours: number) => context({ trainingValidUntilEpochMs: { aseptic: NOW + 1000 * HOUR_MS } }, NOW + hours * HOUR_MS);
const read = (test: TestBatch, hours: number, value = 90) => {
  test.nowEpochMs = NOW + hours * HOUR_MS;
  return test.do((b) => recordValue(b, { phaseId: 'culture', valueId: 'viability', value, deviationId: `DEV-${hours}`, origin: { kind: 'telemetry', metric: 'Temperature', statistic: 'mean', from: at(NOW), to: at(NOW + hours * HOUR_MS), sampleCount: 9, samplesHash: 'a' } }, trained(hours)));
};
const culture = () => new TestBatch(content).do(() => [{ type: 'batch-started' }, { type: 'phase-started', phaseId: 'culture' }]);
const sign = (test: TestBatch, hours: number, person = 'op-1', meaning: 'performed' | 'verified' = 'performed') => signPhase(test.batch, 'culture', signature(person, meaning), trained(hours));

describe('a value read from telemetry', () => {
  it('covers the phase to its end: one of the first day is neither signed nor completed on the ninth', () => {
    const test = read(culture(), 24);
    expect([codeOf(() => sign(test, 25)), codeOf(() => sign(test, 25.001)), codeOf(() => sign(test, 216))]).toEqual([undefined, 'phase-incomplete', 'phase-incomplete']);
    test.do(() => sign(test, 24)).do(() => sign(test, 24, 'op-2', 'verified'));
    expect([codeOf(() => completePhase(test.batch, 'culture', trained(24))), codeOf(() => completePhase(test.batch, 'culture', trained(216)))]).toEqual([undefined, 'phase-incomplete']);
  });
  it('is read again at the end, which voids the signatures given before', () => {
    const early = read(culture(), 24);
    const test = read(early.do(() => sign(early, 24)), 216, 91);
    expect(test.batch.phases['culture']).toMatchObject({ signatures: [], values: { viability: { value: 91, origin: { to: at(NOW + 216 * HOUR_MS) }, firstRecordedAt: at(NOW + 24 * HOUR_MS), correctionCount: 0 } } });
    expect(codeOf(() => sign(test, 216))).toBeUndefined();
  });
  it('out of limits raises a deviation each time it is read', () => { expect(Object.keys(read(read(culture(), 24, 60), 216, 61).batch.deviations)).toEqual(['DEV-24', 'DEV-216']); });
});
