import { conforms, describeWanted } from '../master-batch-record/conformity.ts';
import type { MasterBatchRecordContent, Phase, ValueSpecification } from '../master-batch-record/model.ts';
import type { Recorded } from '../record/envelope.ts';
import type { CustodyLine, EquipmentLine, MaterialLine, PhaseSection, ValueLine } from './batch-record-document.ts';
import { changeLine, quantityChangeLine, signatureLine, stampOf } from './lines.ts';
import { ofPhase, type ByType, type RecordedOf } from './recorded-by-type.ts';

type ValueEvents = Readonly<{ recorded: readonly RecordedOf<'value-recorded'>[]; corrected: readonly RecordedOf<'value-corrected'>[] }>;

const sourceOf = ({ event: { origin } }: RecordedOf<'value-recorded'>): string =>
  (origin.kind === 'entered' ? 'entered' : `${origin.statistic} of ${origin.metric}, ${origin.sampleCount} samples, ${origin.from} to ${origin.to}`);

/** A value as it stands, with the first result and every change of it. */
const valueLine = (specification: ValueSpecification, { recorded, corrected }: ValueEvents): ValueLine => {
  const { id, title, unit } = specification;
  const first = recorded.findLast(({ event }) => event.valueId === id);
  const changes = corrected.filter(({ event }) => event.valueId === id);
  const value = changes.at(-1)?.event.newValue ?? first?.event.value;
  const drawnAt = changes.findLast(({ event }) => event.newDrawnAt !== undefined)?.event.newDrawnAt ?? first?.event.drawnAt;
  return {
    valueId: id, title, unit, limits: describeWanted(specification), changes: changes.map((each) => changeLine(each, title)),
    ...(value === undefined ? {} : { value: String(value), isWithinLimits: conforms(specification, value) }),
    ...(drawnAt === undefined ? {} : { drawnAt }),
    ...(first === undefined ? {} : { source: sourceOf(first), recorded: stampOf(first) }),
  };
};

/** A material's name, or its id where the master batch record has none. */
export const materialTitle = ({ materials }: MasterBatchRecordContent, materialId: string): string => materials.find(({ id }) => id === materialId)?.title ?? materialId;

/** A scan as it stands, with every change of its quantity. */
const materialLine = (recorded: RecordedOf<'material-added'>, content: MasterBatchRecordContent, of: ByType): MaterialLine => {
  const { materialId, lotId, quantity, unit, expiresAt, phaseId } = recorded.event;
  const title = materialTitle(content, materialId);
  const changes = ofPhase(of('material-corrected'), phaseId).filter(({ event }) => event.scanVersion === recorded.version);
  const stands = changes.at(-1)?.event.newQuantity ?? quantity;
  return { materialId, title, lotId, quantity: `${stands} ${unit}`, unit, expiresAt, stamp: stampOf(recorded), changes: changes.map((each) => quantityChangeLine(each, `${title}, lot ${lotId}`)) };
};

/** Each use with its own end: the same piece may serve a batch more than once. */
const equipmentLine = (recorded: RecordedOf<'equipment-assigned'>, { equipmentClasses }: MasterBatchRecordContent, of: ByType): EquipmentLine => {
  const { equipmentId, equipmentClassId, calibrationDueAt } = recorded.event;
  const released = of('equipment-released').find(({ version, event }) => version > recorded.version && event.equipmentId === equipmentId);
  const withdrawn = of('equipment-withdrawn').find(({ version, event }) => version > recorded.version && version < (released?.version ?? 0) && event.equipmentId === equipmentId);
  const end = { ...(released === undefined ? {} : { until: released.recordedAt }), ...(withdrawn === undefined ? {} : { withdrawn: withdrawn.event.reason }) };
  return { equipmentId, title: equipmentClasses.find(({ id }) => id === equipmentClassId)?.title ?? equipmentClassId, ...(calibrationDueAt === undefined ? {} : { calibrationDueAt }), stamp: stampOf(recorded), ...end };
};

const custodyLine = ({ event }: RecordedOf<'custody-offered'>, accepted: RecordedOf<'custody-accepted'> | undefined): CustodyLine => {
  const { transferId, location, temperatureCelsius, toPersonId, signature } = event;
  return {
    transferId, location, toPersonId, offered: signatureLine(signature, `hand-over ${transferId}, given`), ...(temperatureCelsius === undefined ? {} : { temperatureCelsius }),
    ...(accepted === undefined ? {} : { condition: accepted.event.condition, accepted: signatureLine(accepted.event.signature, `hand-over ${transferId}, received`) }),
  };
};

/** Signatures in their order; those before the last work on the phase are void, and say so. */
const phaseSignatures = ({ id, title }: Phase, of: ByType): PhaseSection['signatures'] => {
  const voidBefore = ofPhase(of('phase-signatures-voided'), id).at(-1)?.version ?? 0;
  return ofPhase(of('phase-signed'), id).map(({ version, event: { signature } }) => signatureLine(signature, version < voidBefore ? `phase ${title}, VOID: work went on after it` : `phase ${title}`));
};

const stamped = <Name extends string>(name: Name, recorded: Recorded<unknown> | undefined) => (recorded === undefined ? {} : { [name]: stampOf(recorded) });

const phaseSection = (phase: Phase, path: readonly string[], content: MasterBatchRecordContent, of: ByType): PhaseSection => {
  const { id, title, instruction } = phase;
  const events: ValueEvents = { recorded: ofPhase(of('value-recorded'), id), corrected: ofPhase(of('value-corrected'), id) };
  return {
    phaseId: id, title, path, instruction, ...stamped('started', ofPhase(of('phase-started'), id)[0]), ...stamped('completed', ofPhase(of('phase-completed'), id)[0]),
    values: phase.values.map((each) => valueLine(each, events)),
    materials: ofPhase(of('material-added'), id).map((each) => materialLine(each, content, of)),
    equipment: ofPhase(of('equipment-assigned'), id).map((each) => equipmentLine(each, content, of)),
    custody: ofPhase(of('custody-offered'), id).map((each) => custodyLine(each, of('custody-accepted').find(({ event }) => event.transferId === each.event.transferId))),
    signatures: phaseSignatures(phase, of),
  };
};

/** Every phase of the master batch record in its order, begun or not. @see 21 CFR 211.188(b) */
export const phaseSections = (content: MasterBatchRecordContent, of: ByType): readonly PhaseSection[] => content.procedure.flatMap((unit) =>
  unit.operations.flatMap((operation) => operation.phases.map((phase) => phaseSection(phase, [unit.title, operation.title], content, of))));
