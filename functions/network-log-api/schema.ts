import { contract } from '../_platform/contract.ts';
import { InspectCheckpoint, InspectConsistency, InspectLogKey, InspectTile, ReadCheckpoint, ReadConsistency, ReadLogKey, ReadTile } from '../log-api/schema.ts';

/** People of the control site. Its entries tell of every hospital and every inspector, so an inspector has the log from them. */
const roles = ['network-coordinator', 'master-data-steward', 'quality-reviewer', 'qualified-person'] as const;

export const ReadNetworkLogKey = contract({ ...ReadLogKey, operation: 'readNetworkLogKey', roles });
export const ReadNetworkCheckpoint = contract({ ...ReadCheckpoint, operation: 'readNetworkCheckpoint', roles });
export const ReadNetworkTile = contract({ ...ReadTile, operation: 'readNetworkTile', roles });
export const ReadNetworkConsistency = contract({ ...ReadConsistency, operation: 'readNetworkConsistency', roles });
export const InspectNetworkLogKey = contract({ ...InspectLogKey, operation: 'inspectNetworkLogKey', roles });
export const InspectNetworkCheckpoint = contract({ ...InspectCheckpoint, operation: 'inspectNetworkCheckpoint', roles });
export const InspectNetworkTile = contract({ ...InspectTile, operation: 'inspectNetworkTile', roles });
export const InspectNetworkConsistency = contract({ ...InspectConsistency, operation: 'inspectNetworkConsistency', roles });
