import { readStatement, sumOfDistributions, TestCountsSchema } from '../../../shared/model-registry/hospital-counts.ts';
import type { Distribution } from '../../../shared/model-registry/distributions.ts';
import type { ModelVersion } from '../../../shared/model-registry/model.ts';
import { modelObject } from '../../_platform/model-objects.ts';
import type { ObjectStore } from '../../_platform/ports.ts';

export type Reference = Readonly<{ siteIds: readonly string[]; distributions: readonly Distribution[] }>;

/** What one hospital counted at the test, as it signed for it; undefined where its statement is not there, is another text, or has no distributions. */
const countedBy = async (bucket: Pick<ObjectStore, 'get'>, statementSha256: string | undefined): Promise<readonly Distribution[] | undefined> => {
  const held = statementSha256 === undefined ? undefined : await bucket.get(modelObject.statement(statementSha256));
  if (held === undefined) return undefined;
  const { text } = JSON.parse(Buffer.from(held.body).toString('utf8')) as Readonly<{ text: string }>;
  const read = readStatement(TestCountsSchema, text);
  return read.statementSha256 === statementSha256 ? read.statement.distributions : undefined;
};

/**
 * What drift over some hospitals is held against: the test of those of them that were in it, so that a hospital which left, or did not join, is not mistaken for a change in the others. The sum itself can not be taken
 * apart under its masks: a hospital that came after the test stays in it. Where single parts are not on record, the whole test.
 *
 * @param siteIds counted now, sorted
 */
export const referenceFor = async (bucket: Pick<ObjectStore, 'get'>, { report }: ModelVersion, siteIds: readonly string[]): Promise<Reference> => {
  const tested = [...report?.sites ?? []].sort((a, b) => (a.nodeId < b.nodeId ? -1 : 1));
  const whole: Reference = { siteIds: tested.map(({ nodeId }) => nodeId), distributions: report?.distributions ?? [] };
  const common = tested.filter(({ nodeId }) => siteIds.includes(nodeId));
  if (common.length === 0) return { siteIds: [], distributions: [] };
  if (common.length === tested.length) return whole;
  const distributions = sumOfDistributions(await Promise.all(common.map(({ statementSha256 }) => countedBy(bucket, statementSha256))));
  return distributions === undefined ? whole : { siteIds: common.map(({ nodeId }) => nodeId), distributions };
};
