import type { Batch } from './state.ts';

/** Which batch, of what, for whom and by which master batch record: what every document about a batch begins with. */
export type BatchIdentity = Readonly<{
  batchId: string;
  nodeId: string;
  productId: string;
  productTitle: string;
  chainOfIdentityId: string;
  masterBatchRecord: Readonly<{ id: string; version: number; contentHash: string }>;
}>;

/** In this order, so that a document made again has the same bytes. */
export const batchIdentityOf = ({ batchId, nodeId, productId, chainOfIdentityId, recipe }: Batch): BatchIdentity => ({
  batchId, nodeId, productId, productTitle: recipe.content.title, chainOfIdentityId,
  masterBatchRecord: { id: recipe.masterBatchRecordId, version: recipe.masterBatchRecordVersion, contentHash: recipe.contentHash },
});
