import { Duration, Fn, Stack } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import { Effect, PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnEndpoint, CfnEndpointConfig, CfnModel } from 'aws-cdk-lib/aws-sagemaker';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { acknowledgePattern } from '../acknowledgements.ts';
import { BedsideFunction, type FunctionSettings } from './bedside-function.ts';
import type { NodeModels } from './node-models.ts';
import type { Records } from './records.ts';
import { xgboostImage } from './xgboost-image.ts';

export interface EarlyPredictionProps {
  readonly settings: FunctionSettings;
  readonly records: Records;
  readonly telemetry: Bucket;
  /** Where the endpoint's models lie. */
  readonly models: NodeModels;
  /** Where scheduled invocations go that failed for good. */
  readonly scheduleFailures: Queue;
}

/** An endpoint in the hospital's own account that answers for each model it is asked for by the hash of its file, and the function that asks it (ADR 0002, 0015). */
export class EarlyPrediction extends Construct {
  readonly endpointName: string;

  constructor(scope: Construct, id: string, props: EarlyPredictionProps) {
    super(scope, id);
    const { settings } = props;
    const image = xgboostImage(Stack.of(this).region);
    const role = this.#endpointRole(props, image.repositoryArn);
    const model = new CfnModel(this, 'SageMakerModel', { executionRoleArn: role.roleArn, primaryContainer: { image: image.uri, mode: 'MultiModel', modelDataUrl: props.models.archivesUrl } });
    model.node.addDependency(role);
    const configuration = new CfnEndpointConfig(this, 'Configuration', {
      kmsKeyId: settings.key.keyArn, productionVariants: [{ modelName: model.attrModelName, variantName: 'active', initialVariantWeight: 1, instanceType: 'ml.m5.large', initialInstanceCount: 1 }],
    });
    const endpoint = new CfnEndpoint(this, 'Endpoint', { endpointConfigName: configuration.attrEndpointConfigName });
    // The reference is the ARN, on which all schemas of the type agree; not all have the attribute EndpointName.
    this.endpointName = Fn.select(1, Fn.split('/', endpoint.ref));
    this.#addFunction(props, endpoint.ref);
  }

  #endpointRole({ models }: EarlyPredictionProps, repositoryArn: string): Role {
    const { region, account } = Stack.of(this);
    const endpointLogs = `arn:aws:logs:${region}:${account}:log-group:/aws/sagemaker/*`;
    acknowledgePattern(this, endpointLogs, 'SageMaker names the log group of an endpoint itself.');
    return new Role(this, 'EndpointRole', {
      assumedBy: new ServicePrincipal('sagemaker.amazonaws.com'),
      inlinePolicies: { serve: new PolicyDocument({ statements: [
        ...models.archiveStatements(),
        new PolicyStatement({ effect: Effect.ALLOW, actions: ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer', 'ecr:BatchCheckLayerAvailability'], resources: [repositoryArn] }),
        new PolicyStatement({ sid: 'RegistryLogin', effect: Effect.ALLOW, actions: ['ecr:GetAuthorizationToken'], resources: ['*'] }),
        new PolicyStatement({ effect: Effect.ALLOW, actions: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'], resources: [endpointLogs] }),
      ] }) },
    });
  }

  #addFunction({ settings, records, telemetry, models, scheduleFailures }: EarlyPredictionProps, endpointArn: string): void {
    const lookAhead = new BedsideFunction(this, 'LookAhead', { settings, name: 'look-ahead', environment: {}, timeout: Duration.minutes(1), memorySize: 1769 });
    const own = new BedsideFunction(this, 'Predict', {
      settings, name: 'prediction', timeout: Duration.minutes(2), memorySize: 1024,
      environment: { ...records.environment, ...models.environment, TELEMETRY_BUCKET: telemetry.bucketName, PREDICTION_ENDPOINT: this.endpointName, ...models.exampleEnvironment, LOOK_AHEAD_FUNCTION: lookAhead.lambda.functionArn },
    });
    records.allowAppend(own).allowOperations(own);
    models.allowRead(own);
    own.allow(['lambda:InvokeFunction'], [lookAhead.lambda.functionArn]);
    own.allow(['sagemaker:InvokeEndpoint'], [endpointArn]).allow(['s3:GetObject'], [telemetry.arnForObjects('*')]).allow(['s3:ListBucket'], [telemetry.bucketArn])
      .allow(['kms:Decrypt', 'kms:GenerateDataKey'], [settings.key.keyArn]);
    new Rule(this, 'EachQuarterHour', { schedule: Schedule.rate(Duration.minutes(15)), targets: [new LambdaTarget(own.lambda, { retryAttempts: 2, deadLetterQueue: scheduleFailures })], description: 'Early prediction' });
  }
}
