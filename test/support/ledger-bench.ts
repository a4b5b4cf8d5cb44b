import { startBatch } from '../../shared/batch/commands/life.ts';
import type { BatchEvent } from '../../shared/batch/events.ts';
import type { ModelRecord } from '../../shared/model-registry/may-run.ts';
import { sendAction, stopAssistance } from '../../shared/prediction-governance/intervene.ts';
import { EMPTY_LEDGER, evolveLedger, type Ledger } from '../../shared/prediction-governance/ledger.ts';
import type { Recommendation } from '../../shared/prediction-governance/ledger-events.ts';
import { decideRecommendation, makeRecommendation, type Governed } from '../../shared/prediction-governance/recommend.ts';
import type { TableVersion } from '../../shared/prediction-governance/table.ts';
import { sha256Hex } from '../../shared/record/chain.ts';
import type { Actor } from '../../shared/record/envelope.ts';
import { NOW, TestBatch } from './batch-fixtures.ts';
import { GOVERNANCE_TABLE as TABLE, SCIENTIST } from './model-fixtures.ts';

export const MINUTE_MS = 60_000;
export const table = (content = TABLE, version = 1): TableVersion => ({ version, state: 'effective', content, contentHash: sha256Hex(JSON.stringify(content)), authorId: 'stew-1' });
export const HASH = sha256Hex('artefact');
export const MODELS: readonly ModelRecord[] = (['early-failure', 'set-point-advice'] as const).map((output) => ({ modelId: `m-${output}`, version: 1, productId: 'test-product', output, artefactSha256: HASH, state: 'active', inputs: [], undecided: { errorRate: 0.1 } }));
export const TWIN = { world: 'stress', twinSha256: sha256Hex('twin'), codeSha256: sha256Hex('code') };
export const ADVICE: Recommendation = {
  recommendationId: 'REC-1', output: 'set-point-advice', modelId: 'm-set-point-advice', modelVersion: 1, modelHash: HASH, inputsHash: sha256Hex('inputs'), probability: 0.8, undecided: false,
  explanation: [{ feature: 'lactate-maximum', value: 18.2, contribution: 0.31 }, { feature: 'ph-minimum', value: null, contribution: -0.02 }],
  alternatives: [{ id: 'keep', title: 'Keep the recipe', expected: 'lactate 21 mmol/L at 96 h' }], twin: TWIN,
  actions: [{ edgeNodeId: 'gateway', deviceId: 'bioreactor', metric: 'Feed/Rate', value: 2.1, unit: 'mL/h' }, { edgeNodeId: 'gateway', metric: 'Oxygen/Set Point', value: 40, unit: '%' }],
};

export const IN_USE: BatchEvent = { type: 'equipment-assigned', phaseId: 'culture', equipmentId: 'BIO-1', equipmentClassId: 'bioreactor', device: { edgeNodeId: 'gateway', deviceId: 'bioreactor' } };

export const person = (id: string): Actor => ({ kind: 'person', id, printedName: id, roles: ['operator'] });
/** A running batch with its ledger, both folded from one stream. */
export class Bench {
  readonly test = new TestBatch().do((batch) => startBatch(batch, batch.recipe)).do(() => [{ type: 'phase-started', phaseId: 'culture' }, IN_USE]);
  ledger: Ledger = EMPTY_LEDGER;
  now = NOW;
  governed = (own: Partial<Governed> = {}): Governed => ({ batch: this.test.batch, ledger: this.ledger, table: table(), models: MODELS, gateways: new Map([['gateway', ['bioreactor']]]), nowEpochMs: this.now, ...own });
  do(decide: (governed: Governed) => readonly BatchEvent[], by = 'op-1'): this {
    const events = decide(this.governed());
    this.test.do(() => events);
    this.ledger = events.reduce((ledger, event) => evolveLedger(ledger, { event, recordedAt: new Date(this.now).toISOString(), actor: person(by) }), this.ledger);
    return this;
  }
  advised = (own: Partial<Recommendation> = {}) => this.do((governed) => makeRecommendation(governed, { ...ADVICE, ...own }));
  decided = (decision: 'accept' | 'refuse' = 'accept', id = 'REC-1') => this.do((governed) => decideRecommendation(governed, id, { decision, reason: 'lactate rises' }, SCIENTIST('approval')));
  sent = (index = 0) => this.do((governed) => sendAction(governed, 'REC-1', index));
  stopped = (by = 'op-1', reason = 'the probe is broken') => this.do(({ ledger }) => stopAssistance(ledger, { id: by, roles: ['operator'] }, reason), by);
}
