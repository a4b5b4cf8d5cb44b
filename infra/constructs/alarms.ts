import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, Metric, TreatMissingData, type IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Effect, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';

/** Where the alarms of a stack go, and how one is made. Every alarm has an entry in docs/runbook.md, which a test holds. */
export class Alarms extends Construct {
  readonly topic: Topic;

  constructor(scope: Construct, id: string, key: IKey) {
    super(scope, id);
    this.topic = new Topic(this, 'Topic', { masterKey: key, enforceSSL: true });
    this.topic.applyRemovalPolicy(RemovalPolicy.RETAIN);
    // A topic's own policy takes the place of the one every topic begins with, which lets the account's alarms publish.
    const { account, region } = Stack.of(this);
    this.topic.addToResourcePolicy(new PolicyStatement({
      sid: 'AlarmsOfThisAccount', effect: Effect.ALLOW, principals: [new ServicePrincipal('cloudwatch.amazonaws.com')], actions: ['sns:Publish'], resources: [this.topic.topicArn],
      conditions: { StringEquals: { 'aws:SourceAccount': account }, ArnLike: { 'aws:SourceArn': `arn:aws:cloudwatch:${region}:${account}:alarm:*` } },
    }));
  }

  /** @param runbookEntry heading of docs/runbook.md, as an anchor */
  on(id: string, metric: IMetric, threshold: number, runbookEntry: string): Alarm {
    const alarm = new Alarm(this, id, {
      metric, threshold, evaluationPeriods: 1, treatMissingData: TreatMissingData.NOT_BREACHING,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD, alarmDescription: `see docs/runbook.md#${runbookEntry}`,
    });
    alarm.addAlarmAction(new SnsAction(this.topic));
    return alarm;
  }

  static metric(namespace: string, metricName: string, dimensionsMap: Record<string, string>): Metric {
    return new Metric({ namespace, metricName, dimensionsMap, statistic: 'Sum', period: Duration.minutes(5) });
  }

  /** A count that one of our functions emits itself. Its dimensions are those the function sends: a metric with one dimension fewer is another metric, and its alarm never rings. */
  static counted(metricName: string, nodeId: string, functionName: string): Metric {
    return Alarms.metric('Bedside', metricName, { service: functionName, node: nodeId });
  }
}
