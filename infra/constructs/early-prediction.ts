import { Duration, Stack } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction as LambdaTarget } from 'aws-cdk-lib/aws-events-targets';
import { Effect, PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { CfnEndpoint, CfnEndpointConfig, CfnModel } from 'aws-cdk-lib/aws-sagemaker';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { acknowledgePattern } from '../acknowledgements.ts';
import { BedsideFunction, type FunctionSettings } from './bedside-function.ts';
import type { Records } from './records.ts';
import { xgboostImage } from './xgboost-image.ts';

export interface EarlyPredictionProps {
  readonly settings: FunctionSettings;
  readonly records: Records;
  readonly telemetry: Bucket;
  /** XGBoost JSON. */
  readonly modelFile: string;
  /** `model.tar.gz` that holds only the model file: the container loads every top-level file. */
  readonly modelArchive: string;
  /** Where scheduled invocations go that failed for good. */
  readonly scheduleFailures: Queue;
}

/** A serverless endpoint in the hospital's own account, and the function that asks it (ADR 0002). */
export class EarlyPrediction extends Construct {
  readonly endpointName: string;

  constructor(scope: Construct, id: string, props: EarlyPredictionProps) {
    super(scope, id);
    const { settings } = props;
    const { region } = Stack.of(this);
    const archive = new Asset(this, 'Model', { path: props.modelArchive });
    const image = xgboostImage(region);
    const endpointLogs = `arn:aws:logs:${region}:${Stack.of(this).account}:log-group:/aws/sagemaker/*`;
    acknowledgePattern(this, endpointLogs, 'SageMaker names the log group of an endpoint itself.');
    const role = new Role(this, 'EndpointRole', {
      assumedBy: new ServicePrincipal('sagemaker.amazonaws.com'),
      inlinePolicies: { serve: new PolicyDocument({ statements: [
        new PolicyStatement({ effect: Effect.ALLOW, actions: ['s3:GetObject'], resources: [archive.bucket.arnForObjects(archive.s3ObjectKey)] }),
        new PolicyStatement({ effect: Effect.ALLOW, actions: ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer', 'ecr:BatchCheckLayerAvailability'], resources: [image.repositoryArn] }),
        new PolicyStatement({ sid: 'RegistryLogin', effect: Effect.ALLOW, actions: ['ecr:GetAuthorizationToken'], resources: ['*'] }),
        new PolicyStatement({ effect: Effect.ALLOW, actions: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'], resources: [endpointLogs] }),
      ] }) },
    });
    const model = new CfnModel(this, 'SageMakerModel', { executionRoleArn: role.roleArn, primaryContainer: { image: image.uri, modelDataUrl: archive.s3ObjectUrl } });
    model.node.addDependency(role);
    const configuration = new CfnEndpointConfig(this, 'Configuration', {
      kmsKeyId: settings.key.keyArn, productionVariants: [{ modelName: model.attrModelName, variantName: 'active', initialVariantWeight: 1, serverlessConfig: { maxConcurrency: 2, memorySizeInMb: 2048 } }],
    });
    const endpoint = new CfnEndpoint(this, 'Endpoint', { endpointConfigName: configuration.attrEndpointConfigName });
    this.endpointName = endpoint.attrEndpointName;
    this.#addFunction(props, endpoint.ref);
  }

  #addFunction({ settings, records, telemetry, modelFile, scheduleFailures }: EarlyPredictionProps, endpointArn: string): void {
    const own = new BedsideFunction(this, 'Predict', {
      settings, name: 'prediction', timeout: Duration.minutes(2), memorySize: 1024,
      environment: { ...records.environment, TELEMETRY_BUCKET: telemetry.bucketName, PREDICTION_ENDPOINT: this.endpointName, MODEL_SHA256: createHash('sha256').update(readFileSync(modelFile)).digest('hex') },
    });
    records.allowAppend(own).allowOperations(own);
    own.allow(['sagemaker:InvokeEndpoint'], [endpointArn]).allow(['s3:GetObject'], [telemetry.arnForObjects('*')]).allow(['s3:ListBucket'], [telemetry.bucketArn])
      .allow(['kms:Decrypt', 'kms:GenerateDataKey'], [settings.key.keyArn]);
    new Rule(this, 'EachQuarterHour', { schedule: Schedule.rate(Duration.minutes(15)), targets: [new LambdaTarget(own.lambda, { retryAttempts: 2, deadLetterQueue: scheduleFailures })], description: 'Early prediction' });
  }
}
