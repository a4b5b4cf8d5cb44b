/**
 * Which roles may sign which events at a hospital: any one of them. Said here anew, so that what the platform let pass is held against the rule and not against the platform. Events that are not listed
 * want a signer with any role.
 *
 * @see 21 CFR 11.10(g) (authority checks)
 */
const QUALITY = ['quality-reviewer', 'qualified-person'];
const PROCESS = ['process-scientist', ...QUALITY];
const WORKERS = ['operator', ...PROCESS];

export const ROLES_BY_EVENT: Readonly<Record<string, readonly string[]>> = {
  'disposition-recorded': ['qualified-person'], 'staged-results-certified': ['qualified-person'], 'erasure-requested': ['quality-reviewer'], 'erasure-confirmed': ['qualified-person'],
  'deviation-assessed': PROCESS, 'deviation-closed': QUALITY, 'telemetry-gap-assessed': PROCESS, 'test-result-recorded': PROCESS,
  'batch-stopped': WORKERS, 'batch-aborted': WORKERS, 'phase-signed': WORKERS, 'value-corrected': WORKERS, 'material-corrected': WORKERS, 'custody-offered': WORKERS, 'custody-accepted': WORKERS, 'custody-withdrawn': WORKERS,
  'personal-data-corrected': ['operator', ...QUALITY], 'assistance-resumed': ['process-scientist', 'quality-reviewer'],
  'material-lot-released': QUALITY, 'material-lot-rejected': QUALITY,
  'person-suspended': ['master-data-steward', ...QUALITY], 'person-revoked': ['master-data-steward', ...QUALITY],
  'person-reinstated': QUALITY, 'roles-changed': QUALITY, 'credential-confirmed': QUALITY,
  'governance-table-drafted': ['process-scientist', 'master-data-steward'], 'governance-table-approved': QUALITY, 'governance-table-made-effective': QUALITY,
  'training-data-imported': ['process-scientist'],
};

const textsOf = (value: unknown): readonly string[] => (Array.isArray(value) ? value.filter((each) => typeof each === 'string') : []);

/** Roles as an event has them; whatever is no list of texts gives none. */
export const rolesOf = textsOf;

/** Whether a role counts: one that the signer came with, that the register gives, and that may sign this. */
export const mayBySigningRole = (type: string, claimed: readonly string[], registered: readonly string[]): boolean =>
  claimed.some((role) => registered.includes(role) && (ROLES_BY_EVENT[type]?.includes(role) ?? true));
