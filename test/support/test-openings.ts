import type { DecisionRule } from '../../shared/model-registry/may-run.ts';
import type { OpeningHere } from '../../shared/model-registry/test-opening.ts';
import type { TestNode } from './node.ts';
import { PEOPLE } from './people.ts';

export const OPENED = { modelId: 'cd19-early-failure', version: 1, testDataId: 'batches-2025-v1' } as const;

/** What the control site would tell a hospital whose test rows were registered as they are now. */
export const openingOf = async (node: TestNode, artefactSha256: string, label: string, rule: DecisionRule, own: Partial<OpeningHere> = {}): Promise<OpeningHere> => {
  const { body: told } = await node.call(PEOPLE.scientist, 'GET /v1/model-evaluations/{artefactSha256}/data', { path: { artefactSha256 }, query: { label } });
  const rowsSha256 = typeof told['rowsSha256'] === 'string' ? told['rowsSha256'] : 'cd'.repeat(32);
  return {
    ...OPENED, artefactSha256, planHash: 'a'.repeat(64), testManifestSha256: 'b'.repeat(64), openedBy: 'qa-1', openedAt: '2026-03-02T12:00:00.000Z', developerIds: ['dev-1'], rule, subgroups: [],
    site: { rowsSha256, records: Array.isArray(told['recordDigests']) ? told['recordDigests'].length : 0, positives: Number(told['positives'] ?? 0) }, ...own,
  };
};

/** Have it on the hospital's record that its test rows may be scored. */
export const openTest = async (node: TestNode, artefactSha256: string, label: string, rule: DecisionRule, own: Partial<OpeningHere> = {}): Promise<void> => {
  const opening = await openingOf(node, artefactSha256, label, rule, own);
  await node.datasets.change(artefactSha256, () => [{ type: 'model-test-opened', ...opening }], { actor: { kind: 'system', id: 'model-intake', version: '1' } });
};
