import type { MasterBatchRecordContent, Phase, UnitProcedure, ValueSpecification } from './model.ts';

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

const phaseFaults = (content: MasterBatchRecordContent, phase: Phase): readonly string[] => {
  const where = `procedure.${phase.id}`;
  const metrics = phase.values.flatMap(({ source }) => (source.kind === 'telemetry' ? [source.metric] : []));
  return [
    ...uniqueFaults(`${where}.values`, phase.values.map(({ id }) => id)),
    ...missingFaults(`${where}.equipmentClassIds`, phase.equipmentClassIds, content.equipmentClasses.map(({ id }) => id)),
    ...missingFaults(`${where}.materials`, phase.materials.map(({ materialId }) => materialId), content.materials.map(({ id }) => id)),
    ...missingFaults(`${where}.values.metric`, metrics, content.parameters.map(({ metric }) => metric)),
    ...phase.values.flatMap((each) => answerFaults(where, each)),
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
    ...phases.flatMap((phase) => phaseFaults(content, phase)),
  ];
};
