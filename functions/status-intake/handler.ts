import type { EventBridgeEvent } from 'aws-lambda';
import { task } from '../_platform/batch.ts';
import { LOG_KEY_EVENT, LogKeySchema, NetworkStatusSchema, networkKeyOf, type NetworkStatusMessage } from '../_platform/network-status.ts';

type Ports = Readonly<{
  /** The node that sends from this account and region; undefined for a stranger. */
  nodeOf(account: string, region: string, claimedNodeId: string): string | undefined;
  /** Keep a status unless a later version is held already. */
  keep(key: Readonly<{ pk: string; sk: string }>, status: NetworkStatusMessage): Promise<void>;
  seen(key: Readonly<{ pk: string; sk: string }>, at: string): Promise<void>;
  /** Keep the key of a node's log. @throws when another is held: a log does not change its key unnoticed */
  keepLogKey(key: Readonly<{ pk: string; sk: string }>, logKey: string): Promise<void>;
}>;

/** The node that sends, by the account and region of the event, which AWS sets; the body must agree. */
const requireSender = ({ nodeOf }: Pick<Ports, 'nodeOf'>, { account, region }: Pick<EventBridgeEvent<string, unknown>, 'account' | 'region'>, nodeId: string): void => {
  if (nodeOf(account, region, nodeId) !== nodeId) throw new Error(`status of node ${nodeId} came from account ${account} in ${region}, which is not that node's`);
};

/** Take in what a node tells: where a batch stands, or the key of its log. */
export const createHandler = (ports: Ports) => task(async (event: EventBridgeEvent<string, unknown>) => {
  const { keep, seen, keepLogKey } = ports;
  if (event['detail-type'] === LOG_KEY_EVENT.detailType) {
    const { nodeId, logKey } = LogKeySchema.parse(event.detail);
    requireSender(ports, event, nodeId);
    await keepLogKey(networkKeyOf.node(nodeId), logKey);
    return;
  }
  const status = NetworkStatusSchema.parse(event.detail);
  requireSender(ports, event, status.nodeId);
  await keep(networkKeyOf.batch(status.nodeId, status.batchId), status);
  await seen(networkKeyOf.node(status.nodeId), status.at);
});
