import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { main } from '../../../scripts/verify/main.ts';
import { formatVerifierKey } from '../../../shared/audit-log/verifier-key.ts';
import type { TestNode } from '../node.ts';
import { writeLog } from '../sequence.ts';

/** What the offline verifier says of a node's log, copied to a folder of its own. @param more words of its command line */
export const verifyNode = async (node: TestNode, more: readonly string[] = []): Promise<Readonly<{ code: number; said: string }>> => {
  const folder = mkdtempSync(join(tmpdir(), 'bedside-log-'));
  const lines: string[] = [];
  try {
    writeLog(node, folder);
    const say = (text: string): void => { lines.push(text); };
    const code = await main([folder, '--key', formatVerifierKey(node.log.key), ...more], { out: say, error: say, isTerminal: false, nowEpochMs: () => node.time.epochMs });
    return { code, said: lines.join('\n') };
  } finally {
    rmSync(folder, { recursive: true });
  }
};
