import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Effect, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Architecture, Code, Function as LambdaFunction, LoggingFormat, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { cpSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What every function of a stack has in common. */
export interface FunctionSettings {
  /** Folder of bundles, one a function. */
  readonly bundleFolder: string;
  readonly key: IKey;
  readonly logRetention: RetentionDays;
  readonly alarms: ITopic;
}

/** Texts by the names of the files they are put in, beside a function's bundle. */
export type BesideBundle = Readonly<Record<string, string>>;

export interface BedsideFunctionProps {
  readonly settings: FunctionSettings;
  /** Folder of `functions/`, `batch-api` or `rpa/review`; deployed under the same words, `rpa-review`. */
  readonly name: string;
  readonly environment: Readonly<Record<string, string>>;
  /** What the function reads from files of its own: an environment holds 4 kB. @default none */
  readonly files?: BesideBundle;
  /** @default Duration.seconds(15) */
  readonly timeout?: Duration;
  /** MB; CPU comes with it. @default 512 */
  readonly memorySize?: number;
  /** Where asynchronous invocations go that failed for good. @default none */
  readonly deadLetterQueue?: IQueue;
}

/** A folder that is there while `use` runs: the bundle, and files beside it. */
const withFiles = <Result>(bundle: string, files: BesideBundle, use: (folder: string) => Result): Result => {
  if (Object.keys(files).length === 0) return use(bundle);
  const folder = mkdtempSync(join(tmpdir(), 'bedside-function-'));
  try {
    cpSync(bundle, folder, { recursive: true });
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** One Lambda function: its own role, its own encrypted log group, an alarm on its errors. */
export class BedsideFunction extends Construct {
  readonly lambda: LambdaFunction;
  readonly role: Role;
  readonly logGroup: LogGroup;

  constructor(scope: Construct, id: string, props: BedsideFunctionProps) {
    super(scope, id);
    const { settings } = props;
    const folder = join(settings.bundleFolder, props.name);
    if (!existsSync(join(folder, 'index.mjs'))) throw new Error(`function ${props.name}: no bundle in ${folder}; run the bundler, or add functions/${props.name}/index.ts`);
    const name = props.name.replaceAll('/', '-');
    const logGroup = this.logGroup = new LogGroup(this, 'Logs', { encryptionKey: settings.key, retention: settings.logRetention, removalPolicy: RemovalPolicy.RETAIN });
    this.role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com'), description: `Role of function ${name}` });
    this.role.addToPolicy(new PolicyStatement({ effect: Effect.ALLOW, actions: ['logs:CreateLogStream', 'logs:PutLogEvents'], resources: [logGroup.logGroupArn] }));
    // The asset is copied into the assembly by the time the function is made.
    this.lambda = withFiles(folder, props.files ?? {}, (path) => new LambdaFunction(this, 'Function', {
      runtime: Runtime.NODEJS_24_X, architecture: Architecture.ARM_64, handler: 'index.handler', code: Code.fromAsset(path), role: this.role, logGroup,
      description: `Bedside ${name}`, timeout: props.timeout ?? Duration.seconds(15), memorySize: props.memorySize ?? 512, tracing: Tracing.DISABLED,
      loggingFormat: LoggingFormat.JSON, environmentEncryption: settings.key,
      environment: { ...props.environment, NODE_OPTIONS: '--enable-source-maps', POWERTOOLS_SERVICE_NAME: name, LOG_LEVEL: 'INFO' },
      ...(props.deadLetterQueue === undefined ? {} : { deadLetterQueue: props.deadLetterQueue }),
    }));
    this.#alarmOnErrors(settings.alarms, name);
  }

  /** Allow exactly these actions on exactly these resources. */
  allow(actions: readonly string[], resources: readonly string[]): this {
    this.role.addToPolicy(new PolicyStatement({ effect: Effect.ALLOW, actions: [...actions], resources: [...resources] }));
    return this;
  }

  #alarmOnErrors(topic: ITopic, name: string): void {
    new Alarm(this, 'Errors', {
      metric: this.lambda.metricErrors({ period: Duration.minutes(5) }), threshold: 1, evaluationPeriods: 1, treatMissingData: TreatMissingData.NOT_BREACHING,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD, alarmDescription: `Function ${name} failed; see docs/runbook.md#function-errors`,
    }).addAlarmAction(new SnsAction(topic));
  }

}
