import { evolveBatch } from '../../shared/batch/fold.ts';
import type { BatchEvent } from '../../shared/batch/events.ts';
import type { Batch } from '../../shared/batch/state.ts';
import type { WorkContext } from '../../shared/batch/context.ts';
import { contentHashOf } from '../../shared/master-batch-record/life-cycle.ts';
import type { MasterBatchRecordContent, Phase } from '../../shared/master-batch-record/model.ts';
import { chainEvents } from '../../shared/record/chain.ts';
import { GENESIS_HASH, type Signature, type SignatureMeaning } from '../../shared/record/envelope.ts';

export const NOW = Date.parse('2026-03-02T14:05:09.120Z');
export const COI = 'CABCDEFGHJKY';
export const OTHER_COI = 'CZZZZZZZZZZF';

const phase = (own: Pick<Phase, 'id'> & Partial<Phase>): Phase => ({
  title: own.id, instruction: 'Do it.', role: 'operator', training: ['aseptic'], equipmentClassIds: [], materials: [], values: [], signatures: ['performed', 'verified'], custodyTransfer: false, ...own,
});

/** Two unit procedures in order, the second beside a third; small, with everything a phase can ask for. */
export const CONTENT: MasterBatchRecordContent = {
  productId: 'test-product', title: 'Test product', source: 'made for tests',
  materials: [{ id: 'cells', title: 'Cells', kind: 'patient', unit: 'mL' }, { id: 'medium', title: 'Medium', kind: 'reagent', unit: 'mL' }],
  equipmentClasses: [{ id: 'bioreactor', title: 'Bioreactor', calibrated: true }],
  parameters: [{ metric: 'Temperature', title: 'Temperature', unit: '°C', equipmentClassId: 'bioreactor', critical: true, alarm: { low: 36, high: 38 } }],
  procedure: [
    { id: 'upstream', title: 'Upstream', after: [], operations: [{ id: 'receive', title: 'Receive', phases: [
      phase({ id: 'receipt', custodyTransfer: true, materials: [{ materialId: 'cells', quantity: { low: 1, high: 500 } }] }),
      phase({ id: 'culture', equipmentClassIds: ['bioreactor'], materials: [{ materialId: 'medium' }], values: [
        { id: 'viability', title: 'Viability', unit: '%', type: 'number', limits: { low: 70, high: 100 }, outOfLimits: 'deviation', source: { kind: 'entered' } },
        { id: 'dose', title: 'Dose', unit: 'mL', type: 'number', limits: { low: 1, high: 2 }, outOfLimits: 'refuse', source: { kind: 'entered' } },
      ] }),
    ] }] },
    { id: 'downstream', title: 'Downstream', after: ['upstream'], operations: [{ id: 'fill', title: 'Fill', phases: [phase({ id: 'filling' })] }] },
    { id: 'control', title: 'Control', after: ['upstream'], operations: [{ id: 'sample', title: 'Sample', phases: [phase({ id: 'sampling' })] }] },
  ],
  releaseSpecification: [
    { id: 'purity', title: 'Purity', unit: '%', type: 'number', limits: { low: 70 }, timing: 'before-release' },
    { id: 'sterility', title: 'Sterility', unit: '', type: 'text', equals: 'no growth', timing: 'staged' },
  ],
};

export const signature = (signerId: string, meaning: SignatureMeaning): Signature => ({
  signerId, printedName: `Name of ${signerId}`, signedAt: new Date(NOW).toISOString(), meaning, signedVersion: 1, signedHash: GENESIS_HASH, reauthenticatedAt: new Date(NOW - 5000).toISOString(), reauthenticationId: `${signerId}-${meaning}`,
});

export const context = (overrides: Partial<WorkContext['person']> = {}, nowEpochMs = NOW): WorkContext =>
  ({ nowEpochMs, person: { id: 'op-1', roles: ['operator'], trainingValidUntilEpochMs: { aseptic: NOW + 86_400_000 }, ...overrides } });

const ACTOR = { kind: 'person', id: 'op-1', printedName: 'Operator One', roles: ['operator'] } as const;

/** A batch under test: decide on it, and what was decided becomes part of it. */
export class TestBatch {
  batch: Batch;
  readonly events: BatchEvent[] = [];
  /** What the server's clock says when something is recorded. */
  nowEpochMs = NOW;

  constructor(content: MasterBatchRecordContent = CONTENT) {
    const recipe = { masterBatchRecordId: 'test', masterBatchRecordVersion: 1, contentHash: contentHashOf(content), content };
    const created: BatchEvent = { type: 'batch-created', batchId: 'north-20260302-TEST01', nodeId: 'north', productId: content.productId, chainOfIdentityId: COI, recipe };
    this.batch = this.#fold(undefined, created);
  }

  #fold(before: Batch | undefined, event: BatchEvent): Batch {
    const [recorded] = chainEvents(before?.hash ?? GENESIS_HASH, [{ stream: { kind: 'batch', id: 'north-20260302-TEST01' }, version: (before?.version ?? 0) + 1, recordedAt: new Date(this.nowEpochMs).toISOString(), actor: ACTOR, event }]);
    this.events.push(event);
    return evolveBatch(before, recorded!);
  }

  do(decide: (batch: Batch) => readonly BatchEvent[]): this {
    for (const event of decide(this.batch)) this.batch = this.#fold(this.batch, event);
    return this;
  }
}
