import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { JsonFile } from '../../core/state.ts';
import type { DynamoDbService } from '../dynamodb.ts';
import { matchesEvent, parsePattern } from '../events/pattern.ts';
import { doneCountOf, PendingRecords } from './pending-records.ts';
import { pause, PollingLoop, type MappingParts } from './poller.ts';
import type { Invocation } from './runner.ts';

type StreamRecord = Readonly<{ eventID: string; eventName: string; dynamodb: Readonly<{ SequenceNumber: string }> & Readonly<Record<string, unknown>> }>;
type Records = Readonly<{ Records: readonly StreamRecord[]; NextShardIterator?: string }>;
type Position = Readonly<{ streamArn: string; shardId: string; sequenceNumber: string }>;
type Shards = Readonly<{ StreamDescription: Readonly<{ Shards: readonly Readonly<{ ShardId: string }>[] }> }>;

const IDLE_MS = 150;
/** After records that fill no batch: reading again at once would find one or two, and take the engine from those who write. (Deployed, a shard is read four times a second.) */
const PACE_MS = 40;
const MAXIMUM_RECORDS = 100;
/** How old the position on disk may be while the filters leave everything out: after a restart they leave it out again. */
const KEEP_LEFT_OUT_MS = 1000;
const RETRY_MS = 400;
const LONGEST_RETRY_MS = 10_000;
const STREAMS = 'DynamoDBStreams_20120810';

/** Table stream → function, in order; the position of what was handled is on disk, so that a restart goes on after it. */
export class DynamoDbStreamPoller extends PollingLoop {
  readonly #position: JsonFile<Position | null>;
  #iterator: string | undefined;
  #streamArn: string | undefined;
  #shardId = '';
  readonly #pending: PendingRecords<StreamRecord>;
  readonly #filters: readonly unknown[];
  #lastRead: StreamRecord | undefined;
  #keptAtMs = 0;
  /** How long to rest after what the last read gave is done. */
  #restMs = 0;

  constructor(parts: MappingParts) {
    super(parts);
    const { BisectBatchOnFunctionError = false, MaximumRetryAttempts = -1, FilterCriteria } = parts.properties;
    this.#pending = new PendingRecords({ bisects: BisectBatchOnFunctionError === true, maximumRetryAttempts: Number(MaximumRetryAttempts) });
    this.#filters = ((FilterCriteria as Readonly<{ Filters?: readonly Readonly<{ Pattern: string }>[] }> | undefined)?.Filters ?? []).map(({ Pattern }) => parsePattern(JSON.parse(Pattern)));
    this.#position = new JsonFile<Position | null>(join(parts.cloud.stateFolder('stream-positions'), `${parts.id}.json`), null);
  }

  protected async turn(): Promise<void> {
    const { cloud, source, principal } = this.parts;
    for (const action of ['dynamodb:GetRecords', 'dynamodb:GetShardIterator', 'dynamodb:DescribeStream']) cloud.authorize(principal(), action, source);
    try {
      if (this.#pending.isEmpty) await this.#read(cloud.service<DynamoDbService>('dynamodb'));
    } catch (error) {
      // An iterator grows old; the next turn opens one at what is not done yet.
      this.#iterator = undefined;
      throw error;
    }
    if (!this.#pending.isEmpty) await this.#handOver();
    if (this.#pending.isEmpty && this.#restMs > 0) await (this.parts.rest ?? pause)(this.#restMs, this.signal);
  }

  async #read(engine: DynamoDbService): Promise<void> {
    this.#iterator ??= await this.#openIterator(engine);
    const Limit = Number(this.parts.properties['BatchSize'] ?? MAXIMUM_RECORDS);
    const { Records, NextShardIterator } = await engine.call<Records>('GetRecords', { ShardIterator: this.#iterator, Limit }, STREAMS);
    this.#restMs = Records.length === 0 ? IDLE_MS : Records.length < Limit ? PACE_MS : 0;
    this.#iterator = NextShardIterator;
    this.#lastRead = Records.at(-1) ?? this.#lastRead;
    this.#pending.add(Records.filter((record) => this.#filters.length === 0 || this.#filters.some((pattern) => matchesEvent(pattern, record))));
    this.#keepWhenDone();
  }

  async #openIterator(engine: DynamoDbService): Promise<string> {
    this.#streamArn ??= await engine.engineStreamOf(this.parts.source);
    const { StreamDescription } = await engine.call<Shards>('DescribeStream', { StreamArn: this.#streamArn }, STREAMS);
    this.#shardId = StreamDescription.Shards.at(-1)?.ShardId ?? '';
    const held = this.#position.value;
    // A table made again, after a loss, has a new stream and may number its records and name its shards as the old one did.
    const isSameStream = held?.streamArn === this.#streamArn && held.shardId === this.#shardId;
    const from = isSameStream ? { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: held.sequenceNumber } : { ShardIteratorType: 'TRIM_HORIZON' };
    const { ShardIterator } = await engine.call<Readonly<{ ShardIterator: string }>>('GetShardIterator', { StreamArn: this.#streamArn, ShardId: this.#shardId, ...from }, STREAMS);
    return ShardIterator;
  }

  async #handOver(): Promise<void> {
    const { source, invoke, properties, cloud, id } = this.parts;
    const { batch } = this.#pending;
    const region = source.split(':')[3] ?? '';
    const invocation = await invoke({ Records: batch.map((record) => ({ ...record, eventSource: 'aws:dynamodb', eventSourceARN: source, awsRegion: region })) });
    const reports = ((properties['FunctionResponseTypes'] ?? []) as readonly string[]).includes('ReportBatchItemFailures');
    const doneCount = invocation.outcome === 'failed' ? 0 : reports ? doneCountOf(batch.map(({ dynamodb }) => dynamodb.SequenceNumber), invocation.result) : batch.length;
    const { passed, discarded, isRetried } = this.#pending.settle(doneCount);
    const last = [...passed, ...discarded].at(-1);
    if (discarded.length > 0) await this.#discard(discarded, invocation);
    if (last !== undefined) this.#keep(last);
    this.#keepWhenDone();
    if (!isRetried) return;
    cloud.log('lambda', 'stream batch failed', { id, from: batch[doneCount]?.dynamodb.SequenceNumber, size: batch.length, ...(invocation.outcome === 'failed' ? invocation : {}) });
    await pause(Math.min(RETRY_MS * 2 ** this.#pending.retries, LONGEST_RETRY_MS), this.signal);
  }

  /** Tell the mapping's destination which records it did not handle. */
  async #discard(records: readonly StreamRecord[], invocation: Invocation): Promise<void> {
    const { cloud, properties, principal, source, id, functionArn } = this.parts;
    const destination = (properties['DestinationConfig'] as Readonly<{ OnFailure?: Readonly<{ Destination: string }> }> | undefined)?.OnFailure?.Destination;
    const [first, last] = [records[0]?.dynamodb.SequenceNumber, records.at(-1)?.dynamodb.SequenceNumber];
    cloud.log('lambda', 'stream records given up', { id, from: first, to: last, destination });
    if (destination === undefined) return;
    await cloud.deliver(destination, {
      version: '1.0', timestamp: new Date(cloud.clock.now()).toISOString(), requestContext: { requestId: randomUUID(), functionArn, condition: 'RetryAttemptsExhausted', approximateInvokeCount: Number(properties['MaximumRetryAttempts']) + 1 },
      responseContext: { statusCode: 200, executedVersion: '$LATEST', ...(invocation.outcome === 'failed' ? { functionError: 'Unhandled' } : {}) },
      DDBStreamBatchInfo: { shardId: this.#shardId, startSequenceNumber: first, endSequenceNumber: last, batchSize: records.length, streamArn: source },
    }, principal());
  }

  /** When nothing waits, what the filters left out is done too. It is noted when the stream rests, or now and then. */
  #keepWhenDone(): void {
    const last = this.#lastRead;
    if (!this.#pending.isEmpty || last === undefined) return;
    if (last.dynamodb.SequenceNumber === this.#position.value?.sequenceNumber) return;
    if (this.#restMs === IDLE_MS || performance.now() - this.#keptAtMs >= KEEP_LEFT_OUT_MS) this.#keep(last);
  }

  #keep({ dynamodb }: StreamRecord): void {
    this.#keptAtMs = performance.now();
    this.#position.set({ streamArn: this.#streamArn ?? '', shardId: this.#shardId, sequenceNumber: dynamodb.SequenceNumber });
  }
}
