import type { EventBridgeEvent } from 'aws-lambda';
import { task } from '../_platform/batch.ts';
import { NetworkStatusSchema, networkKeyOf, type NetworkStatusMessage } from '../_platform/network-status.ts';

type Ports = Readonly<{
  /** The node that sends from this account and region; undefined for a stranger. */
  nodeOf(account: string, region: string, claimedNodeId: string): string | undefined;
  /** Keep a status unless a later version is held already. */
  keep(key: Readonly<{ pk: string; sk: string }>, status: NetworkStatusMessage): Promise<void>;
  seen(key: Readonly<{ pk: string; sk: string }>, at: string): Promise<void>;
}>;

/** Take a node's status in. The account and region of the event, which AWS sets, say which hospital it is; the body must agree. */
export const createHandler = ({ nodeOf, keep, seen }: Ports) => task(async ({ account, region, detail }: EventBridgeEvent<string, unknown>) => {
  const status = NetworkStatusSchema.parse(detail);
  if (nodeOf(account, region, status.nodeId) !== status.nodeId) {
    throw new Error(`status of node ${status.nodeId} came from account ${account} in ${region}, which is not that node's`);
  }
  await keep(networkKeyOf.batch(status.nodeId, status.batchId), status);
  await seen(networkKeyOf.node(status.nodeId), status.at);
});
