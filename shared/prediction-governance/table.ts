import { DomainError } from '../errors.ts';
import type { DeviationSeverity } from '../batch/events.ts';
import type { PredictionOutput } from '../model-registry/model-plan.ts';
import type { Fact } from '../model-registry/events.ts';
import { canonicalJson } from '../record/canonical-json.ts';
import { sha256Hex } from '../record/chain.ts';
import type { Role, Signature } from '../record/envelope.ts';
import { requireSignatory, type Signatory } from '../record/signatory.ts';

/** What a hospital network lets each output of a model do, for one product. No row lets a model act by itself: there is no such word. */
export type GovernanceTable = Readonly<{ productId: string; rows: readonly GovernanceRow[] }>;
export type GovernanceRow = Readonly<{
  output: PredictionOutput;
  /** `awareness`: shown, nothing follows. `needs-signature`: a person of this role decides, signed. */
  handling: Readonly<{ kind: 'awareness' }> | Readonly<{ kind: 'needs-signature'; role: Role }>;
  /** Probability, 0 to 1, from which the output is brought to somebody. */
  threshold: number;
  /** Undecided never leads to an action. `show` says so on the screen; `needs-review` also waits for a person to have looked. */
  undecided: 'show' | 'needs-review';
  /** A recommendation older than this is not acted on. */
  validForMinutes: number;
  /** A command the equipment has not confirmed by then is a deviation. */
  acknowledgeWithinSeconds: number;
  /** Sparkplug metrics it may set, with the values allowed, inclusive. None where it is for awareness. */
  actions: readonly AllowedAction[];
  /**
   * Drift of the model that this hospital finds itself is a deviation this severe, `major` where absent; a `critical` one stops the model here at once. For `process-monitoring-alarm` an alarm about a batch also
   * raises one on that batch; none where absent.
   */
  deviation?: DeviationSeverity;
}>;
export type AllowedAction = Readonly<{ metric: string; unit: string; low: number; high: number }>;

/** Life of one product's table. One stream holds all its versions. */
export type GovernanceTableEvent =
  | Readonly<{ type: 'governance-table-drafted'; version: number; content: GovernanceTable; contentHash: string; signature: Signature }>
  | Readonly<{ type: 'governance-table-approved'; version: number; signature: Signature }>
  | Readonly<{ type: 'governance-table-made-effective'; version: number; supersededVersion?: number; signature: Signature }>;
export type TableState = 'draft' | 'approved' | 'effective' | 'superseded';
export type TableVersion = Readonly<{ version: number; state: TableState; content: GovernanceTable; contentHash: string; authorId: string; effectiveAt?: string }>;
export type TableRecord = Readonly<{ versions: readonly TableVersion[] }>;

const change = ({ versions }: TableRecord, version: number, next: Partial<TableVersion>): TableRecord =>
  ({ versions: versions.map((each) => (each.version === version ? { ...each, ...next } : each)) });

export const evolveGovernanceTable = (record: TableRecord | undefined, { event, recordedAt, stream }: Fact<GovernanceTableEvent>): TableRecord => {
  if (event.type === 'governance-table-drafted') {
    const { version, content, contentHash, signature } = event;
    return { versions: [...(record?.versions.filter((each) => each.version !== version) ?? []), { version, state: 'draft', content, contentHash, authorId: signature.signerId }] };
  }
  if (record === undefined) throw new DomainError('record-corrupt', `governance table ${stream.id} does not begin with a draft`, { id: stream.id });
  if (event.type === 'governance-table-approved') return change(record, event.version, { state: 'approved' });
  const effective = change(record, event.version, { state: 'effective', effectiveAt: recordedAt });
  return event.supersededVersion === undefined ? effective : change(effective, event.supersededVersion, { state: 'superseded' });
};

/** What lists show of one product's table; `productId` decides who may see it. */
export const tableSummary = ({ versions }: TableRecord): Readonly<Record<string, unknown>> => ({
  productId: versions[0]?.content.productId, versions: versions.map(({ version, state, contentHash, effectiveAt }) => ({ version, state, contentHash, ...(effectiveAt === undefined ? {} : { effectiveAt }) })),
});

/** @throws DomainError `governance-table-not-effective` when the product has none */
export const effectiveTable = (record: TableRecord | undefined, productId: string): TableVersion => {
  const found = record?.versions.find(({ state }) => state === 'effective');
  if (found?.content.productId !== productId) throw new DomainError('governance-table-not-effective', `no governance table is effective for ${productId}`, { productId });
  return found;
};

/**
 * Draft a first or a next version, or change the draft in work.
 *
 * @throws DomainError `governance-table-state-wrong` while an approved one waits, `governance-table-malformed` when the product is another, `role-missing`, `signature-meaning-wrong` (wants `authorship`)
 */
export const draftTable = (record: TableRecord | undefined, content: GovernanceTable, signatory: Signatory): readonly GovernanceTableEvent[] => {
  const versions = record?.versions ?? [];
  const approved = versions.find(({ state }) => state === 'approved');
  if (approved !== undefined) throw new DomainError('governance-table-state-wrong', `version ${approved.version} is approved, want it effective before another draft`);
  const other = versions.find((each) => each.content.productId !== content.productId);
  if (other !== undefined) throw new DomainError('governance-table-malformed', `productId: got ${content.productId}, want ${other.content.productId}`, { paths: ['productId'] });
  requireSignatory(signatory, 'authorship', ['process-scientist', 'master-data-steward'], 'draft a governance table');
  const version = versions.find(({ state }) => state === 'draft')?.version ?? versions.length + 1;
  return [{ type: 'governance-table-drafted', version, content, contentHash: sha256Hex(canonicalJson(content)), signature: signatory.signature }];
};

const requireInWork = (record: TableRecord | undefined, wanted: TableState, { signature }: Signatory): TableVersion => {
  const found = record?.versions.find(({ state }) => state === wanted);
  if (found === undefined) throw new DomainError('governance-table-state-wrong', `no version of the governance table is ${wanted}, want one`);
  if (found.authorId === signature.signerId) throw new DomainError('signature-same-person', `version ${found.version} was written by this person; another person must sign it`);
  return found;
};

/** Draft → approved, by quality. @throws DomainError `governance-table-state-wrong`, `signature-same-person`, `role-missing`, `signature-meaning-wrong` (wants `approval`) */
export const approveTable = (record: TableRecord | undefined, signatory: Signatory): readonly GovernanceTableEvent[] => {
  const { version } = requireInWork(record, 'draft', signatory);
  requireSignatory(signatory, 'approval', ['quality-reviewer', 'qualified-person'], 'approve a governance table');
  return [{ type: 'governance-table-approved', version, signature: signatory.signature }];
};

/** Approved → effective; the one before is superseded by the same event. @throws as `approveTable`, but wants `responsibility` */
export const makeTableEffective = (record: TableRecord | undefined, signatory: Signatory): readonly GovernanceTableEvent[] => {
  const { version } = requireInWork(record, 'approved', signatory);
  requireSignatory(signatory, 'responsibility', ['quality-reviewer', 'qualified-person'], 'make a governance table effective');
  const before = record?.versions.find(({ state }) => state === 'effective');
  return [{ type: 'governance-table-made-effective', version, ...(before === undefined ? {} : { supersededVersion: before.version }), signature: signatory.signature }];
};
