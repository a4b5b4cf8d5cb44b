import { describeEvent } from '../batch/describe.ts';
import type { BatchEvent } from '../batch/events.ts';
import type { Recorded, Signature } from '../record/envelope.ts';
import type { ChangeLine, HistoryLine, SignatureLine, Stamp } from './batch-record-document.ts';
import type { RecordedOf } from './recorded-by-type.ts';

/** Who did it: the printed name, or the function and its version. */
export const stampOf = ({ actor, recordedAt, deviceTime, version }: Recorded<unknown>): Stamp =>
  ({ by: actor.kind === 'person' ? actor.printedName : `${actor.id} ${actor.version}`, at: recordedAt, version, ...(deviceTime === undefined ? {} : { deviceTime }) });

/** @see 21 CFR 11.50(a), (b): name, date and time, meaning, in every human-readable form of the record */
export const signatureLine = ({ printedName, signedAt, meaning, signedVersion }: Signature, subject: string): SignatureLine => ({ printedName, signedAt, meaning, signedVersion, subject });

export const historyLine = (recorded: Recorded<BatchEvent>): HistoryLine => {
  const { what, why } = describeEvent(recorded.event);
  return { what, ...(why === undefined ? {} : { why }), stamp: stampOf(recorded) };
};

/** Of the quantity of a scan. */
export const quantityChangeLine = (recorded: RecordedOf<'material-corrected'>, title: string): ChangeLine => {
  const { oldQuantity, newQuantity, reason, signature } = recorded.event;
  return { oldValue: String(oldQuantity), newValue: String(newQuantity), reason, stamp: stampOf(recorded), signature: signatureLine(signature, `change of ${title}`) };
};

export const changeLine = (recorded: RecordedOf<'value-corrected'>, title: string): ChangeLine => {
  const { oldValue, newValue, oldDrawnAt, newDrawnAt, reason, signature } = recorded.event;
  const drawn = { ...(newDrawnAt === undefined ? {} : { newDrawnAt }), ...(oldDrawnAt === undefined ? {} : { oldDrawnAt }) };
  return { oldValue: String(oldValue), newValue: String(newValue), ...drawn, reason, stamp: stampOf(recorded), signature: signatureLine(signature, `change of ${title}`) };
};
