import type { LogStore } from '../../shared/audit-log/log-store.ts';
import type { VerifierKey } from '../../shared/audit-log/verifier-key.ts';
import { endpoint } from '../_platform/contract.ts';
import { http } from '../_platform/http.ts';
import { checkpointAnswer, consistencyAnswer, keyAnswer, tileAnswer } from '../_platform/log-reading.ts';
import { onlyActive, type PersonOf } from '../_platform/people.ts';
import { ReadNetworkCheckpoint, ReadNetworkConsistency, ReadNetworkLogKey, ReadNetworkTile } from './schema.ts';

type Ports = Readonly<{
  store: Pick<LogStore, 'getObject' | 'readCheckpoint'>;
  /** Verifier key of the log. */
  key(): Promise<VerifierKey>;
  personOf: PersonOf;
}>;

/** The control site's own transparency log (ADR 0018): what it decided, in a form that its people can have verified by others. */
export const createHandler = ({ store, key, personOf }: Ports) => http(onlyActive(personOf, [
  endpoint(ReadNetworkLogKey, async () => keyAnswer(await key())),
  endpoint(ReadNetworkCheckpoint, () => checkpointAnswer(store)),
  endpoint(ReadNetworkTile, ({ path: { path } }) => tileAnswer(store, `tile/${path}`, true)),
  endpoint(ReadNetworkConsistency, ({ query: { from, to } }) => consistencyAnswer(store, from, to)),
]));
