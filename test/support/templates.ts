import { readAssembly } from '../../infra/local/core/assembly.ts';
import type { PolicyStatement } from '../../infra/local/core/contracts.ts';
import { statementsOf } from '../../infra/local/core/iam.ts';

export type Statement = Readonly<{ Effect: string; Action: string | string[]; Resource: unknown }>;
export type Resource = Readonly<{ Type: string; Properties: Readonly<Record<string, unknown>>; DeletionPolicy?: string }>;

/** Questions a test has to the templates of an assembly. */
export const readTemplates = (folder: string) => {
  const assembly = readAssembly(folder);
  const resources = (stack: string): readonly (readonly [string, Resource])[] => Object.entries(assembly.stacks.find(({ identity }) => identity.name === stack)!.template.Resources) as unknown as (readonly [string, Resource])[];
  const nodeStacks = () => assembly.stacks.map(({ identity }) => identity.name).filter((name) => name !== 'Bedside-Network');
  const nodeAccounts = () => assembly.stacks.filter(({ identity }) => identity.name !== 'Bedside-Network').map(({ identity }) => identity.account);
  const statements = (stack: string): readonly Statement[] => resources(stack).flatMap(([, { Type, Properties }]) => {
    if (Type === 'AWS::IAM::Policy') return (Properties['PolicyDocument'] as { Statement: Statement[] }).Statement;
    if (Type === 'AWS::IAM::Role') return ((Properties['Policies'] ?? []) as { PolicyDocument: { Statement: Statement[] } }[]).flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
    return [];
  });
  return { assembly, resources, nodeStacks, nodeAccounts, statements };
};

export type Templates = ReturnType<typeof readTemplates>;

export const actionsOf = ({ Action }: Statement): readonly string[] => [Action].flat();

/** The policy of the one bucket whose logical id begins so, with what CloudFormation puts in for the bucket's name and the accounts. */
export const bucketPolicyOf = (template: unknown, bucket: RegExp, bucketArn: string): readonly PolicyStatement[] => {
  const own = Object.entries((template as Readonly<{ Resources: Readonly<Record<string, Resource>> }>).Resources).filter(([id, { Type }]) => Type === 'AWS::S3::BucketPolicy' && bucket.test(id));
  if (own.length !== 1) throw new Error(`got ${own.length} bucket policies that begin with ${String(bucket)}, want 1`);
  const text = JSON.stringify(own[0]?.[1].Properties['PolicyDocument']).replaceAll(/\{"Fn::GetAtt":\["\w+","Arn"\]\}/g, JSON.stringify(bucketArn)).replaceAll('{"Ref":"AWS::Partition"}', '"aws"')
    .replaceAll(/\{"Fn::Join":\["",(\[[^\]]*\])\]\}/g, (_, parts: string) => JSON.stringify((JSON.parse(parts) as string[]).join('')));
  if (/Fn::|"Ref"/.test(text)) throw new Error(`the policy has a function that is not resolved: ${text}`);
  return statementsOf(JSON.parse(text));
};
