import type { LocalServiceFactory, ProvisionedResource, ResourceDeclaration } from '../core/contracts.ts';

type Passive = (declaration: ResourceDeclaration, name: string) => ProvisionedResource;

const arnOf = (service: string, { stack }: ResourceDeclaration, path: string): string => `arn:aws:${service}:${stack.region}:${stack.account}:${path}`;
const named: Passive = (_, name) => ({ physicalId: name, attributes: {} });

/** Resources that exist only for people to look at in the cloud: logs go to files here, and an alarm has nobody to wake. */
const TYPES: Readonly<Record<string, Passive>> = {
  'AWS::CDK::Metadata': named,
  'AWS::CloudWatch::Alarm': (declaration, name) => ({ physicalId: name, attributes: { Arn: arnOf('cloudwatch', declaration, `alarm:${name}`) } }),
  'AWS::Logs::MetricFilter': named,
  'AWS::Logs::LogGroup': (declaration, name) => ({ physicalId: name, attributes: { Arn: arnOf('logs', declaration, `log-group:${name}:*`) } }),
};

export const createPassiveService: LocalServiceFactory = () => ({
  name: 'passive', signingNames: [], resourceTypes: Object.keys(TYPES),
  provision: (declaration) => (TYPES[declaration.type] ?? named)(declaration, `${declaration.stack.name}-${declaration.logicalId}`),
  handle: () => Promise.reject(new Error('the passive service takes no calls')),
});
