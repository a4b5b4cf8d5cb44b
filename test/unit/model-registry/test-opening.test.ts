import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isUnanswered, requireOpening, type OpeningHere } from '../../../shared/model-registry/test-opening.ts';
import { codeOf } from '../../support/error-code.ts';
import { RULE } from '../../support/training-data.ts';

const HELD: fc.Arbitrary<readonly OpeningHere[]> = fc.uniqueArray(fc.record({
  modelId: fc.constantFrom('early-failure', 'monitoring'), version: fc.integer({ min: 1, max: 2 }), testDataId: fc.constantFrom('first', 'again', 'anew'), isClosed: fc.boolean(), answered: fc.boolean(),
}), { selector: ({ modelId, version, testDataId }) => `${modelId} ${version} ${testDataId}`, maxLength: 12 }).map((all) => all.map(({ answered, ...name }): OpeningHere => ({
  ...name, planHash: 'a'.repeat(64), artefactSha256: 'b'.repeat(64), testManifestSha256: 'c'.repeat(64), openedBy: 'qa-1', openedAt: '2026-03-02T12:00:00.000Z', developerIds: ['dev-1'], rule: RULE, subgroups: [],
  site: { rowsSha256: 'd'.repeat(64), records: 10, positives: 5 }, ...(answered && { answerSha256: 'e'.repeat(64) }),
})));
const versionOf = ({ modelId, version }: OpeningHere): string => `${modelId} ${version}`;

describe('leave to score test rows', () => {
  it('is given for an opening that is not over, and never once the version had an answer on whichever test data; an answer is told again', () => {
    fc.assert(fc.property(HELD, (held) => {
      const answered = new Set(held.filter(({ answerSha256 }) => answerSha256 !== undefined).map(versionOf));
      for (const each of held) {
        const wanted = each.isClosed ? 'model-test-not-open' : answered.has(versionOf(each)) ? 'model-test-answered' : undefined;
        expect(codeOf(() => requireOpening(held, each, 'sci-1'))).toBe(each.answerSha256 === undefined ? wanted : undefined);
        expect(isUnanswered(held, each)).toBe(!answered.has(versionOf(each)));
      }
    }));
  });
  it('is given for no opening that is not on record, nor to who trains', () => {
    fc.assert(fc.property(HELD.filter((held) => held.length > 0), ([first, ...others]) => {
      expect([codeOf(() => requireOpening(others, first!, 'sci-1')), isUnanswered(others, first!)]).toEqual(['model-test-not-open', false]);
      expect(codeOf(() => requireOpening([{ ...first!, isClosed: false }], first!, 'dev-1'))).toBe('model-test-not-independent');
    }));
  });
});
