import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DomainError } from '../../../shared/errors.ts';
import type { ModelEvent } from '../../../shared/model-registry/events.ts';
import { assessModelDeviation } from '../../../shared/model-registry/judge.ts';
import { recordsOf } from '../../../shared/model-registry/may-run.ts';
import { modelCard } from '../../../shared/model-registry/model-card.ts';
import type { Model } from '../../../shared/model-registry/model.ts';
import { actOnDrift, reinstateVersion, retireVersion, suspendVersion, type DriftFinding } from '../../../shared/model-registry/put-to-use.ts';
import { suspensionsOf } from '../../../shared/model-registry/suspension.ts';
import { sha256Hex } from '../../../shared/record/chain.ts';
import type { Signatory } from '../../../shared/record/signatory.ts';
import { codeOf } from '../../support/error-code.ts';
import { active, by, MODEL_ID, PLAN, QUALITY, SCIENTIST, TestRegistry } from '../../support/model-fixtures.ts';

const REVIEWER = (id: string, meaning: 'review' | 'responsibility'): Signatory => by(id, meaning, 'quality-reviewer');
const finding = (rule: string, counts: string, decision: 'alarm' | 'suspend' = 'suspend'): DriftFinding => ({ decision, rule, detail: `${rule} of ${counts}`, evidenceSha256: sha256Hex(counts) });
const stop = (reason: string, who = SCIENTIST('responsibility')) => (model: Model | undefined): readonly ModelEvent[] => suspendVersion(model, MODEL_ID, 1, reason, who);
const found = (rule: string, counts: string, decision?: 'alarm' | 'suspend') => (model: Model | undefined): readonly ModelEvent[] => actOnDrift(model, MODEL_ID, 1, finding(rule, counts, decision));
const assess = (index: number, id: string, acceptable = true) => (model: Model | undefined): readonly ModelEvent[] => assessModelDeviation(model!, model!.deviations[index]?.deviationId ?? '', { acceptable, impact: 'none', rootCause: 'a probe' }, REVIEWER(id, 'review'));
const back = (id: string) => (model: Model | undefined): readonly ModelEvent[] => reinstateVersion(model, MODEL_ID, 1, 'fine again', REVIEWER(id, 'responsibility'));
const versionOf = ({ model }: TestRegistry) => model!.versions[0]!;
const byPeople = (): TestRegistry => {
  const registry = active();
  registry.model = { ...registry.model!, versions: registry.model!.versions.map((each) => ({ ...each, plan: { ...PLAN, monitoring: { ...PLAN.monitoring, suspension: 'by-people' } } })) };
  return registry;
};

describe('a stop of a version that is suspended already', () => {
  it('is on record with its person, reason and time, and changes nothing at the hospitals', () => {
    const registry = active().do(stop('odd alarms'));
    const told = recordsOf(registry.model!);
    registry.do(stop('three failures nobody was told of', by('qp-1', 'responsibility', 'qualified-person')));
    const [first, second] = suspensionsOf(versionOf(registry));
    expect([first, second].map((each) => [each?.signature?.signerId, each?.reason])).toEqual([['sci-1', 'odd alarms'], ['qp-1', 'three failures nobody was told of']]);
    expect(Date.parse(second!.at)).toBeGreaterThan(Date.parse(first!.at));
    expect(recordsOf(registry.model!)).toEqual(told);
  });
  it('opens a deviation of its own, so that no assessment of what was known before brings the version back', () => {
    const registry = active().do(stop('odd alarms')).do(assess(0, 'qa-2'));
    expect(back('qa-3')(registry.model)).toHaveLength(1);
    registry.do(stop('three failures'));
    expect(codeOf(() => back('qa-3')(registry.model))).toBe('deviation-state-wrong');
    registry.do(assess(1, 'qa-3'));
    for (const id of ['qa-2', 'qa-3']) expect(codeOf(() => back(id)(registry.model)), id).toBe('signature-same-person');
    expect(versionOf(registry.do(back('qa-4'))).state).toBe('active');
    expect(suspensionsOf(versionOf(registry))).toEqual([]);
  });
  it('keeps it suspended when its reason is found not acceptable, however the first was', () => {
    const registry = active().do(stop('odd alarms')).do(stop('three failures')).do(assess(0, 'qa-2')).do(assess(1, 'qa-2', false));
    expect(codeOf(() => back('qa-3')(registry.model))).toBe('deviation-state-wrong');
  });
  it('wants what the first wanted: role and meaning', () => {
    const { model } = active().do(stop('odd alarms'));
    expect(codeOf(() => stop('x', by('op-1', 'responsibility', 'operator'))(model))).toBe('role-missing');
    expect(codeOf(() => stop('x', SCIENTIST('review'))(model))).toBe('signature-meaning-wrong');
  });
  it('by a rule is on record with the rule and its counts, also where a deviation of that rule is open', () => {
    const registry = active().do(stop('odd alarms')).do(found('input-drift', 'week 1')).do(found('input-drift', 'week 2')).do(found('performance', 'week 2'));
    expect(suspensionsOf(versionOf(registry)).slice(1).map(({ rule, evidenceSha256, deviationId }) => [rule, evidenceSha256, deviationId])).toEqual([
      ['input-drift', sha256Hex('week 1'), 'v1-drift-9'], ['input-drift', sha256Hex('week 2'), 'v1-drift-11'], ['performance', sha256Hex('week 2'), 'v1-drift-13'],
    ]);
    expect(registry.model!.deviations).toHaveLength(4);
  });
  it('by a rule in counts it was stopped for already is no other stop, and an alarm is none', () => {
    const registry = active().do(found('input-drift', 'week 1'));
    expect([found('input-drift', 'week 1')(registry.model), found('performance', 'week 2', 'alarm')(registry.model)]).toEqual([[], []]);
    registry.do(assess(0, 'qa-2')).do(back('qa-3'));
    expect(found('input-drift', 'week 1')(registry.model)).toHaveLength(2);
  });
  it('hangs on the deviation of the rule that was open while the version was in use', () => {
    const registry = active().do(found('input-drift', 'week 1', 'alarm')).do(found('input-drift', 'week 2'));
    expect([registry.model!.deviations.length, suspensionsOf(versionOf(registry))[0]?.deviationId]).toEqual([1, registry.model!.deviations[0]!.deviationId]);
  });
  it('that the plan leaves to people is a finding to look into first, once', () => {
    const registry = byPeople().do(stop('odd alarms')).do(found('input-drift', 'week 1')).do(found('input-drift', 'week 2')).do(assess(0, 'qa-2'));
    expect(registry.model!.deviations.map(({ rule, asks }) => [rule, asks])).toEqual([['suspended-by-person', undefined], ['input-drift', 'suspension']]);
    expect(codeOf(() => back('qa-3')(registry.model))).toBe('deviation-state-wrong');
  });
  it('is refused of a version that is in no use', () => {
    const registry = active().do(stop('odd alarms')).do((model) => retireVersion(model, MODEL_ID, 1, 'no longer made', QUALITY('responsibility')));
    expect(codeOf(() => stop('too late')(registry.model))).toBe('model-state-wrong');
    expect(found('input-drift', 'week 1')(registry.model)).toEqual([]);
  });
  it('stands in the model file with what was found of it', () => {
    const registry = active();
    expect(modelCard(registry.model!, versionOf(registry))).not.toContain('## Suspended for');
    registry.do(stop('odd alarms')).do(found('input-drift', 'week 1')).do(stop('three *failures*', by('qp-1', 'responsibility', 'qualified-person'))).do(assess(0, 'qa-2')).do(assess(1, 'qa-2', false));
    const section = modelCard(registry.model!, versionOf(registry)).split('## Suspended for')[1]!;
    const times = suspensionsOf(versionOf(registry)).map(({ at }) => at);
    for (const row of [
      `| ${times[0]!} | Name of sci-1 | odd alarms | v1-suspended-7 | acceptable (Name of qa-2) |`, `| ${times[1]!} | rule input-drift | input-drift of week 1 | v1-drift-9 | NOT acceptable (Name of qa-2) |`,
      `| ${times[2]!} | Name of qp-1 | three \\*failures\\* | v1-suspended-11 | not assessed |`, `| suspended | ${times[1]!} | rule input-drift |`, `| suspended | ${times[2]!} | Name of qp-1 |`,
    ]) expect(section).toContain(row);
  });
});

/** Everything that stopped the version in the time that this reinstatement ends. */
const stopsBefore = (events: readonly ModelEvent[], end: number): readonly Readonly<{ at: number; event: Extract<ModelEvent, { type: 'model-suspended' }> }>[] => {
  const begin = events.slice(0, end).findLastIndex(({ type }) => type === 'model-activated' || type === 'model-reinstated');
  return events.slice(0, end).flatMap((event, at) => (at > begin && event.type === 'model-suspended' ? [{ at, event }] : []));
};

describe('stops, reinstatements and retirement in whatever order', () => {
  const STEPS = ['stop', 'stop', 'rule', 'alarm', 'assess', 'assess', 'assess', 'assess', 'refuse', 'back', 'back', 'retire'] as const;
  const step = fc.tuple(fc.constantFrom(...STEPS), fc.constantFrom('qa-2', 'qa-3', 'qa-4'), fc.constantFrom('input-drift', 'performance'), fc.integer({ min: 0, max: 3 }));
  type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;
  const decide = (model: Model, [what, id, rule, index]: Step): readonly ModelEvent[] => {
    const waiting = model.deviations.findIndex((each, i) => each.assessment === undefined && i >= index);
    switch (what) {
      case 'stop': return stop(`reason ${index}`, by(id, 'responsibility', 'process-scientist'))(model);
      case 'rule': case 'alarm': return found(rule, `week ${index}`, what === 'rule' ? 'suspend' : 'alarm')(model);
      case 'assess': case 'refuse': return assess(waiting < 0 ? model.deviations.findIndex(({ assessment }) => assessment === undefined) : waiting, id, what === 'assess' || index > 0)(model);
      case 'back': return back(id)(model);
      case 'retire': return index === 0 ? retireVersion(model, MODEL_ID, 1, 'no longer made', QUALITY('responsibility')) : [];
      default: return what satisfies never;
    }
  };

  it('keep each stop that was signed, and no version comes back before each was found acceptable after it, by another than who signs; nor does what was decided before a stop still hold after it', () => {
    let [cameBack, after2] = [0, 0];
    fc.assert(fc.property(fc.array(step, { minLength: 5, maxLength: 40, size: 'max' }), (steps) => {
      const registry = active();
      let signed = 0;
      for (const each of steps) {
        const before = registry.model!;
        try {
          registry.do((model) => decide(model!, each));
          if (each[0] === 'stop') signed += 1;
        } catch (error) {
          expect(error).toBeInstanceOf(DomainError);
          // A stop by somebody qualified is refused of a retired version alone.
          if (each[0] === 'stop') expect(before.versions[0]!.state).toBe('retired');
        }
        // What somebody could have signed before this stop is refused after it.
        if (each[0] === 'stop' && registry.model!.events > before.events) for (const id of ['qa-2', 'qa-3', 'qa-4', 'qa-5']) expect(codeOf(() => back(id)(registry.model))).toBe('deviation-state-wrong');
      }
      const { events, model } = registry;
      expect(model!.versions[0]!.moves.filter(({ to, signature }) => to === 'suspended' && signature !== undefined)).toHaveLength(signed);
      expect(model!.versions[0]!.moves.filter(({ to }) => to === 'suspended')).toHaveLength(events.filter(({ type }) => type === 'model-suspended').length);
      for (const [end, event] of events.entries()) {
        if (event.type !== 'model-reinstated') continue;
        const stops = stopsBefore(events, end);
        cameBack += 1;
        if (stops.length > 1) after2 += 1;
        expect(stops.length).toBeGreaterThan(0);
        for (const { at, event: { deviationId } } of stops) {
          const looked = events.findIndex((each) => each.type === 'model-deviation-assessed' && each.deviationId === deviationId);
          const assessment = events[looked];
          expect(looked).toBeGreaterThan(at);
          expect(looked).toBeLessThan(end);
          expect(assessment).toMatchObject({ acceptable: true });
          expect(assessment?.type === 'model-deviation-assessed' ? assessment.signature.signerId : undefined).not.toBe(event.signature.signerId);
        }
      }
      const retiredAt = events.findIndex(({ type }) => type === 'model-retired');
      if (retiredAt >= 0) expect(events.slice(retiredAt + 1).filter(({ type }) => type !== 'model-deviation-assessed')).toEqual([]);
    }), { numRuns: 300 });
    expect(cameBack).toBeGreaterThan(30);
    expect(after2).toBeGreaterThan(5);
  });
});
