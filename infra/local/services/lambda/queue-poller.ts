import type { SqsService } from '../sqs/service.ts';
import { pause, PollingLoop } from './poller.ts';

const PAYLOAD_BYTES = 6_000_000;
const IDLE_MS = 50;

type Failures = Readonly<{ batchItemFailures?: readonly Readonly<{ itemIdentifier: string }>[] }>;

/** Queue → function: waits for a full batch or the batching window, then hands messages over; those not reported as failed are removed. */
export class QueuePoller extends PollingLoop {
  protected async turn(): Promise<void> {
    const { cloud, source, properties, principal, invoke } = this.parts;
    const queues = cloud.service<SqsService>('sqs');
    for (const action of ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes']) cloud.authorize(principal(), action, source);
    const batchSize = Number(properties['BatchSize'] ?? 10);
    const windowMs = Math.min(Number(properties['MaximumBatchingWindowInSeconds'] ?? 0) * 1000, 60_000);
    const waitUntil = Date.now() + windowMs;
    while (queues.depth(source) < batchSize && Date.now() < waitUntil && !this.signal.aborted && !(queues.depth(source) > 0 && queues.bytes(source) > PAYLOAD_BYTES)) await pause(IDLE_MS, this.signal);
    if (this.signal.aborted) return;
    const messages = queues.take(source, batchSize, PAYLOAD_BYTES);
    if (messages.length === 0) {
      await pause(IDLE_MS, this.signal);
      return;
    }
    const region = source.split(':')[3] ?? '';
    const event = { Records: messages.map(({ messageId, receipt, body, sentEpochMs, receiveCount }) => ({
      messageId, receiptHandle: receipt, body, attributes: { ApproximateReceiveCount: String(receiveCount), SentTimestamp: String(sentEpochMs), SenderId: 'local', ApproximateFirstReceiveTimestamp: String(Date.now()) },
      messageAttributes: {}, md5OfBody: '', eventSource: 'aws:sqs', eventSourceARN: source, awsRegion: region,
    })) };
    const invocation = await invoke(event);
    if (invocation.outcome === 'failed') {
      cloud.log('lambda', 'queue batch failed', { source, ...invocation });
      queues.giveBack(messages.map(({ receipt }) => receipt));
      await pause(500, this.signal);
      return;
    }
    const failed = new Set(((invocation.result as Failures | null)?.batchItemFailures ?? []).map(({ itemIdentifier }) => itemIdentifier));
    queues.remove(messages.filter(({ messageId }) => !failed.has(messageId)).map(({ receipt }) => receipt));
    queues.giveBack(messages.filter(({ messageId }) => failed.has(messageId)).map(({ receipt }) => receipt));
  }
}
