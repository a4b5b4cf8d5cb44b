import { CfnRule, type IRuleTarget } from 'aws-cdk-lib/aws-events';
import { Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Queue } from 'aws-cdk-lib/aws-sqs';

const RETRIES = 2;

/**
 * An encrypted queue as the target of a rule, open to that rule alone; the key's own policy lets the rules of the account use it. The library's target opens queue and key to the rules of every account,
 * once the queue is encrypted.
 */
export const queueTarget = (queue: Queue, failures: Queue): IRuleTarget => ({
  bind: (rule) => {
    queue.addToResourcePolicy(new PolicyStatement({
      sid: 'RuleSends', effect: Effect.ALLOW, principals: [new ServicePrincipal('events.amazonaws.com')], actions: ['sqs:SendMessage'], resources: [queue.queueArn],
      conditions: { ArnEquals: { 'aws:SourceArn': CfnRule.arnForRule(rule) } },
    }));
    return { arn: queue.queueArn, targetResource: queue, retryPolicy: { maximumRetryAttempts: RETRIES }, deadLetterConfig: { arn: failures.queueArn } };
  },
});
