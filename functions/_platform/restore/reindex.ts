import { DomainError } from '../../../shared/errors.ts';
import type { Recorded, StreamId } from '../../../shared/record/envelope.ts';
import { inParallel } from '../in-parallel.ts';
import type { OperationsStore, RecordStore } from '../ports.ts';
import { referenceCompanions } from '../reference-index.ts';
import type { RecordTable } from './ports.ts';

export type ReindexPorts = Readonly<{
  table: Pick<RecordTable, 'scan'>;
  record: Pick<RecordStore, 'load'>;
  operations: Pick<OperationsStore, 'get' | 'put'>;
  progress(done: number, of: number): void;
}>;
/** `missing` entries were not in the index; `damaged` streams do not verify, and were left out. */
export type Reindexed = Readonly<{ streams: number; entries: number; missing: number; damaged: readonly StreamId[] }>;

/** Streams of the record, by the stream that each event says it is in. */
const streamsIn = async ({ scan }: ReindexPorts['table']): Promise<readonly StreamId[]> => {
  const found = new Map<string, StreamId>();
  for await (const { pk, sk, body } of scan()) {
    if (!sk.startsWith('EVENT#') || typeof body !== 'string' || found.has(pk)) continue;
    found.set(pk, (JSON.parse(body) as Recorded<unknown>).stream);
  }
  return [...found.values()];
};

/**
 * Make the search index of a node again from its record: events older than the index become findable. An entry says only where to look, so that
 * making it while the node works changes no answer but a missing one; nothing is taken away.
 */
export const reindex = async (ports: ReindexPorts, { isDryRun }: Readonly<{ isDryRun: boolean }>): Promise<Reindexed> => {
  const streams = await streamsIn(ports.table);
  const damaged: StreamId[] = [];
  let [entries, missing, done] = [0, 0, 0];
  const indexOne = async (stream: StreamId): Promise<void> => {
    for (const companion of referenceCompanions(await ports.record.load(stream))) {
      entries += 1;
      if (companion.type !== 'put' || await ports.operations.get(companion.key) !== undefined) continue;
      missing += 1;
      if (!isDryRun) await ports.operations.put(companion.key, companion.attributes);
    }
  };
  await inParallel(streams, async (stream) => {
    try {
      await indexOne(stream);
    } catch (error) {
      if (!(error instanceof DomainError) || error.kind !== 'corrupt') throw error;
      damaged.push(stream);
    }
    ports.progress(done += 1, streams.length);
  });
  return { streams: streams.length, entries, missing, damaged };
};
