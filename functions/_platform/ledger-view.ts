import type { HeldRecommendation, Intervention, Ledger } from '../../shared/prediction-governance/ledger.ts';

type RecommendationState = 'open' | 'accepted' | 'refused' | 'expired' | 'void' | 'for-awareness';

/** How a recommendation stands. An expired or void one that somebody was asked about still waits to be refused. */
const stateOf = (held: HeldRecommendation, nowEpochMs: number): RecommendationState => {
  if (held.decision !== undefined) return held.decision.decision === 'accept' ? 'accepted' : 'refused';
  if (held.askedOf.length === 0) return 'for-awareness';
  if (held.void) return 'void';
  return nowEpochMs > Date.parse(held.validUntil) ? 'expired' : 'open';
};

const confirmationOf = ({ acknowledged, timedOut }: Intervention): 'sent' | 'confirmed' | 'misapplied' | 'not-confirmed' => {
  if (acknowledged !== undefined) return acknowledged.matches ? 'confirmed' : 'misapplied';
  return timedOut ? 'not-confirmed' : 'sent';
};

/** `since` and `reason` are of the first stop; whoever resumes has to do with all of them. */
const assistanceView = (stops: Ledger['stops']) => {
  const [first] = stops;
  return first === undefined ? { state: 'on' as const } : { state: 'stopped' as const, since: first.at, reason: first.reason, stops: stops.map((each) => ({ ...each })) };
};

/** The ledger of a batch as people read it. */
export const ledgerView = ({ batchId, version }: Readonly<{ batchId: string; version: number }>, { stops, recommendations, interventions }: Ledger, nowEpochMs: number) => ({
  batchId, version, assistance: assistanceView(stops),
  recommendations: [...recommendations.values()].map((held) => ({ ...held, state: stateOf(held, nowEpochMs) })),
  interventions: [...interventions.values()].map((held) => ({ ...held, state: confirmationOf(held) })),
});
