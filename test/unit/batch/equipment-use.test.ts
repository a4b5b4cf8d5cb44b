import { describe, expect, it } from 'vitest';
import { assignEquipment, withdrawEquipment, type WithdrawEquipment } from '../../../shared/batch/commands/equipment.ts';
import { holdBatch } from '../../../shared/batch/commands/life.ts';
import { completePhase, missingWork, signPhase, startPhase } from '../../../shared/batch/commands/phase.ts';
import { recordValue } from '../../../shared/batch/commands/value.ts';
import { findPhase } from '../../../shared/batch/recipe-lookup.ts';
import type { EquipmentClass, MasterBatchRecordContent, Phase, UnitProcedure } from '../../../shared/master-batch-record/model.ts';
import type { Equipment } from '../../../shared/registers/equipment.ts';
import { reviewRecord } from '../../../shared/release/review.ts';
import { bioreactor, culturing, dose, finish, SOON, viability } from '../../support/batch-execution.ts';
import { CONTENT, context, signature, TestBatch } from '../../support/batch-fixtures.ts';
import { codeOf } from '../../support/error-code.ts';

const SCALE = { id: 'scale', title: 'Scale', calibrated: true } as const;
const scale: Equipment = { equipmentId: 'SCALE-1', equipmentClassId: 'scale', title: 'Scale 1', calibrationDueAt: SOON };
const shaped = (id: string, equipmentClassIds: readonly string[]): Phase =>
  ({ id, title: id, instruction: 'i', role: 'operator', training: ['aseptic'], equipmentClassIds, materials: [], values: [], signatures: [], custodyTransfer: false });
const unit = (id: string, after: readonly string[], ...phases: readonly Phase[]): UnitProcedure => ({ id, title: id, after, operations: [{ id: `${id}-o`, title: id, phases }] });

/** Weigh, grow beside a count, weigh again: what a hospital with one scale does. */
const process = (occupied?: EquipmentClass['occupied']): MasterBatchRecordContent => ({
  ...CONTENT, equipmentClasses: [...CONTENT.equipmentClasses, { ...SCALE, ...(occupied === undefined ? {} : { occupied }) }],
  procedure: [unit('first', [], shaped('weigh', ['scale'])), unit('grow', ['first'], shaped('seed', ['bioreactor']), shaped('expand', ['bioreactor'])), unit('count', ['first'], shaped('sample', ['scale'])), unit('last', ['grow', 'count'], shaped('fill', ['scale']))],
});
const running = (content: MasterBatchRecordContent) => new TestBatch(content).do(() => [{ type: 'batch-started' }]);
const use = (test: TestBatch, phaseId: string, equipment: Equipment) =>
  test.do((b) => startPhase(b, phaseId, context())).do((b) => assignEquipment(b, { phaseId, equipmentId: equipment.equipmentId, equipment, inUseByBatchId: undefined, deviationId: `DEV-${phaseId}` }, context()));
const complete = (test: TestBatch, phaseId: string) => test.do((b) => completePhase(b, phaseId, context()));
const has = ({ batch }: TestBatch): readonly string[] => batch.equipment.filter(({ to }) => to === undefined).map(({ equipmentId }) => equipmentId);

describe('equipment of short use', () => {
  it('is free when its phase is complete, and may be used again: each use stands in the record', () => {
    const test = use(running(process('phase')), 'weigh', scale);
    expect(has(test)).toEqual(['SCALE-1']);
    expect(has(complete(test, 'weigh'))).toEqual([]);
    test.nowEpochMs += 60_000;
    complete(use(test, 'sample', scale), 'sample');
    expect(test.batch.equipment.map(({ equipmentId, from, to }) => [equipmentId, from < (to ?? ''), to === undefined])).toEqual([['SCALE-1', false, false], ['SCALE-1', false, false]]);
    expect(new Set(test.batch.equipment.map(({ from }) => from)).size).toBe(2);
  });
  it('leaves its phase complete: what was there then counts', () => {
    const test = complete(use(running(process('phase')), 'weigh', scale), 'weigh');
    expect(reviewRecord(test.batch).filter(({ subject, rule }) => subject === 'weigh' || rule === 'work-missing')).toEqual([]);
  });
  it('stays while a phase beside the completed one uses it', () => {
    const beside = { ...process('phase'), procedure: [unit('a', [], shaped('one', ['scale'])), unit('b', [], shaped('two', ['scale']))] };
    const test = use(use(running(beside), 'one', scale), 'two', scale);
    expect(has(complete(test, 'one'))).toEqual(['SCALE-1']);
    expect(has(complete(test, 'two'))).toEqual([]);
  });
  it('is not given back by the completion of another phase', () => {
    const test = use(use(complete(use(running(process('phase')), 'weigh', scale), 'weigh'), 'seed', bioreactor), 'sample', scale);
    expect(has(complete(test, 'seed'))).toEqual(['BIO-1', 'SCALE-1']);
  });
});

describe('equipment with the culture in it', () => {
  it('stays until no phase to come wants its class', () => {
    const test = complete(use(complete(use(running(process('phase')), 'weigh', scale), 'weigh'), 'seed', bioreactor), 'seed');
    expect(has(test)).toEqual(['BIO-1']);
    expect(has(complete(use(test, 'expand', bioreactor), 'expand'))).toEqual([]);
  });
  it.each([undefined, 'until-last-phase'] as const)('is what a class is that says %s, as master batch records did before they could say it', (occupied) => {
    const test = complete(use(running(process(occupied)), 'weigh', scale), 'weigh');
    expect(has(test)).toEqual(['SCALE-1']);
    complete(use(test, 'sample', scale), 'sample');
    expect(test.batch.equipment).toHaveLength(1);
  });
});

const spare: Equipment = { ...bioreactor, equipmentId: 'BIO-2', title: 'Bioreactor 2', device: { edgeNodeId: 'gateway-1', deviceId: 'bioreactor-2' } };
const asked = (own: Partial<WithdrawEquipment> = {}): WithdrawEquipment => ({ equipmentId: 'BIO-1', reason: 'the heater failed', deviationId: 'DEV-W', replacementDeviationId: 'DEV-R', ...own });
const withSpare = (equipment: Equipment = spare, inUseByBatchId?: string) => asked({ replacement: { equipmentId: equipment.equipmentId, equipment, inUseByBatchId } });
const engineer = context({ id: 'eng-1', roles: ['site-engineer'], trainingValidUntilEpochMs: {} });

describe('equipment that breaks', () => {
  it('is taken out with a reason, another takes its place, and each has its own time', () => {
    const test = culturing();
    test.nowEpochMs += 60_000;
    test.do((b) => withdrawEquipment(b, withSpare(), context()));
    expect(test.events.slice(-4)).toMatchObject([
      { type: 'equipment-withdrawn', equipmentId: 'BIO-1', replacementId: 'BIO-2', reason: 'the heater failed' }, { type: 'equipment-released', equipmentId: 'BIO-1' },
      { type: 'equipment-assigned', equipmentId: 'BIO-2', phaseId: 'culture' }, { type: 'deviation-raised', rule: 'equipment-withdrawn', deviationId: 'DEV-W', severity: 'major', phaseId: 'culture' },
    ]);
    const [broken, replacement] = test.batch.equipment;
    expect([broken?.equipmentId, broken?.to]).toEqual(['BIO-1', replacement?.from]);
    expect(replacement?.to).toBeUndefined();
    finish(test.do((b) => recordValue(b, viability(90), context())).do((b) => recordValue(b, dose, context())), 'culture');
    expect(has(test)).toEqual([]);
  });
  it('leaves the phase wanting another where none took its place', () => {
    const test = culturing().do((b) => withdrawEquipment(b, asked(), engineer));
    expect(missingWork(test.batch, findPhase(test.batch, 'culture').phase, test.batch.phases['culture']!)).toContain('equipment of class bioreactor');
    test.do((b) => assignEquipment(b, { phaseId: 'culture', equipmentId: 'BIO-1', equipment: bioreactor, inUseByBatchId: undefined, deviationId: 'D' }, context()));
    expect(missingWork(test.batch, findPhase(test.batch, 'culture').phase, test.batch.phases['culture']!)).not.toContain('equipment of class bioreactor');
    expect([test.batch.equipment.length, test.batch.phases['culture']?.equipmentIds]).toEqual([2, ['BIO-1']]);
  });
  it('voids the signatures that were given with it', () => {
    const test = culturing().do((b) => recordValue(b, viability(90), context())).do((b) => recordValue(b, dose, context())).do((b) => signPhase(b, 'culture', signature('op-1', 'performed'), context()));
    expect(test.do((b) => withdrawEquipment(b, withSpare(), context())).batch.phases['culture']?.signatures).toEqual([]);
  });
  it('may be taken out while the batch is held, between two phases, and without a deviation where nothing critical is measured', () => {
    expect(has(culturing().do((b) => holdBatch(b, 'alarm')).do((b) => withdrawEquipment(b, withSpare(), context())))).toEqual(['BIO-2']);
    const between = complete(use(running(process()), 'weigh', scale), 'weigh').do((b) => withdrawEquipment(b, asked({ equipmentId: 'SCALE-1' }), context()));
    expect([has(between), between.batch.deviations]).toEqual([[], {}]);
  });
  it.each([
    ['equipment-not-in-use', () => withdrawEquipment(culturing().batch, asked({ equipmentId: 'BIO-7' }), context())],
    ['equipment-not-in-use', () => withdrawEquipment(culturing().do((b) => withdrawEquipment(b, asked(), context())).batch, asked(), context())],
    ['role-missing', () => withdrawEquipment(culturing().batch, withSpare(), engineer)],
    ['training-lapsed', () => withdrawEquipment(culturing().batch, withSpare(), context({ trainingValidUntilEpochMs: {} }))],
    ['equipment-not-found', () => withdrawEquipment(culturing().batch, asked({ replacement: { equipmentId: 'BIO-9', equipment: undefined, inUseByBatchId: undefined } }), context())],
    ['equipment-wrong-class', () => withdrawEquipment(culturing().batch, withSpare(scale), context())],
    ['equipment-calibration-overdue', () => withdrawEquipment(culturing().batch, withSpare({ ...spare, calibrationDueAt: '2020-01-01T00:00:00.000Z' }), context())],
    ['equipment-out-of-use', () => withdrawEquipment(culturing().batch, withSpare({ ...spare, outOfUse: { since: '2026-01-01T00:00:00.000Z', reason: 'broken' } }), context())],
    ['equipment-in-use', () => withdrawEquipment(culturing().batch, withSpare(spare, 'north-other'), context())],
    ['request-malformed', () => withdrawEquipment(culturing().batch, withSpare(bioreactor), context())],
    ['request-malformed', () => withdrawEquipment(complete(use(running(process()), 'weigh', scale), 'weigh').batch, { ...withSpare({ ...scale, equipmentId: 'SCALE-2' }), equipmentId: 'SCALE-1' }, context())],
  ])('is refused with %s where that is so', (code, attempt) => {
    expect(codeOf(attempt)).toBe(code);
  });
});

describe('critical equipment without a telemetry device', () => {
  const { device: _, ...mute } = bioreactor;
  const unwatched = (own: Partial<EquipmentClass> = {}) => use(running({ ...CONTENT, equipmentClasses: [{ id: 'bioreactor', title: 'Bioreactor', calibrated: true, ...own }], procedure: [unit('a', [], shaped('culture', ['bioreactor']))] }), 'culture', mute);
  it('is a deviation when it is taken into use, once', () => {
    const test = unwatched().do((b) => assignEquipment(b, { phaseId: 'culture', equipmentId: 'BIO-1', equipment: mute, inUseByBatchId: undefined, deviationId: 'DEV-2' }, context()));
    expect(Object.values(test.batch.deviations)).toMatchObject([{ rule: 'equipment-not-monitored', severity: 'major', phaseId: 'culture' }]);
  });
  it('also as a replacement', () => {
    const test = culturing().do((b) => withdrawEquipment(b, withSpare({ ...mute, equipmentId: 'BIO-2' }), context()));
    expect(Object.values(test.batch.deviations).map(({ rule }) => rule)).toEqual(['equipment-withdrawn', 'equipment-not-monitored']);
  });
  it('is an open point of a batch that used it before there was that rule, until a deviation is raised by hand', () => {
    const test = culturing();
    test.batch = { ...test.batch, equipment: test.batch.equipment.map(({ device: __, ...each }) => each) };
    const points = () => reviewRecord(test.batch).filter(({ rule }) => rule === 'equipment-not-monitored');
    expect(points()).toMatchObject([{ subject: 'BIO-1' }]);
    test.do(() => [{ type: 'deviation-raised', deviationId: 'DEV-3', severity: 'major', title: 't', detail: 'd', phaseId: 'filling' }]);
    expect(points()).toHaveLength(1);
    test.do(() => [{ type: 'deviation-raised', deviationId: 'DEV-4', severity: 'major', title: 't', detail: 'd', phaseId: 'culture' }]);
    expect(points()).toEqual([]);
  });
  it('is nothing to assess where the master batch record wants no telemetry of it', () => {
    const test = unwatched({ monitored: false });
    expect([test.batch.deviations, reviewRecord(test.batch).filter(({ rule }) => rule === 'equipment-not-monitored')]).toEqual([{}, []]);
  });
});
