/**
 * What the log's published checkpoint says of a copy of a record: the copy ends with the last event that the checkpoint covers, so that all of it can be proven. A later event is in a later copy.
 *
 * @see RFC 6962 section 3 (an accepted entry is in the tree within the maximum merge delay, not at once)
 */
export type Coverage = Readonly<{
  /** Entries under the checkpoint. */
  treeSize: number;
  /** The newest time its witnesses cosigned it at, RFC 3339 UTC; absent of a log without witnesses. */
  cosignedAt?: string;
  /** Events of the record that were accepted too late for the checkpoint, and are not in the copy. */
  laterEvents: number;
  /** Events in the copy that the checkpoint does not cover though it should: evidence of damage, and shown as that. */
  unprovenEvents: number;
}>;
