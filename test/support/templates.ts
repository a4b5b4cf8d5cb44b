import { readAssembly } from '../../infra/local/core/assembly.ts';

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
