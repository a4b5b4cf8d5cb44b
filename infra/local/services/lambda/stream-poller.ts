import { join } from 'node:path';
import { JsonFile } from '../../core/state.ts';
import type { DynamoDbService } from '../dynamodb.ts';
import { matchesEvent } from '../events/pattern.ts';
import { pause, PollingLoop, type MappingParts } from './poller.ts';

type StreamRecord = Readonly<{ eventID: string; eventName: string; dynamodb: Readonly<{ SequenceNumber: string }> & Readonly<Record<string, unknown>> }>;
type Records = Readonly<{ Records: readonly StreamRecord[]; NextShardIterator?: string }>;
type Position = Readonly<{ streamArn: string; shardId: string; sequenceNumber: string }>;
type Failures = Readonly<{ batchItemFailures?: readonly Readonly<{ itemIdentifier: string }>[] }>;
type Shards = Readonly<{ StreamDescription: Readonly<{ Shards: readonly Readonly<{ ShardId: string }>[] }> }>;

const IDLE_MS = 150;
const RETRY_MS = 400;
const STREAMS = 'DynamoDBStreams_20120810';

/** Table stream → function, in order; the position of what was handled is on disk, so that a restart goes on after it. */
export class DynamoDbStreamPoller extends PollingLoop {
  readonly #position: JsonFile<Position | null>;
  #iterator: string | undefined;
  #streamArn: string | undefined;
  #shardId = '';

  constructor(parts: MappingParts) {
    super(parts);
    this.#position = new JsonFile<Position | null>(join(parts.cloud.stateFolder('stream-positions'), `${parts.id}.json`), null);
  }

  protected async turn(): Promise<void> {
    const { cloud, source, principal } = this.parts;
    for (const action of ['dynamodb:GetRecords', 'dynamodb:GetShardIterator', 'dynamodb:DescribeStream']) cloud.authorize(principal(), action, source);
    const engine = cloud.service<DynamoDbService>('dynamodb');
    this.#iterator ??= await this.#openIterator(engine);
    const { Records, NextShardIterator } = await engine.call<Records>('GetRecords', { ShardIterator: this.#iterator, Limit: Number(this.parts.properties['BatchSize'] ?? 100) }, STREAMS);
    if (Records.length === 0) {
      this.#iterator = NextShardIterator;
      await pause(IDLE_MS, this.signal);
      return;
    }
    if (await this.#handOver(Records)) this.#iterator = NextShardIterator;
    else {
      this.#iterator = undefined;
      await pause(RETRY_MS, this.signal);
    }
  }

  async #openIterator(engine: DynamoDbService): Promise<string> {
    this.#streamArn ??= await engine.engineStreamOf(this.parts.source);
    const { StreamDescription } = await engine.call<Shards>('DescribeStream', { StreamArn: this.#streamArn }, STREAMS);
    this.#shardId = StreamDescription.Shards.at(-1)?.ShardId ?? '';
    const held = this.#position.value;
    const from = held?.shardId === this.#shardId ? { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: held.sequenceNumber } : { ShardIteratorType: 'TRIM_HORIZON' };
    const { ShardIterator } = await engine.call<Readonly<{ ShardIterator: string }>>('GetShardIterator', { StreamArn: this.#streamArn, ShardId: this.#shardId, ...from }, STREAMS);
    return ShardIterator;
  }

  /** @returns whether all of them are done */
  async #handOver(records: readonly StreamRecord[]): Promise<boolean> {
    const { source, invoke, properties, cloud, id } = this.parts;
    const filters = ((properties['FilterCriteria'] as Readonly<{ Filters?: readonly Readonly<{ Pattern: string }>[] }> | undefined)?.Filters ?? []).map(({ Pattern }) => JSON.parse(Pattern) as unknown);
    const wanted = records.filter((record) => filters.length === 0 || filters.some((pattern) => matchesEvent(pattern, record)));
    if (wanted.length > 0) {
      const region = source.split(':')[3] ?? '';
      const invocation = await invoke({ Records: wanted.map((record) => ({ ...record, eventSource: 'aws:dynamodb', eventSourceARN: source, awsRegion: region })) });
      const failed = invocation.outcome === 'failed' ? wanted[0]?.dynamodb.SequenceNumber : (invocation.result as Failures | null)?.batchItemFailures?.[0]?.itemIdentifier;
      if (failed !== undefined) {
        cloud.log('lambda', 'stream batch failed', { id, from: failed, ...(invocation.outcome === 'failed' ? invocation : {}) });
        const done = records.slice(0, records.findIndex(({ dynamodb }) => dynamodb.SequenceNumber === failed)).at(-1);
        if (done !== undefined) this.#keep(done);
        return false;
      }
    }
    const last = records.at(-1);
    if (last !== undefined) this.#keep(last);
    return true;
  }

  #keep({ dynamodb }: StreamRecord): void {
    this.#position.set({ streamArn: this.#streamArn ?? '', shardId: this.#shardId, sequenceNumber: dynamodb.SequenceNumber });
  }
}
