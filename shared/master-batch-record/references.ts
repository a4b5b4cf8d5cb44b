import { placedPhases, type PlacedPhase } from '../batch/recipe-lookup.ts';
import type { MasterBatchRecordContent, Phase, TestSpecification, UnitProcedure, ValueSpecification } from './model.ts';

const duplicates = (ids: readonly string[]): readonly string[] => [...new Set(ids.filter((id, i) => ids.indexOf(id) !== i))];

const uniqueFaults = (where: string, ids: readonly string[]): readonly string[] => duplicates(ids).map((id) => `${where}: '${id}' stands twice, want each id once`);

const missingFaults = (where: string, used: readonly string[], known: readonly string[]): readonly string[] =>
  used.filter((id) => !known.includes(id)).map((id) => `${where}: '${id}' is not defined, want one of ${known.join(', ')}`);

/** Unit procedures on a cycle of `after`, found by taking away those whose predecessors are gone until none goes. */
const cyclic = (procedure: readonly UnitProcedure[]): readonly string[] => {
  let left = procedure;
  for (;;) {
    const ids = new Set(left.map(({ id }) => id));
    const kept = left.filter(({ after }) => after.some((id) => ids.has(id)));
    if (kept.length === left.length) return kept.map(({ id }) => id);
    left = kept;
  }
};

/** Limits are of numbers, and the answer wanted is one that can be given. */
const answerFaults = (where: string, { id, type, limits, equals }: ValueSpecification): readonly string[] => [
  ...(limits === undefined || type === 'number' ? [] : [`${where}.values.${id}.limits: got limits of a ${type}, want them of a number`]),
  ...(equals === undefined || typeof equals === (type === 'text' ? 'string' : type) ? [] : [`${where}.values.${id}.equals: got ${typeof equals}, want the type of the value, ${type}`]),
];

const testFaults = ({ id, type, limits, equals }: TestSpecification): readonly string[] => [
  ...(limits === undefined || type === 'number' ? [] : [`releaseSpecification.${id}.limits: got limits of a ${type}, want them of a number`]),
  ...(equals === undefined || type === 'text' ? [] : [`releaseSpecification.${id}.equals: got an answer wanted of a ${type}, want one of a text`]),
];

/** Whose telemetry nobody waits for gives no value. */
const unmonitoredFaults = ({ equipmentClasses, parameters }: MasterBatchRecordContent, { id, values }: Phase): readonly string[] => {
  const unmonitored = new Set(equipmentClasses.filter(({ monitored }) => monitored === false).map((each) => each.id));
  const silent = new Set(parameters.filter(({ equipmentClassId }) => unmonitored.has(equipmentClassId)).map(({ metric }) => metric));
  return values.flatMap(({ id: valueId, source }) => (source.kind === 'telemetry' && silent.has(source.metric) ? [`procedure.${id}.values.${valueId}.source: got ${source.metric} of equipment that is not monitored, want a value that is entered`] : []));
};

/** All phases that are complete before this one starts, near and far; a cycle, which is a fault of its own, ends it. */
const phasesBefore = ({ procedure }: MasterBatchRecordContent, { phase, unitProcedure }: PlacedPhase): readonly string[] => {
  const earlier = new Set(unitProcedure.after);
  for (const id of earlier) procedure.find((each) => each.id === id)?.after.forEach((next) => earlier.add(next));
  const own = unitProcedure.operations.flatMap(({ phases }) => phases.map(({ id }) => id));
  return [...own.slice(0, own.indexOf(phase.id)), ...procedure.filter(({ id }) => earlier.has(id)).flatMap(({ operations }) => operations.flatMap(({ phases }) => phases.map(({ id }) => id)))];
};

/**
 * The label of the patient's material is held against the batch where the material is scanned, and nowhere else: a process that does not scan it, or only after something was added for this patient, could make
 * one patient's cells in another's name.
 *
 * @see EU GMP Part IV 6.4 and 21 CFR 1271.290 (identification and tracking from donor to recipient)
 */
const patientFaults = (content: MasterBatchRecordContent): readonly string[] => {
  const ofPatient = new Set(content.materials.filter(({ kind }) => kind === 'patient').map(({ id }) => id));
  const added = new Set(content.materials.filter(({ kind }) => kind === 'reagent' || kind === 'vector').map(({ id }) => id));
  const placed = placedPhases(content);
  const scanning = new Set(placed.filter(({ phase }) => phase.materials.some(({ materialId }) => ofPatient.has(materialId))).map(({ phase }) => phase.id));
  if (ofPatient.size === 0) return ['materials: got none of kind \'patient\', want one, whose label is held against the batch'];
  if (scanning.size === 0) return [`procedure: no phase uses ${[...ofPatient].join(', ')}, want the patient's material scanned before anything is added to it`];
  return placed.filter(({ phase }) => !scanning.has(phase.id) && phase.materials.some(({ materialId }) => added.has(materialId)))
    .filter((each) => !phasesBefore(content, each).some((id) => scanning.has(id)))
    .map(({ phase }) => `procedure.${phase.id}.materials: something is added before the patient's material was scanned, want a phase with ${[...ofPatient].join(', ')} before it`);
};

const phaseFaults = (content: MasterBatchRecordContent, phase: Phase): readonly string[] => {
  const where = `procedure.${phase.id}`;
  const metrics = phase.values.flatMap(({ source }) => (source.kind === 'telemetry' ? [source.metric] : []));
  return [
    ...uniqueFaults(`${where}.values`, phase.values.map(({ id }) => id)),
    ...missingFaults(`${where}.equipmentClassIds`, phase.equipmentClassIds, content.equipmentClasses.map(({ id }) => id)),
    ...missingFaults(`${where}.materials`, phase.materials.map(({ materialId }) => materialId), content.materials.map(({ id }) => id)),
    ...missingFaults(`${where}.values.metric`, metrics, content.parameters.map(({ metric }) => metric)),
    ...phase.values.flatMap((each) => answerFaults(where, each)),
    ...(phase.signatures.length > 0 ? [] : [`${where}.signatures: got none, want at least one: nobody answers for a phase that nobody signs`]),
    ...(phase.signatures.includes('verified') && phase.signatures[0] !== 'performed' ? [`${where}.signatures: got 'verified' first, want 'performed' before it`] : []),
  ];
};

/** References that do not hold, each with its path; empty when all do. */
export const referenceFaults = (content: MasterBatchRecordContent): readonly string[] => {
  const { procedure, parameters, equipmentClasses, materials, releaseSpecification } = content;
  const operations = procedure.flatMap((unit) => unit.operations);
  const phases = operations.flatMap((operation) => operation.phases);
  return [
    ...uniqueFaults('procedure', procedure.map(({ id }) => id)), ...uniqueFaults('procedure.operations', operations.map(({ id }) => id)), ...uniqueFaults('procedure.phases', phases.map(({ id }) => id)),
    ...uniqueFaults('materials', materials.map(({ id }) => id)), ...uniqueFaults('equipmentClasses', equipmentClasses.map(({ id }) => id)), ...uniqueFaults('parameters', parameters.map(({ metric }) => metric)),
    ...uniqueFaults('releaseSpecification', releaseSpecification.map(({ id }) => id)),
    ...procedure.flatMap(({ id, after }) => missingFaults(`procedure.${id}.after`, after, procedure.map((unit) => unit.id))),
    ...cyclic(procedure).map((id) => `procedure.${id}.after: stands on a cycle, want an order`),
    ...parameters.flatMap(({ metric, equipmentClassId }) => missingFaults(`parameters.${metric}.equipmentClassId`, [equipmentClassId], equipmentClasses.map(({ id }) => id))),
    ...releaseSpecification.flatMap(testFaults), ...phases.flatMap((phase) => [...phaseFaults(content, phase), ...unmonitoredFaults(content, phase)]), ...patientFaults(content),
  ];
};
