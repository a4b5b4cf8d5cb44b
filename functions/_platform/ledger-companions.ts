import type { BatchEvent } from '../../shared/batch/events.ts';
import type { Ledger } from '../../shared/prediction-governance/ledger.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import type { Companion } from './ports.ts';

type Made = Extract<BatchEvent, Readonly<{ type: 'recommendation-made' }>>;

const subjectOf = (batchId: string, recommendationId: string): string => `recommendation/${batchId}/${recommendationId}`;

const workItem = (batchId: string, { recommendationId, output, probability, verdict, undecided, actions, validUntil }: Made, raisedAt: string): Readonly<Record<string, unknown>> => ({
  subject: subjectOf(batchId, recommendationId), kind: 'recommendation', title: `Recommendation for ${batchId}: ${output}`, raisedAt,
  detail: `${undecided ? 'undecided' : `${verdict === undefined ? '' : `${verdict}, `}probability ${probability.toFixed(3)}`}, ${actions.length} action(s) proposed; can be accepted until ${validUntil}`,
});

/**
 * What the operations table holds because of these events: a recommendation on the work list of everyone who is asked, until one of them decides; and, once one is accepted, the
 * batch among those whose interventions are open.
 *
 * @param ledger  before the events
 * @param version of the record after them
 */
export const ledgerCompanions = (batchId: string, ledger: Pick<Ledger, 'recommendations'>, events: readonly BatchEvent[], { version, at }: Readonly<{ version: number; at: string }>): readonly Companion[] => events.flatMap((event): readonly Companion[] => {
  if (event.type === 'recommendation-made') {
    return event.askedOf.map((role) => ({ type: 'put', key: keyOf.work(role, subjectOf(batchId, event.recommendationId)), attributes: workItem(batchId, event, at), onlyIfAbsent: false }));
  }
  if (event.type !== 'recommendation-decided') return [];
  const asked = ledger.recommendations.get(event.recommendationId)?.askedOf ?? [];
  return [
    ...asked.map((role): Companion => ({ type: 'delete', key: keyOf.work(role, subjectOf(batchId, event.recommendationId)) })),
    ...(event.decision === 'accept' ? [{ type: 'put', key: keyOf.interventionsOpen(batchId), attributes: { batchId, version }, onlyIfAbsent: false } satisfies Companion] : []),
  ];
});
