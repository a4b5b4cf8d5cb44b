import { Duration, Stack } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Key } from 'aws-cdk-lib/aws-kms';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { acknowledgeObjects } from '../acknowledgements.ts';
import type { HospitalNode } from '../nodes/schema.ts';
import type { BedsideFunction } from './bedside-function.ts';
import { CALLER_ACCOUNT, principalsOf } from './hospital-accounts.ts';
import { createPrivateBucket } from './private-bucket.ts';

export interface TrainingMailboxProps {
  readonly key: Key;
  readonly accessLogs: Bucket;
  readonly nodes: readonly HospitalNode[];
  /** Days after which messages are gone, whatever became of the run. @default 90 */
  readonly keptForDays?: number;
}

/** What every hospital reads; `models/federated/workflow/mailbox.ts` names the objects. */
const FOR_ALL = 'questions/_all';
const BOARD = `${FOR_ALL}/board.json`;
/** What is asked of one hospital lies below its account, which is digits; what is asked of all does not. */
const ACCOUNT_BEGINS: readonly string[] = Array.from({ length: 10 }, (_, digit) => String(digit));

/**
 * Where hospitals and the coordinator leave messages for each other. A hospital reads what is asked of all or of it, and writes below its own place, each object once; it reads no answer, not even
 * its own, and sees no list of them. Two functions of the control site read answers: the coordinator's, and the one that clears what is over.
 */
export class TrainingMailbox extends Construct {
  readonly bucket: Bucket;
  readonly #key: Key;

  constructor(scope: Construct, id: string, { key, accessLogs, nodes, keptForDays = 90 }: TrainingMailboxProps) {
    super(scope, id);
    this.#key = key;
    // What was said between hospitals and coordinator is on record by its hash; the bytes go. The board, invitations and notices stay: they hold nobody's numbers.
    const passing = ['answers/', 'state/', ...ACCOUNT_BEGINS.map((digit) => `questions/${digit}`)];
    this.bucket = createPrivateBucket(this, 'Bucket', {
      key, accessLogs, lifecycleRules: [{ id: 'versions-that-were-cleared', noncurrentVersionExpiration: Duration.days(1) }, ...passing.map((prefix) => ({ id: `passing-${prefix.replaceAll('/', '-')}`, prefix, expiration: Duration.days(keptForDays) }))],
    });
    if (nodes.length > 0) this.#openTo(nodes);
  }

  #openTo(nodes: readonly HospitalNode[]): void {
    const { bucket } = this;
    const principals = principalsOf(nodes);
    bucket.addToResourcePolicy(new PolicyStatement({
      sid: 'HospitalsReadWhatTheyAreAsked', effect: Effect.ALLOW, principals, actions: ['s3:GetObject', 's3:ListBucket'],
      resources: [bucket.bucketArn, bucket.arnForObjects(`${FOR_ALL}/*`), bucket.arnForObjects(`questions/${CALLER_ACCOUNT}/*`)],
    }));
    bucket.addToResourcePolicy(new PolicyStatement({ sid: 'HospitalsAnswer', effect: Effect.ALLOW, principals, actions: ['s3:PutObject'], resources: [bucket.arnForObjects(`answers/${CALLER_ACCOUNT}/*`)] }));
    const deny = (sid: string, action: string, resource: string, conditions: Record<string, unknown>): void => {
      bucket.addToResourcePolicy(new PolicyStatement({ sid, effect: Effect.DENY, principals: [new AnyPrincipal()], actions: [action], resources: [resource], conditions }));
    };
    // A board that is not there yet must be told from one that may not be read; a list of anything else would show who answers, and when.
    deny('HospitalsSeeNoListButOfTheBoard', 's3:ListBucket', bucket.bucketArn, { StringNotEquals: { 's3:prefix': BOARD, 'aws:PrincipalAccount': Stack.of(this).account } });
    deny('AnswersAreWrittenOnce', 's3:PutObject', bucket.arnForObjects('answers/*'), { Null: { 's3:if-none-match': 'true' } });
    this.#key.addToResourcePolicy(new PolicyStatement({ sid: 'HospitalsEncryptAnswers', effect: Effect.ALLOW, principals, actions: ['kms:GenerateDataKey'], resources: ['*'], conditions: { StringLike: { 'kms:ViaService': 's3.*.amazonaws.com' } } }));
  }

  /** Takes messages of runs that are over away. It reads the board, and answers only to put what came too late on record by its hash. */
  allowClear(own: BedsideFunction): BedsideFunction {
    const { bucket } = this;
    return own.allow(['s3:GetObject'], [bucket.arnForObjects(BOARD), bucket.arnForObjects('answers/*')]).allow(['s3:DeleteObject'], ['questions/*', 'answers/*', 'state/*'].map((objects) => bucket.arnForObjects(objects)))
      .allow(['s3:ListBucket'], [bucket.bucketArn]).allow(['kms:Decrypt', 'kms:GenerateDataKey'], [this.#key.keyArn]);
  }

  /** The function that reads answers while a run goes on. It writes questions and what it keeps of a run, never an answer. */
  allowCoordinate(own: BedsideFunction): BedsideFunction {
    const { bucket } = this;
    acknowledgeObjects(bucket, ['questions/', 'state/', 'answers/'], 'Objects are named after runs, hospitals and the hash of their content.');
    return own.allow(['s3:GetObject', 's3:PutObject'], [bucket.arnForObjects('questions/*'), bucket.arnForObjects('state/*')]).allow(['s3:GetObject'], [bucket.arnForObjects('answers/*')])
      .allow(['s3:ListBucket'], [bucket.bucketArn]).allow(['kms:Decrypt', 'kms:GenerateDataKey'], [this.#key.keyArn]);
  }
}
