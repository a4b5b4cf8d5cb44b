import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';

/** The longest SQS keeps a message. */
const KEPT_FOR = Duration.days(14);

/** Where goes what failed for good. It may be the only trace of it, so it stays when the stack goes. */
export const createFailureQueue = (scope: Construct, id: string, key: IKey): Queue =>
  new Queue(scope, id, { encryption: QueueEncryption.KMS, encryptionMasterKey: key, enforceSSL: true, retentionPeriod: KEPT_FOR, removalPolicy: RemovalPolicy.RETAIN });
