import { DomainError, type ErrorCode } from '../errors.ts';
import type { BatchEvent } from './events.ts';

/**
 * Refusals that are themselves on record: someone tried what the rules forbid for safety. A mistyped request or a lost race is not one.
 */
const RECORDED_REFUSALS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'training-lapsed', 'master-batch-record-not-effective', 'phase-out-of-order', 'value-out-of-limits', 'material-wrong', 'material-not-found', 'material-expired', 'material-quarantined', 'material-exhausted',
  'equipment-not-found', 'equipment-not-in-use', 'equipment-wrong-class', 'equipment-calibration-overdue', 'equipment-in-use', 'equipment-out-of-use', 'label-malformed', 'chain-of-identity-mismatch',
  'custody-same-person', 'custody-not-held', 'signature-same-person', 'signature-meaning-wrong', 'reauthentication-failed', 'reauthentication-used', 'batch-open-points', 'batch-already-dispositioned', 'test-repeat-refused',
  'person-not-registered', 'person-not-active', 'credential-unconfirmed',
  'assistance-stopped', 'action-outside-table', 'action-equipment-wrong', 'gateway-shared', 'recommendation-undecided', 'recommendation-expired', 'model-not-active',
]);

/** The lot or equipment that the request named. */
type Asked = Readonly<{ lotId?: string | undefined; equipmentId?: string | undefined }>;

/** The role that a phase wants; one that a route or a signature wants stands among the refused attempts of the person. */
const isRoleOfPhase = ({ code, facts }: DomainError): boolean => code === 'role-missing' && facts['phaseId'] !== undefined;

/** Whether a refusal is one to keep. */
export const isRecordedRefusal = (error: unknown): error is DomainError => error instanceof DomainError && (RECORDED_REFUSALS.has(error.code) || isRoleOfPhase(error));

/** What a refusal says at most on record: it may name each of a thousand open points, and an event is one entry of the log. */
const MAXIMUM_DETAIL = 4000;
const detailOf = ({ message }: DomainError): string => (message.length <= MAXIMUM_DETAIL ? message : `${message.slice(0, MAXIMUM_DETAIL).toWellFormed()} …`);

/** The event that keeps a refusal, or undefined when the error is not one to keep. */
export const refusalOf = (error: unknown, attempted: string, phaseId?: string, { lotId, equipmentId }: Asked = {}): BatchEvent | undefined => {
  if (!isRecordedRefusal(error)) return undefined;
  const { labelLotId } = error.facts;
  return {
    type: 'action-refused', attempted, code: error.code, detail: detailOf(error), ...(phaseId === undefined ? {} : { phaseId }), ...(lotId === undefined ? {} : { refusedLotId: lotId }),
    ...(typeof labelLotId === 'string' ? { refusedLabelLotId: labelLotId } : {}), ...(equipmentId === undefined ? {} : { refusedEquipmentId: equipmentId }),
  };
};
