import type { LogStore } from '../../shared/audit-log/log-store.ts';
import type { VerifierKey } from '../../shared/audit-log/verifier-key.ts';
import { http } from '../_platform/http.ts';
import { checkpointAnswer, consistencyAnswer, keyAnswer, tileAnswer } from '../_platform/log-reading.ts';
import { loggedAtControlSite } from '../_platform/network-view.ts';
import type { LoggingPorts } from '../_platform/read-log.ts';
import type { RefusalLog } from '../_platform/refusals.ts';
import { ReadNetworkCheckpoint, ReadNetworkConsistency, ReadNetworkLogKey, ReadNetworkTile } from './schema.ts';

type Ports = LoggingPorts & Readonly<{
  refusals?: RefusalLog;
  store: Pick<LogStore, 'getObject' | 'readCheckpoint'>;
  /** Verifier key of the log. */
  key(): Promise<VerifierKey>;
}>;

/** The control site's own transparency log (ADR 0018): what it decided, in a form that its people can have verified by others. Each read is logged, as at a hospital. */
export const createHandler = (ports: Ports) => http([
  loggedAtControlSite(ports, ReadNetworkLogKey, async () => keyAnswer(await ports.key())),
  loggedAtControlSite(ports, ReadNetworkCheckpoint, () => checkpointAnswer(ports.store)),
  loggedAtControlSite(ports, ReadNetworkTile, ({ path: { path } }, { isStaff }) => tileAnswer(ports.store, `tile/${path}`, isStaff)),
  loggedAtControlSite(ports, ReadNetworkConsistency, ({ query: { from, to } }) => consistencyAnswer(ports.store, from, to)),
], ports.refusals);
