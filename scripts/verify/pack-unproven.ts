import type { Checkpoint } from './checkpoint.ts';
import type { Findings } from './damage.ts';
import { guessPlace, streamOf } from './entry.ts';
import { rootOfPath } from './inclusion.ts';
import { PROOFS, type PackProofs, type Replaced } from './pack-proofs.ts';
import { RECORD, type PackEvent, type PackRecord } from './pack-record.ts';
import { leafHashOf } from './sha256.ts';

/**
 * An event of a pack without a proof. It may wait for the next checkpoint, for a minute at most; or the log holds another event in its place, and then it was replaced in the record after the log had
 * taken it in. A pack shows the log's own entry where its maker found it.
 */

/** An accepted event is under a published checkpoint within this time. */
const LONGEST_WAIT_MS = 60_000;
/** Clocks of the site and of a witness may differ by this much. */
const CLOCK_TOLERANCE_MS = 5_000;

export class Unproven {
  readonly #proofs: PackProofs;
  readonly #checkpoint: Checkpoint;
  readonly #findings: Findings;
  /** The newest version with a proof: a stream enters the log in its order. */
  readonly #newestProven: number;
  /** When the checkpoint was made at the earliest, epoch ms: its witnesses say so, or what it covers. */
  readonly #madeMs: number;

  /** @param cosignedMs when the checkpoint was cosigned, if that is known */
  constructor({ events }: PackRecord, proofs: PackProofs, checkpoint: Checkpoint, cosignedMs: number | undefined, findings: Findings) {
    this.#proofs = proofs;
    this.#checkpoint = checkpoint;
    this.#findings = findings;
    this.#newestProven = Math.max(0, ...proofs.proofs.keys());
    const covered = events.flatMap(({ batch, entry }) => (entry === undefined || !proofs.proofs.has(batch.version) ? [] : [Date.parse(entry.recordedAt)]));
    this.#madeMs = covered.reduce((newest, each) => Math.max(newest, each), cosignedMs ?? -Infinity);
  }

  report(event: PackEvent): void {
    const { batch, leafHash } = event;
    const claim = this.#proofs.waiting.get(batch.version), replaced = this.#proofs.replaced.get(batch.version);
    if (replaced !== undefined) this.#reportReplaced(event, replaced);
    else if (claim === undefined) this.#findings.damage({ file: PROOFS, batch, message: 'has no proof' });
    else if (!claim.leafHash.equals(leafHash)) this.#findings.damage({ file: RECORD, batch, message: `has no proof yet, and is not the event that waits for one: that has the leaf ${claim.leafHash.toString('hex')}, this gives ${leafHash.toString('hex')}` });
    else this.#reportWaiting(event);
  }

  /** The entry shown must be in the log, and must be this version of this batch: then it is the one, and the record's event is not. */
  #reportReplaced({ batch, leafHash, entry: event }: PackEvent, { leafHash: claimed, entry, index, path }: Replaced): void {
    const own = leafHashOf(entry), place = guessPlace(entry), stream = place === undefined ? undefined : streamOf(place.stream);
    const isProven = own.equals(claimed) && rootOfPath(own, index, this.#checkpoint.size, path)?.equals(this.#checkpoint.root) === true;
    if (!isProven || stream?.kind !== 'batch' || stream.id !== this.#proofs.batchId || place?.version !== batch.version || own.equals(leafHash)) {
      this.#findings.damage({ file: PROOFS, batch, message: `says that the log holds another event in its place, and does not show it (entry ${index})` });
      return;
    }
    this.#findings.damage({ file: RECORD, batch, message: `was replaced: the log holds as its entry ${index} another event with the leaf ${own.toString('hex')}, this one${event === undefined ? '' : ` (recorded at ${event.recordedAt})`} gives ${leafHash.toString('hex')}. The entry of the log stands in ${PROOFS}, under 'replaced'` });
  }

  #reportWaiting({ batch, entry }: PackEvent): void {
    const recordedMs = entry === undefined ? Number.NaN : Date.parse(entry.recordedAt);
    if (batch.version < this.#newestProven) this.#findings.damage({ file: RECORD, batch, message: `is not in the log, and version ${this.#newestProven} of the same batch is: the event was replaced after the log took it in` });
    else if (recordedMs + LONGEST_WAIT_MS + CLOCK_TOLERANCE_MS < this.#madeMs) {
      this.#findings.damage({ file: RECORD, batch, message: `is not in the log, though it says it was recorded ${Math.floor((this.#madeMs - recordedMs) / 1000)} s before the checkpoint was made, and an event waits a minute at most: it was replaced or put in since, or the log has fallen behind` });
    } else this.#findings.damage({ file: PROOFS, batch, message: 'has no proof yet: it was accepted too late for the checkpoint. Ask for the pack again; an event waits a minute at most' });
  }
}
