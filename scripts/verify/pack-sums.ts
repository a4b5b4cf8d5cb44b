import type { Findings } from './damage.ts';
import type { Source } from './source.ts';

/** SHA-256 of every file of a pack, as `sha256sum` writes it. Nobody signs it: it tells of accidents, and of files the log says nothing about. */
const SUMS = 'SHA256SUMS';
const LINE = /^([0-9a-f]{64}) [ *](.+)$/;
const FILES = ['INSTRUCTIONS.txt', 'batch-record.pdf', 'batch-record.json', 'audit-trail.json', 'checkpoint', 'log-key.txt', 'proofs.json', 'people.json', 'chunks.sha256', 'verify.mjs'];

/** Compare the sums of all files of a pack. */
export const checkSums = async (source: Source, findings: Findings): Promise<void> => {
  const bytes = await source.read(SUMS);
  if (bytes === undefined) {
    findings.damage({ file: SUMS, message: 'is missing: every pack has it, and without it nothing tells whether the files the log does not prove (PDF, audit trail) were changed' });
    return;
  }
  const listed = new Set<string>();
  const [end, ...lines] = bytes.toString('utf8').split('\n').reverse();
  if (end !== '') findings.damage({ file: SUMS, message: 'does not end with a newline: it was cut off' });
  for (const line of lines.reverse()) {
    const [, wanted, path = ''] = LINE.exec(line) ?? [];
    if (wanted === undefined || listed.has(path)) {
      findings.damage({ file: SUMS, message: `got the line '${line}', want a SHA-256, two spaces and a file that has not come before` });
      continue;
    }
    listed.add(path);
    const got = source.hashOf(path);
    if (got === undefined) findings.damage({ file: path, message: `is missing, and has a sum in ${SUMS}` });
    else if (got !== wanted) findings.damage({ file: path, message: `has the SHA-256 ${got}, ${SUMS} says ${wanted}: the file or its sum was changed` });
  }
  for (const path of FILES) if (!listed.has(path) && source.hashOf(path) !== undefined) findings.damage({ file: SUMS, message: `has no sum of ${path}` });
};
