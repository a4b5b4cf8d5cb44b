/** A CloudFormation template, as it is written to the assembly. */
type Template = Readonly<{ Resources: Readonly<Record<string, Readonly<{ Type: string; Properties?: Properties }>>>; Outputs?: object; Parameters?: object }>;
type Properties = Readonly<Record<string, unknown>>;
type Found = Readonly<{ resource: string; what: Kind; size: number }>;
/** What is measured, what it may be at most, and who says so. */
export type Size = Found & Readonly<{ limit: number }>;

/**
 * Limits that nobody can have raised, in the unit of the name.
 *
 * @see the quota pages of each service: Amazon S3 (bucket policy, 20 KB), AWS KMS (key policy), AWS Lambda (environment, resource policy), IAM (inline policies of a role, trust policy, managed policy),
 * Amazon EventBridge (event bus policy), Amazon SQS (policy), Amazon SNS (policy), AWS IoT Core (policy), AWS Step Functions (definition), AWS CloudFormation
 */
export const SIZE_LIMITS = {
  'bucket policy, bytes': 20_480, 'key policy, bytes': 32_768, 'environment, bytes': 4096, 'function policy, bytes': 20_480, 'inline policies, characters': 10_240, 'trust policy, characters': 2048,
  'managed policy, characters': 6144, 'event bus policy, characters': 10_240, 'queue policy, bytes': 8192, 'topic policy, bytes': 30_720, 'IoT policy, bytes': 2048, 'definition, bytes': 1_048_576,
  'resources': 500, 'outputs': 200, 'parameters': 200, 'template, bytes': 1_000_000,
} as const;
type Kind = keyof typeof SIZE_LIMITS;

/** What stands for a name that CloudFormation makes, or an ARN: as long as they get. */
const NAME = 'n'.repeat(64);
const ARN = 'a'.repeat(120);
const PSEUDO: Readonly<Record<string, string>> = { 'AWS::Partition': 'aws', 'AWS::AccountId': '0'.repeat(12), 'AWS::Region': 'r'.repeat(14), 'AWS::URLSuffix': 'amazonaws.com' };

const isObject = (value: unknown): value is Properties => typeof value === 'object' && value !== null && !Array.isArray(value);
const listOf = (value: unknown): readonly unknown[] => (value === undefined ? [] : [value].flat());

/** A value as it is when it is deployed, or as long as that. */
const deployed = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(deployed);
  if (!isObject(value)) return value;
  const [[name, argument] = ['', undefined]] = Object.entries(value);
  if (name === 'Ref') return PSEUDO[String(argument)] ?? NAME;
  if (name === 'Fn::GetAtt') return ARN;
  if (name === 'Fn::Join') return joined(argument);
  if (name.startsWith('Fn::')) return ARN;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, deployed(each)]));
};

const joined = (argument: unknown): string => {
  const [separator, parts] = argument as readonly [string, unknown];
  const resolved = deployed(parts);
  return Array.isArray(resolved) ? resolved.map(String).join(separator) : ARN;
};

const bytesOf = (value: unknown): number => {
  const resolved = deployed(value);
  return Buffer.byteLength(typeof resolved === 'string' ? resolved : JSON.stringify(resolved ?? ''));
};

/** A statement as the service writes it for a permission. */
const statementOf = ({ Action, Principal, SourceArn, SourceAccount }: Properties): unknown => ({
  Sid: NAME, Effect: 'Allow', Principal: { Service: Principal }, Action, Resource: ARN, Condition: { ArnLike: { 'AWS:SourceArn': SourceArn ?? '' }, StringEquals: { 'AWS:SourceAccount': SourceAccount ?? '' } },
});

/** Name a policy is attached to, which several resources of a template may add to. */
const nameOf = (value: unknown): string => {
  if (typeof value === 'string') return value;
  if (!isObject(value)) return '';
  return String(listOf(value['Ref'] ?? value['Fn::GetAtt'])[0]);
};

const inlinePoliciesOf = (properties: Properties): number => listOf(properties['Policies']).reduce<number>((sum, each) => sum + bytesOf((each as Properties)['PolicyDocument']), 0);

type Measure = (id: string, properties: Properties) => readonly Found[];
const one = (what: Kind, property: string): Measure => (resource, properties) => [{ resource, what, size: bytesOf(properties[property]) }];
const shared = (what: Kind, owners: string, property: string): Measure => (_, properties) => listOf(properties[owners]).map((owner) => ({ resource: nameOf(owner), what, size: bytesOf(properties[property]) }));

const MEASURES: Readonly<Record<string, Measure>> = {
  'AWS::S3::BucketPolicy': one('bucket policy, bytes', 'PolicyDocument'),
  'AWS::KMS::Key': one('key policy, bytes', 'KeyPolicy'),
  'AWS::Lambda::Function': (resource, properties) => [{ resource, what: 'environment, bytes', size: bytesOf((properties['Environment'] as Properties | undefined)?.['Variables'] ?? {}) }],
  'AWS::Lambda::Permission': (_, properties) => [{ resource: nameOf(properties['FunctionName']), what: 'function policy, bytes', size: bytesOf(statementOf(properties)) }],
  'AWS::IAM::Role': (resource, properties) => [{ resource, what: 'inline policies, characters', size: inlinePoliciesOf(properties) }, { resource, what: 'trust policy, characters', size: bytesOf(properties['AssumeRolePolicyDocument']) }],
  'AWS::IAM::Policy': shared('inline policies, characters', 'Roles', 'PolicyDocument'),
  'AWS::IAM::ManagedPolicy': one('managed policy, characters', 'PolicyDocument'),
  'AWS::Events::EventBusPolicy': shared('event bus policy, characters', 'EventBusName', 'Statement'),
  'AWS::SQS::QueuePolicy': shared('queue policy, bytes', 'Queues', 'PolicyDocument'),
  'AWS::SNS::TopicPolicy': shared('topic policy, bytes', 'Topics', 'PolicyDocument'),
  'AWS::IoT::Policy': one('IoT policy, bytes', 'PolicyDocument'),
  'AWS::StepFunctions::StateMachine': one('definition, bytes', 'DefinitionString'),
};

/**
 * Every size of a template that AWS limits and that can grow, names and ARNs as long as they get. What several resources add to one policy is summed.
 *
 * @param text the template, JSON, as it is uploaded
 */
export const sizesOf = (text: string): readonly Size[] => {
  const { Resources, Outputs = {}, Parameters = {} } = JSON.parse(text) as Template;
  const sums = new Map<string, Found>();
  for (const [id, { Type, Properties: properties = {} }] of Object.entries(Resources)) {
    for (const found of MEASURES[Type]?.(id, properties) ?? []) {
      const key = `${found.resource} ${found.what}`;
      sums.set(key, { ...found, size: found.size + (sums.get(key)?.size ?? 0) });
    }
  }
  const whole = ([['resources', Resources], ['outputs', Outputs], ['parameters', Parameters]] as const).map(([what, each]) => ({ resource: 'the template', what, size: Object.keys(each).length }));
  return [...sums.values(), ...whole, { resource: 'the template', what: 'template, bytes' as const, size: Buffer.byteLength(text) }].map((found) => ({ ...found, limit: SIZE_LIMITS[found.what] }));
};
