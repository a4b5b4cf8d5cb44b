import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readAssembly } from '../../infra/local/core/assembly.ts';
import type { LocalService, ResourceDeclaration } from '../../infra/local/core/contracts.ts';
import { Provisioner } from '../../infra/local/core/provisioner.ts';
import { provisionOrder, resolve, type Scope, type Template } from '../../infra/local/core/template.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

const stack = { name: 'Node', account: '111111111111', region: 'eu-west-1' };
const scope = (template: Partial<Template> = {}): Scope => ({
  stack, template: { Resources: {}, ...template }, parameters: { Stage: 'north' }, exports: { 'network-bus': 'arn:bus' }, refOf: (id) => `ref-${id}`, attributeOf: (id, attribute) => `${id}.${attribute}`,
});

describe('intrinsic functions', () => {
  const template = { Parameters: { Stage: { Type: 'String' }, Missing: { Type: 'String' } }, Mappings: { Sizes: { north: { beds: 12 } } }, Conditions: { IsNorth: { 'Fn::Equals': [{ Ref: 'Stage' }, 'north'] }, IsSouth: { 'Fn::Not': [{ Condition: 'IsNorth' }] } } };

  it.each([
    ['Ref to a resource', { Ref: 'Queue' }, 'ref-Queue'], ['Ref to a parameter', { Ref: 'Stage' }, 'north'], ['Ref to a pseudo parameter', { Ref: 'AWS::Region' }, 'eu-west-1'],
    ['GetAtt as a list', { 'Fn::GetAtt': ['Queue', 'Arn'] }, 'Queue.Arn'], ['GetAtt as a text', { 'Fn::GetAtt': 'Table.Stream.Arn' }, 'Table.Stream.Arn'],
    ['Sub', { 'Fn::Sub': '${AWS::Partition}/${Queue}/${Queue.Arn}/${!Kept}' }, 'aws/ref-Queue/Queue.Arn/${Kept}'], ['Sub with values', { 'Fn::Sub': ['${a}-${Stage}', { a: { Ref: 'Queue' } }] }, 'ref-Queue-north'],
    ['Join', { 'Fn::Join': [':', ['arn', { Ref: 'AWS::Partition' }, 'sqs']] }, 'arn:aws:sqs'], ['Split and Select', { 'Fn::Select': [1, { 'Fn::Split': ['/', 'a/b/c'] }] }, 'b'],
    ['If', { 'Fn::If': ['IsNorth', 'yes', 'no'] }, 'yes'], ['If not', { 'Fn::If': ['IsSouth', 'yes', 'no'] }, 'no'], ['FindInMap', { 'Fn::FindInMap': ['Sizes', { Ref: 'Stage' }, 'beds'] }, 12],
    ['ImportValue', { 'Fn::ImportValue': { 'Fn::Sub': 'network-bus' } }, 'arn:bus'], ['Base64', { 'Fn::Base64': 'a' }, 'YQ=='],
    ['NoValue', { a: 1, b: { Ref: 'AWS::NoValue' } }, { a: 1 }], ['an IAM Condition, which is no function', { Condition: { Bool: { x: 'true' } } }, { Condition: { Bool: { x: 'true' } } }],
  ])('%s', (_, value, expected) => {
    expect(resolve(scope(template), value)).toEqual(expected);
  });

  it.each([
    ['an unknown function', { 'Fn::Cidr': ['10.0.0.0/8', 1, 8] }, 'intrinsic function Fn::Cidr is not known here'], ['a parameter without value', { Ref: 'Missing' }, 'parameter Missing has no value'],
    ['an export nobody has', { 'Fn::ImportValue': 'nothing' }, 'no stack before this one exports nothing'], ['an element past the end', { 'Fn::Select': [3, ['a']] }, 'Fn::Select: no element 3 in a list of 1'], ['a condition that is not there', { 'Fn::If': ['Nope', 1, 2] }, 'no condition Nope'],
  ])('%s fails, naming stack and fault', (_, value, message) => {
    expect(() => resolve(scope(template), value)).toThrow(`template of Node: ${message}`);
  });
});

describe('the order of resources', () => {
  it('puts each after what it refers to', () => {
    const order = provisionOrder({ Resources: { A: { Type: 'T', Properties: { x: { 'Fn::GetAtt': ['B', 'Arn'] } } }, B: { Type: 'T', Properties: { y: { 'Fn::Sub': '${C}' } } }, C: { Type: 'T', DependsOn: ['D'] }, D: { Type: 'T' } } }, 'Node');
    expect(order).toEqual(['D', 'C', 'B', 'A']);
  });

  it('names those that refer to each other in a circle', () => {
    expect(() => provisionOrder({ Resources: { A: { Type: 'T', Properties: { Ref: 'B' } }, B: { Type: 'T', DependsOn: 'A' }, C: { Type: 'T' } } }, 'Node')).toThrow(/circle: A, B$/);
  });
});

describe('an assembly', () => {
  const provision = async (templates: Readonly<Record<string, Template>>) => {
    const folder = temporaryFolder();
    mkdirSync(folder, { recursive: true });
    for (const [name, template] of Object.entries(templates)) writeFileSync(join(folder, `${name}.json`), JSON.stringify(template));
    const artifacts = Object.fromEntries(Object.keys(templates).map((name) => [name, { type: 'aws:cloudformation:stack', environment: 'aws://111111111111/eu-west-1', properties: { templateFile: `${name}.json` } }]));
    writeFileSync(join(folder, 'manifest.json'), JSON.stringify({ artifacts }));
    const made: ResourceDeclaration[] = [];
    const service: LocalService = {
      name: 'test', signingNames: [], resourceTypes: ['Test::It'], handle: () => Promise.reject(new Error('not called')),
      provision: (declaration) => {
        made.push(declaration);
        return { physicalId: declaration.logicalId, attributes: { Arn: `arn:${declaration.logicalId}` } };
      },
    };
    const provisioner = new Provisioner([service], () => readAssembly(folder));
    await provisioner.apply(() => undefined);
    return { made, provisioner };
  };

  it('with a resource type nobody knows is refused before anything is made, by stack, name and type', async () => {
    await expect(provision({ Net: { Resources: { Good: { Type: 'Test::It' }, Vpc: { Type: 'AWS::EC2::VPC' } } } })).rejects.toThrow('Net/Vpc (AWS::EC2::VPC)');
  });

  it('makes no resource whose condition is false', async () => {
    const { made } = await provision({ Net: { Conditions: { Never: { 'Fn::Equals': [1, 2] } }, Resources: { Is: { Type: 'Test::It' }, IsNot: { Type: 'Test::It', Condition: 'Never' } } } });
    expect(made.map(({ logicalId }) => logicalId)).toEqual(['Is']);
  });

  it('hands the outputs of the network to the parameters of nodes, and exports to imports', async () => {
    const { made, provisioner } = await provision({
      Net: { Resources: { Bus: { Type: 'Test::It' } }, Outputs: { BusArn: { Value: { 'Fn::GetAtt': ['Bus', 'Arn'] }, Export: { Name: 'bus' } } } },
      North: { Parameters: { BusArn: { Type: 'String' } }, Resources: { Rule: { Type: 'Test::It', Properties: { bus: { Ref: 'BusArn' }, imported: { 'Fn::ImportValue': 'bus' } } } } },
    });
    expect(made.at(-1)?.properties).toEqual({ bus: 'arn:Bus', imported: 'arn:Bus' });
    expect(provisioner.outputsOf('Net')).toEqual({ BusArn: 'arn:Bus' });
  });

  it('names an attribute that the local cloud does not give', async () => {
    await expect(provision({ Net: { Resources: { A: { Type: 'Test::It' }, B: { Type: 'Test::It', Properties: { x: { 'Fn::GetAtt': ['A', 'Url'] } } } } } })).rejects.toThrow('gives A (Test::It) no attribute Url');
  });
});
