import { describe, expect, it } from 'vitest';
import { judgeDrift, type DriftJudgement } from '../../../shared/model-registry/drift-judgement.ts';
import { assessModelDeviation } from '../../../shared/model-registry/judge.ts';
import { driftNoticesOf, evolveDrift, takeDriftNotices, type DriftHere, type DriftNotice } from '../../../shared/model-registry/node-drift.ts';
import { retireVersion } from '../../../shared/model-registry/put-to-use.ts';
import { active, MODEL_ID, QUALITY } from '../../support/model-fixtures.ts';

const JUDGED: DriftJudgement = { runId: 'DRIFT-1', from: '2026-01-01T00:00:00.000Z', to: '2026-02-01T00:00:00.000Z', siteIds: ['hill', 'north', 'south'], cases: 90, decision: 'alarm', detail: 'ph-minimum: stability index 0.400', notJudged: [] };
const NOTICE: DriftNotice = { modelId: MODEL_ID, version: 1, runId: 'DRIFT-1', from: JUDGED.from, to: JUDGED.to, cases: 90, decision: 'alarm', detail: JUDGED.detail, isOpen: true };
const HELD = { records: [{ version: 1, state: 'active' }] };
const after = (...told: readonly DriftNotice[]): readonly DriftHere[] => takeDriftNotices(HELD, told, ['quality-reviewer']).reduce(evolveDrift, []);

describe('what hospitals are told of drift', () => {
  it('is each judgement that something followed from, and whether its deviation waits', () => {
    const registry = active().do((model) => judgeDrift(model, MODEL_ID, 1, JUDGED, 'input-drift')).do((model) => judgeDrift(model, MODEL_ID, 1, { ...JUDGED, runId: 'DRIFT-2', decision: 'none' }, 'none'))
      .do((model) => judgeDrift(model, MODEL_ID, 1, { ...JUDGED, runId: 'DRIFT-3', decision: 'no-statement' }, 'none'));
    expect(driftNoticesOf(registry.model!)).toEqual([NOTICE]);
    const { deviationId } = registry.model!.deviations[0]!;
    registry.do((model) => assessModelDeviation(model!, deviationId, { acceptable: true, impact: 'none', rootCause: 'season' }, QUALITY('review')));
    expect(driftNoticesOf(registry.model!)).toEqual([{ ...NOTICE, isOpen: false }]);
    registry.do((model) => retireVersion(model, MODEL_ID, 1, 'replaced', QUALITY('responsibility')));
    expect(driftNoticesOf(registry.model!)).toEqual([]);
  });
});

describe('a hospital that is told of drift', () => {
  it('puts it on record once a judgement, with who is asked', () => {
    expect(takeDriftNotices(HELD, [NOTICE], ['quality-reviewer'])).toEqual([{ type: 'model-drift-told', ...Object.fromEntries(Object.entries(NOTICE).filter(([name]) => name !== 'isOpen')), askedOf: ['quality-reviewer'] }]);
    expect(takeDriftNotices({ ...HELD, drift: after(NOTICE) }, [NOTICE], ['quality-reviewer'])).toEqual([]);
    expect(takeDriftNotices({ ...HELD, drift: after(NOTICE) }, [NOTICE, { ...NOTICE, runId: 'DRIFT-2' }], ['quality-reviewer'])).toMatchObject([{ runId: 'DRIFT-2' }]);
  });
  it.each<readonly [string, Parameters<typeof takeDriftNotices>[0], DriftNotice]>([['of a version it does not know', HELD, { ...NOTICE, version: 2 }], ['that was assessed before it heard', HELD, { ...NOTICE, isOpen: false }], ['of a model it does not know', undefined, NOTICE]])('puts nothing on record of drift %s', (_, held, notice) => {
    expect(takeDriftNotices(held, [notice], [])).toEqual([]);
  });
  it('settles it when it is assessed or the version retired, once, and not because it is named no more', () => {
    const drift = after(NOTICE);
    const settled = [{ type: 'model-drift-settled', modelId: MODEL_ID, version: 1, runId: 'DRIFT-1' }] as const;
    expect(takeDriftNotices({ ...HELD, drift }, [], [])).toEqual([]);
    expect(takeDriftNotices({ ...HELD, drift }, [{ ...NOTICE, isOpen: false }], [])).toEqual(settled);
    expect(takeDriftNotices({ records: [{ version: 1, state: 'retired' }], drift }, [], [])).toEqual(settled);
    const over = settled.reduce(evolveDrift, drift);
    for (const told of [NOTICE, { ...NOTICE, isOpen: false }]) expect(takeDriftNotices({ ...HELD, drift: over }, [told], [])).toEqual([]);
  });
});
