import { DomainError } from '../../shared/errors.ts';
import { distributionsOf } from '../../shared/model-registry/distributions.ts';
import { countKinds } from '../../shared/training-data/evaluation.ts';
import { endpoint, type Endpoint } from '../_platform/contract.ts';
import { caseKindOf, recentAnswers, type RecentAnswer } from '../_platform/recent-answers.ts';
import type { ModelEvaluationPorts } from './ports.ts';
import * as Routes from './schema.ts';

const DAY_MS = 86_400_000;

/** Outcomes so far of answers about early failure; of as many batches as the hospital counts over, at least. */
const outcomesOf = (answers: readonly RecentAnswer[], least: number) => {
  const known = answers.flatMap((answer) => caseKindOf(answer) ?? []);
  return known.length < least ? undefined : countKinds(known);
};

/** What a model was asked and said of this hospital's batches lately, as counts, in the bins of its test. */
export const distributionsEndpoint = (ports: ModelEvaluationPorts): Endpoint => endpoint(Routes.ReadModelDistributions, async ({ path: { artefactSha256 }, query: { days } }) => {
  const { leastCohort: least } = ports;
  const { featureNames } = await ports.artefact(artefactSha256);
  const to = ports.now().getTime();
  const answers = await recentAnswers(ports, artefactSha256, to - days * DAY_MS);
  const counted = answers.flatMap(({ said: { inputBins, score } }) => (inputBins === undefined ? [] : [{ inputBins, score }]));
  if (counted.length < least) throw new DomainError('training-cohort-too-small', `batches this model spoke of in ${days} days: got ${counted.length}, want at least ${least}`, { least });
  const outcomes = outcomesOf(answers, least);
  return {
    nodeId: ports.nodeId, artefactSha256, from: new Date(to - days * DAY_MS).toISOString(), to: new Date(to).toISOString(), cases: counted.length,
    distributions: distributionsOf(featureNames, counted).map(({ counts, ...each }) => ({ ...each, counts: [...counts] })), ...(outcomes !== undefined && { outcomes }),
  };
});
