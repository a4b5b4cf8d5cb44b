/**
 * What the parts of the local cloud know of each other. Each AWS service is one `LocalService` in `infra/local/services/`;
 * `core/` reads templates, owns identity and access, the clock and the wire, and knows no service by name.
 */

/** One IAM statement after intrinsic functions are resolved; scalars already widened to arrays. */
export type PolicyStatement = Readonly<{
  effect: 'Allow' | 'Deny';
  actions: readonly string[];
  notActions?: readonly string[];
  resources: readonly string[];
  /** Only in resource policies: `*`, service names (`events.amazonaws.com`), role or account ARNs. */
  principals?: readonly string[];
  conditions: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;
}>;

/** Who makes a call: a role of a template, or `admin` (the local cloud itself and the scripts a person runs). */
export type Principal = Readonly<{ arn: string; account: string; region: string; policies: readonly PolicyStatement[]; admin: boolean }>;

export type StackIdentity = Readonly<{ name: string; account: string; region: string }>;

/** A resource of a template, properties resolved. `arn` building blocks come from `stack`. */
export type ResourceDeclaration = Readonly<{
  stack: StackIdentity;
  logicalId: string;
  type: string;
  properties: Readonly<Record<string, unknown>>;
  /** File or folder of an asset, by the object key the template names. */
  assetByKey: ReadonlyMap<string, string>;
}>;

/** `physicalId` answers `Ref`; `attributes` answer `Fn::GetAtt`. The same declaration always gives the same ids (restart). */
export type ProvisionedResource = Readonly<{ physicalId: string; attributes: Readonly<Record<string, unknown>> }>;

/** One SDK call as it came over the wire, its caller already known from the SigV4 credential. */
export type SdkRequest = Readonly<{
  /** SigV4 service name: `s3`, `sqs`, `dynamodb`, `states`, `iotdata`, `iotdevicegateway`, `kms`, `sagemaker`, `events`, `sns`, `iot`, `lambda`. */
  service: string;
  method: string;
  path: string;
  query: URLSearchParams;
  headers: Readonly<Record<string, string>>;
  /** Operation part of `X-Amz-Target`, e.g. `PutItem`, or undefined for REST protocols. */
  operation: string | undefined;
  body: Buffer;
  principal: Principal;
}>;
export type SdkResponse = Readonly<{ status: number; headers?: Readonly<Record<string, string>>; body?: string | Buffer }>;

/** An error in AWS's words; `core/endpoint.ts` writes it in the protocol of the service called (JSON, or XML for s3, sns). */
export class AwsError extends Error {
  readonly code: string;
  readonly status: number;
  constructor(code: string, message: string, status = 400) {
    super(message);
    this.name = 'AwsError';
    this.code = code;
    this.status = status;
  }
}

export interface Clock {
  /** Milliseconds since the epoch on the cloud's own clock, which time-lapse moves forward; never decreasing. */
  now(): number;
  /** Resolves when the cloud's clock has reached `epochMs`; wakes at once on a time-lapse jump. Aborting rejects. */
  until(epochMs: number, signal?: AbortSignal): Promise<void>;
}

export type ResourcePolicy = readonly PolicyStatement[];

export interface Cloud {
  /** Folder below `.bedside/` that belongs to the named service; created. */
  stateFolder(service: string): string;
  readonly clock: Clock;
  /** Throws AwsError `AccessDeniedException` (403) unless IAM would allow it; across accounts both sides must allow, and what is encrypted with a customer key wants the key's permission, too. */
  authorize(principal: Principal, action: string, resourceArn: string, options?: { resourcePolicy?: ResourcePolicy; resourceAccount?: string; context?: Readonly<Record<string, string>> }): void;
  /** The principal a role ARN stands for, with the policies its template gives it. */
  principalOf(roleArn: string): Principal;
  /**
   * Hand an event to a target by ARN: Lambda function (returns its payload), SQS queue, SNS topic, state machine, event bus.
   * `from` is the caller: a role, or a service principal (`events.amazonaws.com`) that a resource policy must allow.
   */
  deliver(targetArn: string, payload: unknown, from: Principal | Readonly<{ service: string; sourceArn: string }>, options?: DeliverOptions): Promise<unknown>;
  service<Service extends LocalService>(name: string): Service;
  /** Base URL of the SDK endpoint, `http://127.0.0.1:<port>`. */
  readonly endpointUrl: string;
  /** Environment variables that let a program using the plain AWS SDK act as `principal` against this cloud. */
  environmentFor(principal: Principal): Readonly<Record<string, string>>;
  /** Next free TCP port from the range the cloud was started with; the same `name` gets the same port after a restart. */
  portFor(name: string): number;
  /** Folder that holds the local certificate authority: `ca.crt`, `ca.key`, `server.crt`, `server.key` (all PEM). */
  readonly certificateFolder: string;
  log(service: string, message: string, facts?: Readonly<Record<string, unknown>>): void;
}

/** `invocation: 'event'` is asynchronous Lambda invocation; `messageAttributes` etc. belong to the receiving service. */
export type DeliverOptions = Readonly<{ invocation?: 'request-response' | 'event'; name?: string }>;

export interface LocalService {
  readonly name: string;
  /** SigV4 service names this service answers. */
  readonly signingNames: readonly string[];
  /** CloudFormation types this service creates. */
  readonly resourceTypes: readonly string[];
  /** Create or adopt a declared resource. Idempotent; called again on every start and on every changed template. */
  provision(resource: ResourceDeclaration): Promise<ProvisionedResource> | ProvisionedResource;
  /** Serve one SDK call. Calls `cloud.authorize` itself, once per IAM action the real service would check. */
  handle(request: SdkRequest): Promise<SdkResponse>;
  /** ARN prefixes this service receives events for, e.g. `arn:aws:sqs:`. */
  readonly deliverPrefixes?: readonly string[];
  receive?(targetArn: string, payload: unknown, from: Principal | Readonly<{ service: string; sourceArn: string }>, options: DeliverOptions): Promise<unknown>;
  /** Before any resource is provisioned: engines and databases start here. */
  prepare?(): Promise<void>;
  /** After all resources exist (and after each later template change, for new ones). Pollers, listeners, schedules start here. */
  start?(): Promise<void>;
  stop?(): Promise<void>;
  /** What `.bedside/endpoints.json` should tell of this service, merged under `nodes.<stack>` or `network`. */
  endpoints?(): readonly Readonly<{ stack: string; name: string; value: unknown }>[];
}

export type LocalServiceFactory = (cloud: Cloud) => LocalService;
