import type { PolicyStatement, Principal, ProvisionedResource, ResourceDeclaration } from './contracts.ts';
import { statementsOf } from './iam.ts';

type Attached = Readonly<{ principal: Principal; own: readonly PolicyStatement[] }>;

/** Roles and policies of all templates: who a role ARN is, and what its policies let it do. */
export class Roles {
  readonly #roles = new Map<string, Attached>();
  readonly #policies = new Map<string, Readonly<{ roleArns: readonly string[]; statements: readonly PolicyStatement[] }>>();
  /** Every call asks for its caller's; they change only when a stack does. */
  readonly #principals = new Map<string, Principal>();
  static readonly types = ['AWS::IAM::Role', 'AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy'] as const;

  provision({ stack, logicalId, type, properties }: ResourceDeclaration): ProvisionedResource {
    this.#principals.clear();
    const name = `${stack.name}-${logicalId}`;
    if (type === 'AWS::IAM::Role') {
      const arn = `arn:aws:iam::${stack.account}:role/${name}`;
      const inline = ((properties['Policies'] ?? []) as readonly Readonly<{ PolicyDocument: unknown }>[]).flatMap(({ PolicyDocument }) => statementsOf(PolicyDocument));
      if (((properties['ManagedPolicyArns'] ?? []) as readonly string[]).some((each) => each.startsWith('arn:aws:iam::aws:'))) throw new Error(`${stack.name}/${logicalId}: AWS managed policies are not known to the local cloud; write the statements`);
      this.#roles.set(arn, { principal: { arn, account: stack.account, region: stack.region, policies: [], admin: false }, own: inline });
      return { physicalId: name, attributes: { Arn: arn, RoleId: name } };
    }
    const roleArns = ((properties['Roles'] ?? []) as readonly string[]).map((role) => `arn:aws:iam::${stack.account}:role/${role}`);
    this.#policies.set(name, { roleArns, statements: statementsOf(properties['PolicyDocument']) });
    return { physicalId: name, attributes: { Id: name } };
  }

  /** @throws Error for an ARN no template has */
  principalOf(roleArn: string): Principal {
    const known = this.#principals.get(roleArn);
    if (known !== undefined) return known;
    const role = this.#roles.get(roleArn);
    if (role === undefined) throw new Error(`no role ${roleArn} in any template`);
    const attached = [...this.#policies.values()].filter(({ roleArns }) => roleArns.includes(roleArn)).flatMap(({ statements }) => statements);
    const principal = { ...role.principal, policies: [...role.own, ...attached] };
    this.#principals.set(roleArn, principal);
    return principal;
  }
}
