import type { Assembly } from '../../infra/local/core/assembly.ts';
import type { LocalService, PolicyStatement, Principal, ProvisionedResource, ResourceDeclaration } from '../../infra/local/core/contracts.ts';
import { matchesPattern } from '../../infra/local/core/iam.ts';
import { Provisioner } from '../../infra/local/core/provisioner.ts';
import { KEY_ACTIONS } from '../../infra/local/core/service-keys.ts';

/** ARNs of the kinds that keys and policies name; any other is only told from others. */
const ARN_OF: Readonly<Record<string, (name: string, home: string) => string>> = {
  'AWS::S3::Bucket': (name) => `arn:aws:s3:::${name.toLowerCase()}`, 'AWS::SQS::Queue': (name, home) => `arn:aws:sqs:${home}:${name}`, 'AWS::SNS::Topic': (name, home) => `arn:aws:sns:${home}:${name}`,
  'AWS::DynamoDB::GlobalTable': (name, home) => `arn:aws:dynamodb:${home}:table/${name}`, 'AWS::KMS::Key': (name, home) => `arn:aws:kms:${home}:key/${name}`,
  'AWS::SageMaker::Endpoint': (name, home) => `arn:aws:sagemaker:${home}:endpoint/${name}`,
};

const provision = ({ stack, logicalId, type }: ResourceDeclaration): ProvisionedResource => {
  const name = `${stack.name}-${logicalId}`;
  const home = `${stack.region}:${stack.account}`;
  const arn = ARN_OF[type]?.(name, home) ?? `arn:aws:other:${home}:${name}`;
  const attributes: Record<string, unknown> = { Arn: arn };
  const ref = type === 'AWS::S3::Bucket' ? name.toLowerCase() : type === 'AWS::SNS::Topic' || type === 'AWS::SageMaker::Endpoint' ? arn : name;
  return { physicalId: ref, attributes: new Proxy(attributes, { has: () => true, get: (held, each) => held[String(each)] ?? `${arn}/${String(each)}` }) };
};

const actionsOf = ({ effect, actions }: PolicyStatement): readonly string[] => (effect === 'Allow' ? [...KEY_ACTIONS.keys()].filter((action) => actions.some((pattern) => matchesPattern(pattern, action))) : []);

/**
 * Calls that some role of the templates may make on something encrypted, and would fail at its key.
 *
 * @returns `role: action on resource`, with what the key refused, and how many calls were looked at
 */
export const lockedOut = async (assembly: Assembly): Promise<Readonly<{ faults: readonly string[]; looked: number }>> => {
  const types = [...new Set(assembly.stacks.flatMap(({ template }) => Object.values(template.Resources).map(({ Type }) => Type)))].filter((type) => !type.startsWith('AWS::IAM::'));
  const everything = { name: 'everything', signingNames: [], resourceTypes: types, provision, stop: () => Promise.resolve(), handle: () => Promise.reject(new Error('not called')) } as unknown as LocalService;
  const provisioner = new Provisioner([everything], () => assembly);
  await provisioner.apply(() => undefined);
  const roles = assembly.stacks.flatMap(({ identity: { name, account }, template }) => Object.entries(template.Resources).filter(([, { Type }]) => Type === 'AWS::IAM::Role').map(([id]) => `arn:aws:iam::${account}:role/${name}-${id}`));
  const calls = roles.map((arn) => provisioner.roles.principalOf(arn)).flatMap((principal) => principal.policies.flatMap((statement) => actionsOf(statement).flatMap((action) => statement.resources.map((resource) => ({ principal, action, resource })))));
  const fault = ({ principal, action, resource }: Readonly<{ principal: Principal; action: string; resource: string }>): readonly string[] => {
    try {
      provisioner.keys.require(principal, action, resource);
      return [];
    } catch (error) {
      return [`${principal.arn.split('/')[1] ?? ''}: ${action} on ${resource}: ${(error as Error).message}`];
    }
  };
  return { faults: [...new Set(calls.flatMap(fault))], looked: calls.length };
};
