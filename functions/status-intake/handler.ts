import type { EventBridgeEvent } from 'aws-lambda';
import { admit, type DirectoryEntry } from '../../shared/audit-log/directory.ts';
import { task } from '../_platform/batch.ts';
import { MODEL_USE_EVENT, ModelUseSchema, NODE_KEYS_EVENT, NetworkStatusSchema, networkKeyOf, NodeKeysSchema, type AnnouncedKeys, type ModelUseMessage, type NetworkStatusMessage } from '../_platform/network-status.ts';

type Ports = Readonly<{
  /** The node that sends from this account and region; undefined for a stranger. */
  nodeOf(account: string, region: string, claimedNodeId: string): string | undefined;
  /** Keep what was told unless a later version is held already. */
  keep(key: Readonly<{ pk: string; sk: string }>, told: NetworkStatusMessage | ModelUseMessage): Promise<void>;
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

/** How a model fares at the hospital; the function that watches drift puts it on the model's record. */
const takeUse = async (ports: Ports, event: EventBridgeEvent<string, unknown>): Promise<void> => {
  const use = ModelUseSchema.parse(event.detail);
  requireSender(ports, event, use.nodeId);
  await ports.keep(networkKeyOf.modelUse(use.modelId, use.nodeId), use);
};

/** Take in what a node tells: where a batch stands, how a model fares there, or its keys. */
export const createHandler = (ports: Ports) => task(async (event: EventBridgeEvent<string, unknown>) => {
  const { keep, seen } = ports;
  if (event['detail-type'] === NODE_KEYS_EVENT.detailType) return takeKeys(ports, event);
  if (event['detail-type'] === MODEL_USE_EVENT.detailType) return takeUse(ports, event);
  const status = NetworkStatusSchema.parse(event.detail);
  requireSender(ports, event, status.nodeId);
  await keep(networkKeyOf.batch(status.nodeId, status.batchId), status);
  await seen(networkKeyOf.node(status.nodeId), status.at);
  return undefined;
});
