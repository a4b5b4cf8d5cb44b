import { createHash } from 'node:crypto';
import { writeXgboostJson } from '../../models/forest/xgboost-json.ts';
import type { DecisionRule } from '../../shared/model-registry/may-run.ts';
import type { Answered } from './api.ts';
import type { TestNode } from './node.ts';
import { PEOPLE, type TestPerson } from './people.ts';
import { OPENED } from './test-openings.ts';

type Row = Readonly<{ recordId: string; label: number; values: readonly (number | null)[]; subgroups?: readonly string[] }>;
type Recorded = Readonly<{ event: Readonly<Record<string, unknown>>; actor: Readonly<{ id: string }> }>;

/** Past batches, numbered from one on. */
export const rowsFrom = (from: number, count: number): readonly Row[] => Array.from({ length: count }, (_, i) => ({ recordId: `B-${from + i}`, label: (from + i) % 2, values: [from + i, (from + i) % 3 === 0 ? null : i], subgroups: [i % 4 === 0 ? 'child' : 'adult'] }));
export const importOf = (own: object = {}) => ({ datasetId: 'DATA-1', title: 'Past batches', source: 'Batches of 2024', role: 'training', label: 'failed', features: ['a', 'b'], rows: rowsFrom(0, 10), ...own });
/** A model of one split: a < 5 scores 0.2, else 0.8. */
export const FILE = writeXgboostJson({ objective: 'reg:squarederror', baseScore: 0, featureNames: ['a', 'b'], trees: [{ left: [1, -1, -1], right: [2, -1, -1], feature: [0, 0, 0], condition: [5, 0.2, 0.8].map(Math.fround), defaultLeft: [true, false, false], cover: [2, 1, 1], gain: [1, 0, 0], parent: [2147483647, 0, 0] }] });
export const HASH = createHash('sha256').update(FILE).digest('hex');
export const RULE: DecisionRule = { output: 'early-failure', threshold: 0.5, inputs: [{ name: 'a', unit: '', low: 0, high: 100, mayBeMissing: true }, { name: 'b', unit: '', low: 0, high: 100, mayBeMissing: true }], undecided: { errorRate: 0.1 } };
export const countedOf = ({ body }: Answered): Record<string, unknown> => body['counted'] as Record<string, unknown>;

/** Past batches of a hospital and the model of one split, as its people use them. @param node the one of the test that runs */
export const pastBatches = (node: () => TestNode) => ({
  importing: (own: object = {}, meaning: 'responsibility' | 'review' = 'responsibility'): Promise<Answered> => node().call(PEOPLE.scientist, 'POST /v1/training-data', { body: { ...importOf(own), signature: node().sign(PEOPLE.scientist, meaning, 0) } }),
  /** The rows a model would be judged by, as they are told. */
  telling: (what: 'model-evaluations' | 'model-calibrations', person: TestPerson = PEOPLE.scientist, artefactSha256 = HASH, label = 'failed') => node().call(person, `GET /v1/${what}/{artefactSha256}/data`, { path: { artefactSha256 }, query: { label } }),
  evaluating: (own: object = {}, person: TestPerson = PEOPLE.scientist) => node().call(person, 'POST /v1/model-evaluations', { body: { artefactSha256: HASH, label: 'failed', ...OPENED, ...own } }),
  /** What is on record of the model, but for what rows there are that was told before. */
  kept: async (): Promise<readonly Recorded[]> => (await node().store.load<Record<string, unknown>>({ kind: 'training-data', id: HASH })).filter(({ event }) => event['type'] !== 'model-data-told'),
});
