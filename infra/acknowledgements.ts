import { CfnElement, Stack, Validations } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/**
 * Findings of cdk-nag that we have looked at and keep, each with its reason. Owner of all of them: the platform's architect. A finding that is not here fails
 * the synthesis.
 */
const EVERYWHERE: Readonly<Record<string, string>> = {
  'HIPAA.Security-IAMNoInlinePolicy': 'Each role belongs to one function or service of this stack and its policy is written for it alone; a managed policy could be attached elsewhere.',
  'HIPAA.Security-LambdaInsideVPC': 'Functions reach only AWS services over TLS and hold no network resource; a VPC would add an egress path and no protection. Access is by role.',
  'HIPAA.Security-LambdaDLQ': 'Functions behind HTTP, queues, streams and workflows report failure to their caller, which retries and has its own dead-letter queue; scheduled ones have one of their own.',
  'HIPAA.Security-LambdaConcurrency': 'A hospital has an account of its own, so its functions can starve nobody else; the interface is throttled and the queue mapping has a maximum concurrency.',
  'HIPAA.Security-S3BucketReplicationEnabled': 'Records must not leave the hospital\'s region; durability is by versioning, object lock and backup in the region.',
  'HIPAA.Security-S3DefaultEncryptionKMS': 'Only the access-log bucket is without a customer key: S3 log delivery can not write to a bucket encrypted with one. It holds no product data.',
  'AwsSolutions-COG2': 'Second factors are enabled and optional: a hospital that signs in through its own identity provider enforces them there. Signing always asks for both components again.',
  'AwsSolutions-COG8': 'The plus plan\'s risk scoring sends sign-in data to a service outside the hospital\'s control; lock-out and password policy are enforced without it.',
  'AwsSolutions-SQS3': 'This queue is itself the place for what failed for good.',
  'AwsSolutions-APIG4': 'Open are the interface\'s own description, its health and the log\'s witness, which believes a request for the log\'s signature on it and tells nothing; every other route has the JWT authoriser, which a test holds.',
  'AwsSolutions-IAM5[Resource::*]': 'CloudWatch log delivery, X-Ray, ECR login and ListStreams accept no narrower resource.',
};

const logicalId = (construct: IConstruct): string => {
  const element = construct.node.defaultChild ?? construct;
  if (!CfnElement.isCfnElement(element)) throw new Error(`${construct.node.path} is not one resource`);
  return Stack.of(construct).getLogicalId(element);
};

/** Acknowledge a role's access to all objects below a prefix of one bucket. */
export const acknowledgeObjects = (bucket: IConstruct, prefixes: readonly string[], reason: string): void => {
  for (const prefix of prefixes) Validations.of(Stack.of(bucket)).acknowledge({ id: `AwsSolutions-IAM5[Resource::<${logicalId(bucket)}.Arn>/${prefix}*]`, reason });
};

/** Acknowledge patterns of one bucket that have a wildcard within. */
export const acknowledgeObjectPatterns = (bucket: IConstruct, patterns: readonly string[], reason: string): void => {
  for (const pattern of patterns) Validations.of(Stack.of(bucket)).acknowledge({ id: `AwsSolutions-IAM5[Resource::<${logicalId(bucket)}.Arn>/${pattern}]`, reason });
};

/** Acknowledge one resource pattern by its text. */
export const acknowledgePattern = (scope: IConstruct, pattern: string, reason: string): void => {
  Validations.of(Stack.of(scope)).acknowledge({ id: `AwsSolutions-IAM5[Resource::${pattern}]`, reason });
};

/** Findings of cfn-lint that we keep, by its rule, with the reason. They stand in the template, where cfn-lint reads them. */
const LINT: Readonly<Record<string, string>> = {
  W3005: 'The CDK makes a function and a workflow wait for its role as well as for the role\'s policy. The first is implied by the reference and does no harm.',
};

export const acknowledgeFindings = (stack: Stack): void => {
  stack.addMetadata('cfn-lint', { config: { ignore_checks: Object.keys(LINT) }, reasons: LINT });
  for (const [id, reason] of Object.entries(EVERYWHERE)) Validations.of(stack).acknowledge({ id, reason });
};
