import type { BatchRecordDocument } from '../../shared/audit/batch-record-document.ts';

type About = Pick<BatchRecordDocument, 'batchId' | 'nodeId' | 'record'>;

/**
 * What the inspector reads first: what each file is and how to check it with nothing but standard tools. Lines of at most 80 characters, plain ASCII.
 *
 * @see 21 CFR 11.10(b) (copies in human-readable and electronic form)
 */
export const instructionsFor = ({ batchId, nodeId, record }: About, evidence: readonly string[]): string => `INSPECTION PACK

Batch     ${batchId}
Made at   ${nodeId}
Version   ${record.version}, recorded ${record.recordedAt}
Hash      ${record.hash}

FILES

batch-record.pdf    The batch record to read: phases with values and limits,
                    materials, equipment, hand-overs, deviations, tests, and
                    signatures with printed name, date and time (UTC) and
                    meaning. A changed value stands beside its old value, with
                    the reason, who changed it and when.
batch-record.json   The record itself: every event, in order, one a line, as
                    it was stored. The PDF says nothing that is not in here.
audit-trail.json    The same events as an audit trail: who, what, when by the
                    server and by the device, old value, new value, why.
SHA256SUMS          SHA-256 of every other file.
${evidence.map((path) => `${path}\n`).join('')}
HOW TO CHECK

1. The files are whole:      sha256sum -c SHA256SUMS
2. The events are a chain. For each line of "events" in batch-record.json:
   take away the member "hash"; write the rest as canonical JSON (RFC 8785);
   its SHA-256 must equal "hash". "previousHash" must equal the "hash" of the
   line before, and 64 zeros in the first. The last "hash" is the one above.
3. A signature names what was signed: "signedVersion" and "signedHash" are the
   version and the hash of the event before it.
${evidence.length === 0 ? `
This pack holds no proof from the transparency log: the chain shows that the
events belong together and are in order, not that the keeper of the record has
replaced none of them.
` : `4. The files named last come from the node's transparency log. They prove that
   the events are those the log has held, and need no network.
`}`;
