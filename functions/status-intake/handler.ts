import type { EventBridgeEvent } from 'aws-lambda';
import { admit, type DirectoryEntry } from '../../shared/audit-log/directory.ts';
import { task } from '../_platform/batch.ts';
import { NODE_KEYS_EVENT, NetworkStatusSchema, networkKeyOf, NodeKeysSchema, type AnnouncedKeys, type NetworkStatusMessage } from '../_platform/network-status.ts';

type Ports = Readonly<{
  /** The node that sends from this account and region; undefined for a stranger. */
  nodeOf(account: string, region: string, claimedNodeId: string): string | undefined;
  /** Keep a status unless a later version is held already. */
  keep(key: Readonly<{ pk: string; sk: string }>, status: NetworkStatusMessage): Promise<void>;
  seen(key: Readonly<{ pk: string; sk: string }>, at: string): Promise<void>;
  /** Registered sites of the network. */
  sites(): Promise<readonly DirectoryEntry[]>;
  /** Keep the keys a node tells, for the coordinator to register. */
  keepAnnounced(key: Readonly<{ pk: string; sk: string }>, announced: AnnouncedKeys): Promise<void>;
}>;

/** The node that sends, by the account and region of the event, which AWS sets; the body must agree. */
const requireSender = ({ nodeOf }: Pick<Ports, 'nodeOf'>, { account, region }: Pick<EventBridgeEvent<string, unknown>, 'account' | 'region'>, nodeId: string): void => {
  if (nodeOf(account, region, nodeId) !== nodeId) throw new Error(`status of node ${nodeId} came from account ${account} in ${region}, which is not that node's`);
};

/**
 * Keys that a node announces wait for the coordinator: nothing is trusted for having come first. @throws DomainError `node-key-changed` naming the node when it has registered ones and
 * tells others, `node-key-refused`
 */
const takeKeys = async ({ nodeOf, sites, keepAnnounced }: Ports, event: EventBridgeEvent<string, unknown>): Promise<void> => {
  const keys = NodeKeysSchema.parse(event.detail);
  requireSender({ nodeOf }, event, keys.nodeId);
  const { nodeId, ...entry } = keys;
  admit(await sites(), { siteId: nodeId, ...entry });
  await keepAnnounced(networkKeyOf.announced(nodeId), { ...keys, at: event.time });
};

/** Take in what a node tells: where a batch stands, or its keys. */
export const createHandler = (ports: Ports) => task(async (event: EventBridgeEvent<string, unknown>) => {
  const { keep, seen } = ports;
  if (event['detail-type'] === NODE_KEYS_EVENT.detailType) return takeKeys(ports, event);
  const status = NetworkStatusSchema.parse(event.detail);
  requireSender(ports, event, status.nodeId);
  await keep(networkKeyOf.batch(status.nodeId, status.batchId), status);
  await seen(networkKeyOf.node(status.nodeId), status.at);
  return undefined;
});
