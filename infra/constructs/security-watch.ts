import { Duration } from 'aws-cdk-lib';
import { Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import { FilterPattern, MetricFilter } from 'aws-cdk-lib/aws-logs';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { CREDENTIAL_CHANGES, WATCHED_MESSAGES } from '../../shared/security/watched.ts';
import { Alarms } from './alarms.ts';
import { BedsideFunction, type FunctionSettings } from './bedside-function.ts';
import type { People } from './people.ts';
import type { Records } from './records.ts';

export interface SecurityWatchProps {
  readonly nodeId: string;
  readonly settings: FunctionSettings;
  readonly records: Records;
  readonly people: People;
  readonly alarms: Alarms;
  /** Functions behind the interface, whose logs tell of refusals and of records that do not verify. */
  readonly interfaceFunctions: readonly BedsideFunction[];
  /** Where invocations go that failed for good. */
  readonly failures: Queue;
}

/**
 * Tells people at once of attempts at unauthorised use and of records that do not verify, and of credentials somebody else has set as soon as CloudTrail tells, which takes minutes.
 *
 * The account needs a CloudTrail trail of management events: EventBridge hands on calls of the user pool only with one.
 *
 * @see 21 CFR 11.300(d), 11.200(a)(3)
 */
export class SecurityWatch extends Construct {
  constructor(scope: Construct, id: string, props: SecurityWatchProps) {
    super(scope, id);
    const watch = this.#credentialWatch(props);
    this.#alarmOn('RefusalsRepeated', 'refusals-repeated', props.interfaceFunctions, props);
    this.#alarmOn('DoesNotVerify', 'record-does-not-verify', props.interfaceFunctions, props);
    this.#alarmOn('CredentialChanged', 'credential-changed', [watch], props);
  }

  #credentialWatch({ settings, records, people, failures }: SecurityWatchProps): BedsideFunction {
    const own = new BedsideFunction(this, 'CredentialWatch', { settings, name: 'credential-watch', environment: records.environment });
    records.allowAppend(own).allowOperations(own);
    own.allow(['kms:Decrypt', 'kms:GenerateDataKey'], [settings.key.keyArn]);
    new Rule(this, 'CredentialCalls', {
      eventPattern: { source: ['aws.cognito-idp'], detailType: ['AWS API Call via CloudTrail'], detail: { eventName: [...CREDENTIAL_CHANGES], requestParameters: { userPoolId: [people.userPool.userPoolId] } } },
      targets: [new LambdaTarget(own.lambda, { retryAttempts: 10, deadLetterQueue: failures, maxEventAge: Duration.hours(24) })], description: 'Somebody set what a person signs in with',
    });
    return own;
  }

  #alarmOn(metricName: keyof typeof WATCHED_MESSAGES, runbookEntry: string, functions: readonly BedsideFunction[], { nodeId, alarms }: SecurityWatchProps): void {
    const metricNamespace = `Bedside/${nodeId}`;
    for (const [i, { logGroup }] of functions.entries()) {
      new MetricFilter(this, `${metricName}${i}`, { logGroup, metricNamespace, metricName, metricValue: '1', filterPattern: FilterPattern.stringValue('$.message', '=', WATCHED_MESSAGES[metricName]) });
    }
    alarms.on(metricName, Alarms.metric(metricNamespace, metricName, {}), 1, runbookEntry);
  }
}
