import type { ChangeLine, EquipmentLine, MaterialLine, PhaseSection, ValueLine } from '../../shared/audit/batch-record-document.ts';
import type { Block, Column } from '../_platform/pdf/blocks.ts';
import { signatureText, stampText, timeText } from './text.ts';

type Row = readonly string[];
type Table = Extract<Block, { type: 'table' }>;

const VALUES: readonly Column[] = [{ title: 'Value', width: 118 }, { title: 'Limits', width: 92 }, { title: 'Result', width: 84 }, { title: 'Recorded by, at', width: 205 }];
const MATERIALS: readonly Column[] = [{ title: 'Material', width: 118 }, { title: 'Lot', width: 110 }, { title: 'Quantity, expiry', width: 96 }, { title: 'Added by, at', width: 175 }];
const EQUIPMENT: readonly Column[] = [{ title: 'Equipment', width: 188 }, { title: 'Calibration due', width: 136 }, { title: 'Used by, from, until', width: 175 }];
const CUSTODY: readonly Column[] = [{ title: 'Hand-over', width: 110 }, { title: 'Place', width: 94 }, { title: 'Given by, at, meaning', width: 145 }, { title: 'Received by, at, meaning', width: 150 }];
export const SIGNATURES: readonly Column[] = [{ title: 'Printed name', width: 130 }, { title: 'Date and time', width: 130 }, { title: 'Meaning', width: 80 }, { title: 'Of', width: 159 }];

/** A change says in words that it is one; its colour only helps the eye. @see 21 CFR 11.10(e); EU GMP Part IV, 6 (corrections stay legible) */
export const changeRow = ({ oldValue, newValue, oldDrawnAt, newDrawnAt, reason, stamp, signature }: ChangeLine, title: string, unit: string): Row =>
  [`CHANGED: ${title}`, `old ${oldValue} ${unit}`.trim(), `new ${newValue} ${unit}`.trim(), `Reason: ${reason}. ${newDrawnAt === undefined ? '' : `Sample drawn ${timeText(newDrawnAt)}, before: ${oldDrawnAt === undefined ? 'not said' : timeText(oldDrawnAt)}. `}${stampText(stamp)}. Signed: ${signatureText(signature)}`];

const resultText = ({ value, unit, isWithinLimits, limits }: ValueLine): string => {
  if (value === undefined) return 'not recorded';
  return `${value} ${unit}`.trim() + (limits === '' ? '' : isWithinLimits === true ? ', within limits' : ', OUTSIDE LIMITS');
};

const recordedText = ({ recorded, source, drawnAt, changes }: ValueLine): string => {
  if (recorded === undefined) return '';
  return `${stampText(recorded)}${source === undefined || source === 'entered' ? '' : `; ${source}`}${drawnAt === undefined ? '' : `; sample drawn ${timeText(drawnAt)}`}${changes.length === 0 ? '' : `; changed ${changes.length} time(s), see below`}`;
};

const valuesTable = (values: readonly ValueLine[]): Table => {
  const rows: Row[] = [];
  const marked = new Set<number>();
  for (const value of values) {
    rows.push([value.title, value.limits, resultText(value), recordedText(value)]);
    for (const change of value.changes) marked.add(rows.push(changeRow(change, value.title, value.unit)) - 1);
  }
  return { type: 'table', columns: VALUES, rows, marked, empty: '' };
};

const materialsTable = (materials: readonly MaterialLine[]): readonly Table[] => {
  const rows: Row[] = [];
  const marked = new Set<number>();
  for (const { title, lotId, quantity, unit, expiresAt, stamp, changes } of materials) {
    rows.push([title, lotId, `${quantity}, ${timeText(expiresAt)}`, `${stampText(stamp)}${changes.length === 0 ? '' : `; changed ${changes.length} time(s), see below`}`]);
    for (const change of changes) marked.add(rows.push(changeRow(change, title, unit)) - 1);
  }
  return rows.length === 0 ? [] : [{ type: 'table', columns: MATERIALS, rows, marked, empty: '' }];
};

const tableOf = (columns: readonly Column[], rows: readonly Row[]): readonly Table[] => (rows.length === 0 ? [] : [{ type: 'table', columns, rows, empty: '' }]);

const custodyRows = ({ custody }: PhaseSection): readonly Row[] => custody.map(({ transferId, location, temperatureCelsius, toPersonId, offered, condition, accepted }) => [
  `${transferId} to ${toPersonId}`, `${location}${temperatureCelsius === undefined ? '' : `, ${temperatureCelsius} °C`}`, signatureText(offered), accepted === undefined ? 'NOT RECEIVED' : `${signatureText(accepted)}; ${condition ?? ''}`,
]);

const equipmentRow = ({ title, equipmentId, calibrationDueAt, stamp, until, withdrawn }: EquipmentLine): Row => [
  `${equipmentId}, ${title}`, calibrationDueAt === undefined ? 'none needed' : timeText(calibrationDueAt),
  `${stampText(stamp)}${until === undefined ? '' : `; until ${timeText(until)}`}${withdrawn === undefined ? '' : `; TAKEN OUT: ${withdrawn}`}`,
];

/** One phase as it was done, or that it was not. */
export const phaseBlocks = (phase: PhaseSection): readonly Block[] => {
  const { path, title, phaseId, instruction, started, completed, values, materials, equipment, signatures } = phase;
  const heading: Block = { type: 'heading', text: `${path.join(' › ')} › ${title}` };
  if (started === undefined) return [heading, { type: 'paragraph', text: `Phase ${phaseId} was not begun.` }];
  return [
    heading, { type: 'paragraph', text: instruction },
    { type: 'facts', rows: [['Phase', phaseId], ['Begun', stampText(started)], ['Complete', completed === undefined ? 'no' : stampText(completed)]] },
    ...(values.length === 0 ? [] : [valuesTable(values)]),
    ...materialsTable(materials),
    ...tableOf(EQUIPMENT, equipment.map(equipmentRow)),
    ...tableOf(CUSTODY, custodyRows(phase)),
    ...tableOf(SIGNATURES, signatures.map(({ printedName, signedAt, meaning, subject }) => [printedName, timeText(signedAt), meaning, subject])),
  ];
};
