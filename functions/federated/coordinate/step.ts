import type { Attempt } from '../../../models/federated/workflow/coordination.ts';

/** What is awaited now of a member. */
export const stepOf = ({ completeSha256, revealAskSha256 }: Attempt): 'answer' | 'confirm' | 'reveal' => {
  if (completeSha256 === undefined) return 'answer';
  return revealAskSha256 === undefined ? 'confirm' : 'reveal';
};
