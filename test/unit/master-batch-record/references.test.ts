import { describe, expect, it } from 'vitest';
import { CD19_CAR_T } from '../../../shared/master-batch-record/cd19-car-t/content.ts';
import type { MasterBatchRecordContent, Phase } from '../../../shared/master-batch-record/model.ts';
import { referenceFaults } from '../../../shared/master-batch-record/references.ts';
import { parseMasterBatchRecord } from '../../../shared/master-batch-record/schema.ts';
import { CONTENT } from '../../support/batch-fixtures.ts';

/** CONTENT with each phase changed. */
const withPhases = (change: (phase: Phase) => Partial<Phase>): MasterBatchRecordContent => ({
  ...CONTENT, procedure: CONTENT.procedure.map((unit) => ({ ...unit, operations: unit.operations.map((operation) => ({ ...operation, phases: operation.phases.map((phase) => ({ ...phase, ...change(phase) })) })) })),
});
const only = (id: string, own: Partial<Phase>) => withPhases((phase) => (phase.id === id ? own : {}));
const withTest = (own: object): MasterBatchRecordContent => ({ ...CONTENT, releaseSpecification: [{ ...CONTENT.releaseSpecification[0]!, ...own }] as MasterBatchRecordContent['releaseSpecification'] });
const faultsOf = (content: unknown): readonly unknown[] => {
  try {
    parseMasterBatchRecord(content);
    return [];
  } catch (error) {
    return (error as Readonly<{ facts: Readonly<{ paths: readonly unknown[] }> }>).facts.paths;
  }
};

describe('the patient\'s material', () => {
  it('is in every master batch record', () => {
    const content = { ...withPhases(({ materials }) => ({ materials: materials.filter(({ materialId }) => materialId !== 'cells') })), materials: CONTENT.materials.filter(({ kind }) => kind !== 'patient') };
    expect(referenceFaults(content)).toEqual(['materials: got none of kind \'patient\', want one, whose label is held against the batch']);
  });
  it('is scanned', () => {
    expect(faultsOf(only('receipt', { materials: [] }))).toEqual(['procedure']);
  });
  it('is scanned before anything is added for this patient', () => {
    const late = withPhases(({ id, materials }) => (id === 'receipt' ? { materials: [{ materialId: 'medium' }] } : { materials: id === 'culture' ? [...materials, { materialId: 'cells' }] : materials }));
    expect(faultsOf(late)).toEqual(['procedure.receipt.materials']);
    expect(faultsOf(withPhases(({ id, materials }) => ({ materials: id === 'receipt' ? [] : id === 'culture' ? [...materials, { materialId: 'cells' }] : materials })))).toEqual([]);
  });
  it('may have been scanned far before, in a unit procedure before the one before', () => {
    const [upstream, downstream, control] = CONTENT.procedure;
    const content = { ...CONTENT, procedure: [upstream!, control!, { ...downstream!, after: ['control'], operations: downstream!.operations.map((each) => ({ ...each, phases: each.phases.map((phase) => ({ ...phase, materials: [{ materialId: 'medium' }] })) })) }] };
    expect(faultsOf(content)).toEqual([]);
  });
  it('may follow what is only set up', () => {
    const content = { ...only('filling', { materials: [{ materialId: 'set' }] }), materials: [...CONTENT.materials, { id: 'set', title: 'Tubing set', kind: 'consumable' as const, unit: 'piece' }] };
    expect(faultsOf({ ...content, procedure: content.procedure.map((unit) => (unit.id === 'downstream' ? { ...unit, after: [] } : unit)) })).toEqual([]);
  });
});

describe('a master batch record is refused', () => {
  it.each<readonly [string, MasterBatchRecordContent, string]>([
    ['where nobody signs a phase', only('filling', { signatures: [] }), 'procedure.filling.signatures'],
    ['with limits of a text value', only('filling', { values: [{ id: 'colour', title: 'Colour', unit: '', type: 'text', limits: { low: 1 }, outOfLimits: 'refuse', source: { kind: 'entered' } }] }), 'procedure.filling.values.colour.limits'],
    ['with limits of a text result', withTest({ type: 'text' }), 'releaseSpecification.purity.limits'],
    ['with a word wanted of a number', withTest({ equals: 'pure' }), 'releaseSpecification.purity.equals'],
    ['with an equipment class kept for a time nobody knows', { ...CONTENT, equipmentClasses: [{ ...CONTENT.equipmentClasses[0]!, occupied: 'for-ever' as 'phase' }] }, 'equipmentClasses.0.occupied'],
    ['with a value from telemetry that nobody waits for', {
      ...only('culture', { values: [{ id: 'mean', title: 'Mean', unit: '°C', type: 'number', outOfLimits: 'deviation', source: { kind: 'telemetry', metric: 'Temperature', statistic: 'mean' } }] }),
      equipmentClasses: [{ ...CONTENT.equipmentClasses[0]!, monitored: false }],
    }, 'procedure.culture.values.mean.source'],
  ])('%s', (_, content, path) => {
    expect(faultsOf(content)).toEqual([path]);
  });
  it('not when it is right', () => {
    expect([faultsOf(CONTENT), faultsOf(CD19_CAR_T)]).toEqual([[], []]);
  });
  it('for a cycle, and ends', () => {
    expect(faultsOf({ ...CONTENT, procedure: CONTENT.procedure.map((unit) => (unit.id === 'upstream' ? { ...unit, after: ['downstream'] } : unit)) })).toContain('procedure.upstream.after');
  });
});
