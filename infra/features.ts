/** Behaviours of the CDK that are ours by choice. Here and not in cdk.json, which only its command line reads: what is started and tested is what is deployed. */
export const FEATURES: Readonly<Record<string, boolean>> = {
  '@aws-cdk/core:checkSecretUsage': true,
  '@aws-cdk/aws-iam:minimizePolicies': true,
  '@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy': true,
  '@aws-cdk/core:enablePartitionLiterals': true,
};
