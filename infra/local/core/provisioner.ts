import type { Assembly, AssemblyStack } from './assembly.ts';
import type { LocalService, ProvisionedResource, StackIdentity } from './contracts.ts';
import { Roles } from './roles.ts';
import { ServiceKeys } from './service-keys.ts';
import { condition, provisionOrder, resolve, type Scope } from './template.ts';

type ProvisionedStack = Readonly<{ identity: StackIdentity; resources: Map<string, ProvisionedResource>; outputs: Readonly<Record<string, string>> }>;

/** Brings the resources of an assembly into being, in order, through the services that know their types. */
export class Provisioner {
  readonly roles = new Roles();
  readonly keys = new ServiceKeys();
  readonly #services: readonly LocalService[];
  readonly #read: () => Assembly;
  readonly #stacks = new Map<string, ProvisionedStack>();

  constructor(services: readonly LocalService[], read: () => Assembly) {
    this.#services = services;
    this.#read = read;
  }

  stackNames(): readonly string[] {
    return [...this.#stacks.keys()];
  }

  outputsOf(stackName: string): Readonly<Record<string, string>> {
    return this.#stacks.get(stackName)?.outputs ?? {};
  }

  /** @throws Error for a stack that is not there */
  homeOf(stackName: string): Readonly<{ account: string; region: string }> {
    const stack = this.#stacks.get(stackName);
    if (stack === undefined) throw new Error(`no stack ${stackName}`);
    const { account, region } = stack.identity;
    return { account, region };
  }

  /** @throws Error naming stack, resource and type that no service knows */
  requireKnownTypes(): void {
    const known = new Set<string>([...Roles.types, ...this.#services.flatMap(({ resourceTypes }) => resourceTypes)]);
    const unknown = this.#read().stacks.flatMap(({ identity, template }) => Object.entries(template.Resources).filter(([, { Type }]) => !known.has(Type)).map(([id, { Type }]) => `${identity.name}/${id} (${Type})`));
    if (unknown.length > 0) throw new Error(`the local cloud does not know these resources, so it can not show what would be deployed: ${unknown.join(', ')}`);
  }

  async apply(progress: (message: string) => void): Promise<void> {
    this.requireKnownTypes();
    const assembly = this.#read();
    const networkOutputs: Record<string, string> = {};
    const exported: Record<string, unknown> = {};
    for (const stack of assembly.stacks) {
      progress(`provisioning ${stack.identity.name}`);
      const provisioned = await this.#provisionStack(assembly, stack, { networkOutputs, exported });
      this.#stacks.set(stack.identity.name, provisioned);
      if (Object.keys(stack.template.Parameters ?? {}).every((name) => name === 'BootstrapVersion')) Object.assign(networkOutputs, provisioned.outputs);
    }
  }

  async #provisionStack(assembly: Assembly, { identity, template }: AssemblyStack, { networkOutputs, exported }: Readonly<{ networkOutputs: Readonly<Record<string, string>>; exported: Record<string, unknown> }>): Promise<ProvisionedStack> {
    const resources = new Map<string, ProvisionedResource>();
    const found = (logicalId: string): ProvisionedResource => {
      const resource = resources.get(logicalId);
      if (resource === undefined) throw new Error(`template of ${identity.name}: ${logicalId} is not provisioned yet`);
      return resource;
    };
    const scope: Scope = {
      stack: identity, template, exports: exported,
      parameters: Object.fromEntries(Object.entries(template.Parameters ?? {}).map(([name, { Default }]) => [name, networkOutputs[name] ?? Default])),
      refOf: (logicalId) => found(logicalId).physicalId,
      attributeOf: (logicalId, attribute) => {
        const { attributes } = found(logicalId);
        if (!(attribute in attributes)) throw new Error(`template of ${identity.name}: the local cloud gives ${logicalId} (${template.Resources[logicalId]?.Type ?? ''}) no attribute ${attribute}`);
        return attributes[attribute];
      },
    };
    for (const logicalId of provisionOrder(template, identity.name)) {
      const { Type = '', Properties = {}, Condition } = template.Resources[logicalId] ?? {};
      if (Condition !== undefined && !condition(scope, Condition)) continue;
      const declaration = { stack: identity, logicalId, type: Type, properties: resolve(scope, Properties) as Readonly<Record<string, unknown>>, assetByKey: assembly.assetByKey };
      const service = this.#services.find(({ resourceTypes }) => resourceTypes.includes(Type));
      const provisioned = service === undefined ? this.roles.provision(declaration) : await service.provision(declaration);
      this.keys.note(declaration, provisioned);
      resources.set(logicalId, provisioned);
    }
    const outputs: Record<string, string> = {};
    for (const [name, { Value, Export, Condition }] of Object.entries(template.Outputs ?? {})) {
      if (Condition !== undefined && !condition(scope, Condition)) continue;
      outputs[name] = String(resolve(scope, Value));
      if (Export !== undefined) exported[String(resolve(scope, Export.Name))] = outputs[name];
    }
    return { identity, resources, outputs };
  }
}
