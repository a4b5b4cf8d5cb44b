import { App, Stack, Validations } from 'aws-cdk-lib';
import { CfnKey } from 'aws-cdk-lib/aws-kms';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readNetworkSettings } from '../../infra/network-settings.ts';
import { functionNames, MODEL_FILE } from '../../infra/bundle.ts';
import { FEATURES } from '../../infra/features.ts';
import { NodeSchema, type HospitalNode } from '../../infra/nodes/schema.ts';
import { SizeChecks } from '../../infra/size-check.ts';
import { HospitalNodeStack } from '../../infra/stacks/hospital-node-stack.ts';
import { NetworkStack } from '../../infra/stacks/network-stack.ts';
import { SIZE_LIMITS, sizesOf, type Size } from '../../infra/template-sizes.ts';

const folder = mkdtempSync(join(tmpdir(), 'sizes-'));
const bundleFolder = join(folder, 'functions');
afterAll(() => { rmSync(folder, { recursive: true, force: true }); });

/** Hospitals with ids and names as long as they may be, each in an account of its own. */
const hospitals = (count: number): readonly HospitalNode[] => Array.from({ length: count }, (_, i) => NodeSchema.parse({
  id: `hospital-${String(i).padStart(12, '0')}`, name: 'Ü'.repeat(120), account: String(100_000_000_000 + i), region: 'ap-southeast-2', country: 'AU', witnessQuorum: 150,
}));
const env = { account: '999999999999', region: 'ap-southeast-2' };

/** Sizes of the control site and of one hospital of a network, by stack. */
const sizesWith = (count: number): Readonly<Record<'network' | 'node', readonly Size[]>> => {
  const app = new App({ context: FEATURES, outdir: join(folder, `out-${count}`), analyticsReporting: false });
  const nodes = hospitals(count);
  new NetworkStack(app, 'Bedside-Network', { env, bundleFolder, nodes, network: readNetworkSettings() });
  const [hospital] = nodes as [HospitalNode];
  new HospitalNodeStack(app, 'Bedside-Node', { env: { account: hospital.account, region: hospital.region }, bundleFolder, hospital, modelFile: MODEL_FILE });
  const assembly = app.synth();
  const of = (stack: string): readonly Size[] => sizesOf(readFileSync(assembly.getStackByName(stack).templateFullPath, 'utf8'));
  return { network: of('Bedside-Network'), node: of('Bedside-Node') };
};
const tooLarge = (sizes: readonly Size[]): readonly string[] => sizes.filter(({ size, limit }) => size > limit).map(({ resource, what, size, limit }) => `${resource}: ${what}: got ${size}, want at most ${limit}`);

let [few, many]: ReturnType<typeof sizesWith>[] = [];
beforeAll(() => {
  // What functions hold does not matter here.
  for (const name of functionNames()) {
    mkdirSync(join(bundleFolder, name), { recursive: true });
    writeFileSync(join(bundleFolder, name, 'index.mjs'), '');
  }
  [few, many] = [sizesWith(50), sizesWith(250)];
});

describe('what AWS limits', () => {
  it.each(['network', 'node'] as const)('is kept by the %s of 50 and of 250 hospitals', (stack) => {
    expect([tooLarge(few![stack]), tooLarge(many![stack])]).toEqual([[], []]);
    expect(few![stack].length).toBeGreaterThan(50);
  });
  it('grows with a hospital, at the control site, by its account in the policies that let it in, and by nothing else', () => {
    const growing = few!.network.map((each, i) => ({ ...each, perHospital: (many!.network[i]!.size - each.size) / 200 })).filter(({ perHospital }) => perHospital > 0);
    const limits = growing.map(({ resource, what, size, limit, perHospital }) => ({ grows: `${resource.replace(/[0-9A-F]{8}$/, '')}: ${what}`, perHospital: Math.ceil(perHospital), hospitals: 50 + Math.floor((limit - size) / perHospital) }));
    // ADR 0020 tells these figures.
    const template = limits.find(({ grows }) => grows === 'the template: template, bytes')!;
    expect(limits.filter((each) => each !== template).toSorted((a, b) => a.hospitals - b.hospitals)).toEqual([
      { grows: 'TrainingMailboxBucketPolicy: bucket policy, bytes', perHospital: 66, hospitals: 276 },
      { grows: 'StatusIntakeBus: event bus policy, characters', perHospital: 33, hospitals: 300 },
      { grows: 'Key: key policy, bytes', perHospital: 66, hospitals: 464 },
      { grows: 'LibraryPolicy: bucket policy, bytes', perHospital: 33, hospitals: 564 },
      { grows: 'ModelRegistryModelsPolicy: bucket policy, bytes', perHospital: 33, hospitals: 581 },
    ]);
    expect(template.hospitals).toBeGreaterThan(500);
  });
  it('does not grow at a hospital when others join', () => {
    expect(many!.node).toEqual(few!.node);
  });
});

describe('a size over its limit', () => {
  const long = (kind: keyof typeof SIZE_LIMITS): string => 'x'.repeat(SIZE_LIMITS[kind]);
  it.each([
    ['bucket policy, bytes', 'AWS::S3::BucketPolicy', { PolicyDocument: long('bucket policy, bytes') }],
    ['key policy, bytes', 'AWS::KMS::Key', { KeyPolicy: long('key policy, bytes') }],
    ['environment, bytes', 'AWS::Lambda::Function', { Environment: { Variables: { NODES: long('environment, bytes') } } }],
    ['inline policies, characters', 'AWS::IAM::Role', { Policies: [{ PolicyDocument: long('inline policies, characters') }] }],
    ['trust policy, characters', 'AWS::IAM::Role', { AssumeRolePolicyDocument: long('trust policy, characters') }],
    ['managed policy, characters', 'AWS::IAM::ManagedPolicy', { PolicyDocument: long('managed policy, characters') }],
    ['IoT policy, bytes', 'AWS::IoT::Policy', { PolicyDocument: long('IoT policy, bytes') }],
    ['definition, bytes', 'AWS::StepFunctions::StateMachine', { DefinitionString: { 'Fn::Join': ['', [long('definition, bytes'), { Ref: 'AWS::Region' }]] } }],
  ] as const)('is told by its resource: %s', (what, Type, properties) => {
    const sizeWith = (Properties: object): Size | undefined => sizesOf(JSON.stringify({ Resources: { Big: { Type, Properties } } })).find((each) => each.what === what);
    const [[name, value]] = Object.entries(properties) as [[string, unknown]];
    const within = JSON.parse(JSON.stringify(value).replace(/x{1000}/, '')) as unknown;
    expect(sizeWith({ [name]: within })!.size).toBeLessThanOrEqual(SIZE_LIMITS[what]);
    const over = sizeWith({ [name]: JSON.parse(JSON.stringify(value).replace('xx', 'xxxx')) as unknown })!;
    expect([over.resource, over.size > over.limit]).toEqual(['Big', true]);
  });
  it.each([
    ['function policy, bytes', 'AWS::Lambda::Permission', 'Owner', { FunctionName: { 'Fn::GetAtt': ['Owner', 'Arn'] }, Action: 'lambda:InvokeFunction', Principal: 'events.amazonaws.com', SourceArn: { 'Fn::GetAtt': ['Rule', 'Arn'] } }, 100],
    ['inline policies, characters', 'AWS::IAM::Policy', 'Owner', { Roles: [{ Ref: 'Owner' }], PolicyDocument: 'x'.repeat(150) }, 100],
    ['event bus policy, characters', 'AWS::Events::EventBusPolicy', 'Owner', { EventBusName: { Ref: 'Owner' }, Statement: 'x'.repeat(150) }, 100],
    ['queue policy, bytes', 'AWS::SQS::QueuePolicy', 'Owner', { Queues: [{ Ref: 'Owner' }], PolicyDocument: 'x'.repeat(150) }, 100],
    ['topic policy, bytes', 'AWS::SNS::TopicPolicy', 'Owner', { Topics: [{ Ref: 'Owner' }], PolicyDocument: 'x'.repeat(400) }, 100],
  ] as const)('is the sum of what several resources add: %s', (what, Type, owner, Properties, count) => {
    const sizes = sizesOf(JSON.stringify({ Resources: Object.fromEntries(Array.from({ length: count }, (_, i) => [`Part${i}`, { Type, Properties }])) })).filter((each) => each.what === what);
    expect([sizes.length, sizes[0]!.resource, sizes[0]!.size > sizes[0]!.limit]).toEqual([1, owner, true]);
  });
  it('is told of the whole template too', () => {
    const sizes = sizesOf(JSON.stringify({
      Resources: Object.fromEntries(Array.from({ length: 501 }, (_, i) => [`R${i}`, { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'x'.repeat(2000) } }])),
      Outputs: Object.fromEntries(Array.from({ length: 201 }, (_, i) => [`O${i}`, {}])), Parameters: Object.fromEntries(Array.from({ length: 201 }, (_, i) => [`P${i}`, {}])),
    }));
    expect(tooLarge(sizes)).toEqual(['the template: resources: got 501, want at most 500', 'the template: outputs: got 201, want at most 200', 'the template: parameters: got 201, want at most 200', expect.stringMatching(/^the template: template, bytes: got 10\d{5}, want at most 1000000$/)]);
  });
  it('stops the synthesis, naming resource and size', () => {
    const app = new App({ context: FEATURES, outdir: join(folder, 'bad'), analyticsReporting: false });
    new CfnKey(new Stack(app, 'Stack'), 'Key', { keyPolicy: { Statement: Array.from({ length: 600 }, (_, i) => ({ Sid: `Hospital${i}`, Effect: 'Allow', Principal: '*', Action: 'kms:Decrypt' })) } });
    Validations.of(app).addPlugins(new SizeChecks());
    expect(() => app.synth()).toThrow(/Key: key policy, bytes: got \d+, want at most 32768/);
  });
});
