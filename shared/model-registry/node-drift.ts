import type { Role } from '../record/envelope.ts';
import { openDeviations } from './judge.ts';
import type { Model } from './model.ts';
import type { DriftAssessment, OwnDriftEvent } from './own-drift.ts';

/** A judgement on drift that something follows from, as the control site tells hospitals of it. `isOpen`: its deviation waits to be assessed. Times are UTC, RFC 3339. */
export type DriftNotice = Readonly<{
  modelId: string; version: number; runId: string; from: string; to: string; cases: number; decision: 'alarm' | 'suspend'; detail: string; isOpen: boolean;
}>;

/** Rules of `driftAlarm` that raise deviations. */
const DRIFT_RULES: readonly string[] = ['input-drift', 'performance'];
const LONGEST_DETAIL = 1000;

/** What hospitals are told of drift of one model: the judgements on record of each version that is not retired. */
export const driftNoticesOf = (model: Model): readonly DriftNotice[] => model.versions.filter(({ state }) => state !== 'retired').flatMap(({ version, driftJudgements = [] }) => {
  const isOpen = openDeviations(model, version).some(({ rule }) => DRIFT_RULES.includes(rule));
  return driftJudgements.flatMap(({ runId, from, to, cases, decision, detail }) => (decision === 'alarm' || decision === 'suspend' ? [{ modelId: model.modelId, version, runId, from, to, cases, decision, detail: detail.slice(0, LONGEST_DETAIL), isOpen }] : []));
});

/** On a hospital's record of a model: what it was told of drift and who is asked to look, once a judgement; and that it waits for nobody any more. */
export type NodeDriftEvent =
  | (Omit<DriftNotice, 'isOpen'> & Readonly<{ type: 'model-drift-told'; askedOf: readonly Role[] }>)
  | Readonly<{ type: 'model-drift-settled'; modelId: string; version: number; runId: string }>;
/** `assessments` are those of this hospital's people. */
export type DriftHere = Omit<Extract<NodeDriftEvent, { type: 'model-drift-told' }>, 'type'> & Readonly<{ isSettled: boolean; assessments?: readonly DriftAssessment[] }>;
type Assessed = Extract<OwnDriftEvent, { type: 'model-drift-assessed-here' }>;

export const isDriftTold = (event: Readonly<{ type: string }>): event is NodeDriftEvent => event.type === 'model-drift-told' || event.type === 'model-drift-settled';

export const evolveDrift = (held: readonly DriftHere[], event: NodeDriftEvent | Assessed): readonly DriftHere[] => {
  const change = (next: (each: DriftHere) => DriftHere): readonly DriftHere[] => held.map((each) => (each.version === event.version && each.runId === event.runId ? next(each) : each));
  if (event.type === 'model-drift-settled') return change((each) => ({ ...each, isSettled: true }));
  if (event.type === 'model-drift-assessed-here') {
    const { acceptable, impact, rootCause, signature } = event;
    return change((each) => ({ ...each, assessments: [...each.assessments ?? [], { acceptable, impact, rootCause, signature }] }));
  }
  const { type: _, ...told } = event;
  return [...held, { ...told, isSettled: false }];
};

type Held = Readonly<{ records: readonly Readonly<{ version: number; state: string }>[]; drift?: readonly DriftHere[] }>;

/**
 * What a hospital puts on record of drift. Each judgement on a version it knows is told once. It is settled when the control site has assessed it, or the version is retired; one that is no longer named
 * stays open, for silence is no assessment.
 *
 * @param askedOf who looks, by the hospital's own governance table
 */
export const takeDriftNotices = (held: Held | undefined, told: readonly DriftNotice[], askedOf: readonly Role[]): readonly NodeDriftEvent[] => {
  const { records = [], drift = [] } = held ?? {};
  const isRetired = (version: number): boolean => records.some((each) => each.version === version && each.state === 'retired');
  const isKnown = ({ version, runId }: DriftNotice): boolean => drift.some((each) => each.version === version && each.runId === runId);
  const isOver = ({ version, runId }: DriftHere): boolean => isRetired(version) || told.some((each) => each.version === version && each.runId === runId && !each.isOpen);
  return [
    ...told.filter((each) => each.isOpen && records.some(({ version }) => version === each.version) && !isKnown(each)).map(({ isOpen: _, ...notice }): NodeDriftEvent => ({ type: 'model-drift-told', ...notice, askedOf })),
    ...drift.filter((each) => !each.isSettled && isOver(each)).map(({ modelId, version, runId }): NodeDriftEvent => ({ type: 'model-drift-settled', modelId, version, runId })),
  ];
};
