import { evolveAuditGrant, type AuditGrant, type AuditGrantEvent } from '../../shared/audit-grant/grant.ts';
import type { StreamType } from '../_platform/stream-records.ts';

/** How a grant becomes state; lists show the whole of it. */
export const AUDIT_GRANTS: StreamType<AuditGrant, AuditGrantEvent> = { kind: 'audit-grant', evolve: evolveAuditGrant, summaryOf: (grant) => ({ ...grant }) };
