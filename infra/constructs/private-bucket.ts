import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectLockRetention, ObjectOwnership, type LifecycleRule } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';

export interface PrivateBucketProps {
  readonly key: IKey;
  readonly accessLogs: Bucket;
  /** Objects can not be deleted or overwritten for this long. @default no lock */
  readonly lockedFor?: Duration;
  /** @default none */
  readonly lifecycleRules?: LifecycleRule[];
}

/** Where buckets log who read them. It holds no product data, and logs can not be encrypted with a customer key. */
export const createAccessLogBucket = (scope: Construct): Bucket => new Bucket(scope, 'AccessLogs', {
  blockPublicAccess: BlockPublicAccess.BLOCK_ALL, encryption: BucketEncryption.S3_MANAGED, enforceSSL: true, minimumTLSVersion: 1.2, versioned: true,
  objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED, removalPolicy: RemovalPolicy.RETAIN,
});

/** Encrypted with the site's key, versioned, TLS only, never public, retained. */
export const createPrivateBucket = (scope: Construct, id: string, { key, accessLogs, lockedFor, lifecycleRules }: PrivateBucketProps): Bucket => new Bucket(scope, id, {
  blockPublicAccess: BlockPublicAccess.BLOCK_ALL, encryption: BucketEncryption.KMS, encryptionKey: key, bucketKeyEnabled: true, enforceSSL: true, minimumTLSVersion: 1.2,
  versioned: true, serverAccessLogsBucket: accessLogs, serverAccessLogsPrefix: `${id}/`, objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED, removalPolicy: RemovalPolicy.RETAIN,
  ...(lockedFor === undefined ? {} : { objectLockEnabled: true, objectLockDefaultRetention: ObjectLockRetention.compliance(lockedFor) }),
  ...(lifecycleRules === undefined ? {} : { lifecycleRules }),
});
