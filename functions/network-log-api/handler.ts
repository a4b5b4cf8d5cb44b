import type { LogStore } from '../../shared/audit-log/log-store.ts';
import type { VerifierKey } from '../../shared/audit-log/verifier-key.ts';
import { http } from '../_platform/http.ts';
import { checkpointAnswer, consistencyAnswer, keyAnswer, tileAnswer } from '../_platform/log-reading.ts';
import { loggedAtControlSite } from '../_platform/network-view.ts';
import type { LoggingPorts } from '../_platform/read-log.ts';
import type { RefusalLog } from '../_platform/refusals.ts';
import type { Linker } from '../_platform/s3-link.ts';
import {
  InspectNetworkCheckpoint, InspectNetworkConsistency, InspectNetworkLogKey, InspectNetworkTile, ReadNetworkCheckpoint, ReadNetworkConsistency, ReadNetworkLogKey, ReadNetworkTile,
} from './schema.ts';

type Ports = LoggingPorts & Readonly<{
  refusals?: RefusalLog;
  store: Pick<LogStore, 'getObject' | 'readCheckpoint'>;
  /** To an object of the log, where it is larger than an answer. */
  link: Linker;
  /** Verifier key of the log. */
  key(): Promise<VerifierKey>;
}>;

/** The control site's own transparency log (ADR 0018): what it decided, in a form that its people can have verified by others. Each read is logged, as at a hospital. */
export const createHandler = (ports: Ports) => http([
  ...[ReadNetworkLogKey, InspectNetworkLogKey].map((each) => loggedAtControlSite(ports, each, async () => keyAnswer(await ports.key()))),
  ...[ReadNetworkCheckpoint, InspectNetworkCheckpoint].map((each) => loggedAtControlSite(ports, each, () => checkpointAnswer(ports.store))),
  ...[ReadNetworkTile, InspectNetworkTile].map((each) => loggedAtControlSite(ports, each, ({ path: { path } }, { isStaff }) => tileAnswer(ports, `tile/${path}`, isStaff))),
  ...[ReadNetworkConsistency, InspectNetworkConsistency].map((each) => loggedAtControlSite(ports, each, ({ query: { from, to } }) => consistencyAnswer(ports.store, from, to))),
], ports.refusals);
