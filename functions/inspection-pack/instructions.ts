import type { BatchRecordDocument } from '../../shared/audit/batch-record-document.ts';
import type { Coverage } from '../../shared/audit/coverage.ts';

type About = Pick<BatchRecordDocument, 'batchId' | 'nodeId' | 'record'>;

/** Files of the transparency log, in the words of a reader who never saw one. */
const EVIDENCE: Readonly<Record<string, string>> = {
  checkpoint: `
checkpoint          The state of the node's transparency log: how many entries
                    it has and their one hash, signed by log and witnesses.`,
  'log-key.txt': `
log-key.txt         The public key of the log. It came with this pack, so alone
                    it proves nothing: get the key by another way and compare.`,
  'proofs.json': `
proofs.json         For each event, where the log holds it and the hashes that
                    lead from it to the checkpoint. An event under "waiting"
                    has none and should: verify.mjs names it.`,
  'people.json': `
people.json         The hospital's own records of who signed: registered,
                    trained, suspended, revoked, as far as the checkpoint
                    goes. One event a line, each with its proof. They tell
                    whether the signers might sign;
                    a pack without this file is damaged.`,
  'chunks.sha256': `
chunks.sha256       SHA-256 and path of each telemetry chunk that the record
                    names. The chunks lie in the folder chunks/ if they find
                    room in a pack; else fetch them as said below.`,
  'verify.mjs': `
verify.mjs          The program that checks all this. It needs Node 20 or later,
                    no network and nothing else; it is text, and can be read.`,
};

const linesOf = (path: string): string => `${EVIDENCE[path]?.slice(1) ?? path}\n`;

const WITH_PROOFS = `HOW TO CHECK

1. Unzip the pack into a folder of its own.
2. Get the key of the log by another way than this pack: from the hospital's
   quality unit, from your own file of an earlier inspection, or from another
   node of the network. It is one line: <name>+<8 digits>+<text>.
3. On any machine, with no network:

     node verify.mjs <folder> --key <key>

   With --witness <key>, once for each, it also wants the witnesses' signatures:
   all of them, or as many as --quorum says. A log is published with a quorum
   of its witnesses, so ask for that number where you ask for their keys.
   It says OK and ends with code 0, or names each file and event that is not
   as the log has it and ends with code 1. Copy verify.mjs from a source you
   trust if you do not trust this one; it is the same program everywhere.

It also compares each signature with the record of its signer: who signed
after being suspended or revoked is named. A record can be shown to be right,
not to be whole: if who made this pack left out the last events of a person,
only the whole log shows it. The program says where each record ends.

The log proves batch-record.json and people.json, event by event. The PDF and
audit-trail.json say the same for the reader; only their sums are compared.

HOW TO CHECK WITHOUT THE PROGRAM
`;

const FETCH = (batchId: string): string => `The chunks of this batch find no room in a pack. Fetch them into this folder,
with the address of the hospital's interface in NODE and your token in TOKEN:

  while read -r sum path; do
    mkdir -p "$(dirname "$path")"
    curl -fsS -H "authorization: Bearer $TOKEN" -o "$path" \\
      "$NODE/v1/audit/batches/${batchId}/telemetry/chunks/$sum"
  done < chunks.sha256

Then verify.mjs compares them too, with no network; or let it ask the interface
itself: --chunks <address>/v1/audit, the token in BEDSIDE_TOKEN. With
--keep <folder> it keeps what it fetched, and goes on there when it was stopped.
`;

const telemetryOf = (batchId: string, isHere: boolean): string => `
TELEMETRY

Events "telemetry-sealed" name each chunk by its SHA-256. verify.mjs compares
every chunk in chunks/ with them, and names event and batch of one that was
changed or is missing. By hand:  sha256sum -c chunks.sha256
${isHere ? '' : FETCH(batchId)}`;

/** Up to where the pack goes, in lines that stand below the version. */
const coverageText = (version: number, { treeSize, cosignedAt, laterEvents, unprovenEvents }: Coverage): string => `Published in the log's checkpoint of ${treeSize} entries${cosignedAt === undefined ? '' : `,
          cosigned ${cosignedAt}`}

The record, the PDF, the telemetry and the proofs are all as of version ${version}.
${laterEvents === 0 ? 'It was the newest when this pack was made.' : `Later events are not in this pack: ${laterEvents} came too late for the checkpoint.
A later pack has them, as a rule within a minute.`}
${unprovenEvents === 0 ? '' : `NOT PROVEN: the log does not hold ${unprovenEvents} of these events as they are here.
verify.mjs names each.
`}`;

/**
 * What the inspector reads first: what each file is and how to check it with nothing but standard tools. Lines of at most 80 characters, plain ASCII.
 *
 * @see 21 CFR 11.10(b) (copies in human-readable and electronic form)
 */
export const instructionsFor = ({ batchId, nodeId, record }: About, all: readonly string[], coverage?: Coverage): string => {
  const evidence = all.filter((path) => !path.startsWith('chunks/'));
  const isProven = evidence.some((path) => path !== 'chunks.sha256');
  return `INSPECTION PACK

Batch     ${batchId}
Made at   ${nodeId}
Version   ${record.version}, recorded ${record.recordedAt}
Hash      ${record.hash}
${coverage === undefined ? '' : coverageText(record.version, coverage)}
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
${evidence.map(linesOf).join('')}
${isProven ? WITH_PROOFS : 'HOW TO CHECK\n'}
1. The files are whole:      sha256sum -c SHA256SUMS
2. The events are a chain. For each line of "events" in batch-record.json:
   take away the member "hash"; write the rest as canonical JSON (RFC 8785);
   its SHA-256 must equal "hash". "previousHash" must equal the "hash" of the
   line before, and 64 zeros in the first. The last "hash" is the one above.
3. A signature names what was signed: "signedVersion" and "signedHash" are the
   version and the hash of the event before it.
${!isProven ? `
This pack holds no proof from the transparency log: the chain shows that the
events belong together and are in order, not that the keeper of the record has
replaced none of them.
` : `4. The leaf of an event is SHA-256 of a zero byte and its whole line (without
   the comma). Join it with its "inclusionProof" in proofs.json (RFC 6962,
   2.1.1): that gives the hash in the third line of checkpoint. The same for
   people.json, where an event is what follows "event": in its line, without
   the brace that ends the line.
`}${evidence.includes('chunks.sha256') ? telemetryOf(batchId, all.some((path) => path.startsWith('chunks/'))) : ''}`;
};
