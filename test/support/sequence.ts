import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { sequence } from '../../functions/log-sequencer/handler.ts';
import type { TestNode } from './node.ts';

/** Take everything that waits into the node's log, and publish its checkpoint. */
export const sequenced = (node: TestNode) => sequence({ store: node.log.store, operations: node.operations, leaves: node.leaves, places: node.log.places, count: () => undefined, now: node.now, identity: () => Promise.resolve({ key: node.log.key, signer: node.log.signer, witnesses: [], quorum: 0 }) });

export const trustOf = ({ log: { key } }: TestNode) => ({ origin: key.name, logKeys: [key], witnessKeys: [], quorum: 0 });

/** The log as a folder of files, as anyone may copy it. */
export const writeLog = ({ log }: TestNode, folder: string): void => {
  for (const [path, bytes] of log.objects.objects) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
};
