import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { environmentOf, isVariableName } from '../../functions/_platform/environment.ts';
import { bundleFunctions } from '../../infra/bundle.ts';
import { bundleVerifier } from '../../scripts/verify-bundle.ts';
import { policyFaults } from '../../infra/iot-policy-faults.ts';
import { parseNode, readNodes, requireQuorums } from '../../infra/nodes/schema.ts';
import { Stack } from 'aws-cdk-lib';
import { CfnPolicy } from 'aws-cdk-lib/aws-iot';
import { createApp, NODES_FOLDER, synthesise } from '../../infra/synth.ts';
import { readAssembly, type Assembly } from '../../infra/local/core/assembly.ts';
import { RUN_EVERY_SECONDS } from '../../shared/audit-log/merge-delay.ts';
import { NETWORK_ROUTES, NODE_ROUTES } from '../../shared/api/routes.ts';
import { CREDENTIAL_CHANGES, WATCHED_MESSAGES } from '../../shared/security/watched.ts';
import { createCounter } from '../../functions/_platform/metrics.ts';
import { CONTRACTS } from '../../functions/api-document/documents.ts';
import { devicePolicyDocument } from '../../infra/constructs/device-policy.ts';

type Statement = Readonly<{ Effect: string; Action: string | string[]; Resource: unknown }>;
type Resource = Readonly<{ Type: string; Properties: Readonly<Record<string, unknown>>; DeletionPolicy?: string }>;

let assembly: Assembly;
let outputs: Readonly<Record<string, { bytes: number }>>;
const folder = mkdtempSync(join(tmpdir(), 'synth-'));

beforeAll(async () => {
  const bundled = await bundleFunctions({ outdir: join(folder, 'functions') });
  outputs = bundled.metafile.outputs;
  synthesise({ outdir: join(folder, 'cdk.out'), bundleFolder: join(folder, 'functions') });
  assembly = readAssembly(join(folder, 'cdk.out'));
});

afterAll(() => { rmSync(folder, { recursive: true, force: true }); });

const resources = (stack: string): readonly (readonly [string, Resource])[] => Object.entries(assembly.stacks.find(({ identity }) => identity.name === stack)!.template.Resources) as unknown as (readonly [string, Resource])[];
const nodeStacks = () => assembly.stacks.map(({ identity }) => identity.name).filter((name) => name !== 'Bedside-Network');
const nodeAccounts = () => assembly.stacks.filter(({ identity }) => identity.name !== 'Bedside-Network').map(({ identity }) => identity.account);
const statements = (stack: string): readonly Statement[] => resources(stack).flatMap(([, { Type, Properties }]) => {
  if (Type === 'AWS::IAM::Policy') return (Properties['PolicyDocument'] as { Statement: Statement[] }).Statement;
  if (Type === 'AWS::IAM::Role') return ((Properties['Policies'] ?? []) as { PolicyDocument: { Statement: Statement[] } }[]).flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
  return [];
});
const actionsOf = ({ Action }: Statement): readonly string[] => [Action].flat();

describe('templates', () => {
  it('synthesise without a finding that is not acknowledged: cdk-nag AwsSolutions and HIPAA, CloudFormation validation, IoT policies', () => {
    const report = JSON.parse(readFileSync(join(folder, 'cdk.out', 'validation-report.json'), 'utf8')) as { pluginReports: { violations: unknown[] }[] };
    expect(report.pluginReports.flatMap(({ violations }) => violations)).toEqual([]);
  });
  it('fail to synthesise when a finding is not acknowledged', () => {
    const app = createApp({ outdir: join(folder, 'bad.out'), bundleFolder: join(folder, 'functions') });
    const stack = app.node.findAll().find((each) => Stack.isStack(each))!;
    new CfnPolicy(stack, 'Open', { policyDocument: { Statement: [{ Effect: 'Allow', Action: 'iot:*', Resource: '*' }] } });
    expect(() => app.synth()).toThrow(/action iot:\*/);
  });
  it('give no role the power to change or remove an event of the record', () => {
    for (const { identity: { name } } of assembly.stacks) {
      const onRecord = statements(name).filter(({ Resource }) => JSON.stringify(Resource).includes('RecordTable'));
      expect(onRecord.flatMap(actionsOf)).toContain('dynamodb:PutItem');
      expect(onRecord.flatMap(actionsOf).filter((action) => /Update|Delete|BatchWrite|\*|PartiQL/.test(action))).toEqual([]);
    }
  });
  it('let one function alone touch personal data, let nothing stream from its table, and forget what was erased in a week', () => {
    for (const { identity: { name } } of assembly.stacks) {
      const policies = resources(name).filter(([, { Type, Properties }]) => Type === 'AWS::IAM::Policy' && JSON.stringify(Properties['PolicyDocument']).includes('PersonalDataTable'));
      const told = resources(name).filter(([, { Type, Properties }]) => Type === 'AWS::Lambda::Function' && JSON.stringify(Properties['Environment']).includes('PersonalDataTable'));
      const tables = resources(name).filter(([id, { Type }]) => Type === 'AWS::DynamoDB::GlobalTable' && id.includes('PersonalDataTable'));
      const isHospital = name !== 'Bedside-Network';
      expect([name, policies.length, told.map(([, { Properties }]) => Properties['Description']), tables.length]).toEqual([name, isHospital ? 1 : 0, isHospital ? ['Bedside personal-data-api'] : [], isHospital ? 1 : 0]);
      for (const [, { Properties }] of tables) {
        expect(Properties).not.toHaveProperty('StreamSpecification');
        expect(Properties).toMatchObject({ SSESpecification: { SSEEnabled: true, SSEType: 'KMS' }, Replicas: [{ PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true, RecoveryPeriodInDays: 7 }, DeletionProtectionEnabled: true }] });
      }
    }
  });
  it('let one function alone write values to equipment, and nothing of the control site', () => {
    for (const { identity: { name } } of assembly.stacks) {
      const policies = resources(name).filter(([, { Type, Properties }]) => Type === 'AWS::IAM::Policy' && JSON.stringify(Properties['PolicyDocument']).includes('/DCMD/'));
      expect([name, policies.map(([id]) => id.includes('PredictionGovernanceCommander'))]).toEqual([name, name === 'Bedside-Network' ? [] : [true]]);
    }
    expect(statements('Bedside-Network').flatMap(actionsOf)).not.toContain('iot:Publish');
  });
  it('give each function an environment it can start with: every value they state has its form', () => {
    let seen = 0;
    for (const { identity: { name } } of assembly.stacks) {
      for (const [id, { Type, Properties }] of resources(name)) {
        if (Type !== 'AWS::Lambda::Function') continue;
        const { Variables = {} } = (Properties['Environment'] ?? {}) as Readonly<{ Variables?: Readonly<Record<string, unknown>> }>;
        for (const [variable, value] of Object.entries(Variables)) {
          if (typeof value !== 'string' || !isVariableName(variable)) continue;
          seen += 1;
          expect(() => environmentOf([variable], { [variable]: value }), `${name} ${id}`).not.toThrow();
        }
      }
    }
    expect(seen).toBeGreaterThan(10);
  });
  it('give no role a wildcard action', () => {
    for (const { identity: { name } } of assembly.stacks) expect(statements(name).flatMap(actionsOf).filter((action) => action.includes('*'))).toEqual([]);
  });
  it('let neither the control site nor another hospital touch a hospital', () => {
    for (const { identity } of assembly.stacks) {
      const others = assembly.stacks.filter((each) => each.identity.name !== identity.name && each.identity.name !== 'Bedside-Network').map((each) => each.identity.account);
      const text = JSON.stringify(statements(identity.name));
      for (const account of others) expect(text).not.toContain(account);
    }
    for (const stack of nodeStacks()) {
      const resourcePolicies = resources(stack).filter(([, { Type }]) => ['AWS::S3::BucketPolicy', 'AWS::SQS::QueuePolicy', 'AWS::KMS::Key', 'AWS::DynamoDB::ResourcePolicy'].includes(Type));
      const foreign = assembly.stacks.filter(({ identity }) => identity.name !== stack).map(({ identity }) => identity.account);
      for (const account of foreign) expect(JSON.stringify(resourcePolicies)).not.toContain(account);
    }
  });
  it('keep every table, bucket, key and user pool when the stack goes', () => {
    for (const { identity: { name } } of assembly.stacks) {
      const kept = resources(name).filter(([, { Type }]) => ['AWS::DynamoDB::GlobalTable', 'AWS::S3::Bucket', 'AWS::KMS::Key', 'AWS::Cognito::UserPool'].includes(Type));
      expect(kept.length).toBeGreaterThan(4);
      expect(kept.filter(([, { DeletionPolicy }]) => DeletionPolicy !== 'Retain')).toEqual([]);
    }
  });
  it('lock log and documents against everyone, expire nothing of the record, and recover every table to a point in time', () => {
    for (const stack of nodeStacks()) {
      const buckets = resources(stack).filter(([, { Type }]) => Type === 'AWS::S3::Bucket');
      const locked = buckets.filter(([, { Properties }]) => Properties['ObjectLockEnabled'] === true);
      expect(locked.map(([id]) => id.replace(/[0-9A-F]{8}$/, '')).toSorted()).toEqual(['AuditLog', 'Documents']);
      for (const [, { Properties }] of locked) {
        expect(Properties['ObjectLockConfiguration']).toMatchObject({ Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days: 366 } } });
        expect(Properties).not.toHaveProperty('LifecycleConfiguration');
      }
      const expiring = buckets.filter(([, { Properties }]) => /"Expiration(InDays|Date)"/.test(JSON.stringify(Properties['LifecycleConfiguration'] ?? {})));
      expect(expiring.map(([id]) => id.replace(/[0-9A-F]{8}$/, '')).toSorted()).toEqual(['AuditLogStaging', 'InspectionPacks']);
      const tables = resources(stack).filter(([, { Type }]) => Type === 'AWS::DynamoDB::GlobalTable');
      expect(tables.length).toBeGreaterThan(1);
      for (const [, { Properties }] of tables) expect(Properties['Replicas']).toMatchObject([{ PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } }]);
    }
  });
  it('let hospitals read models and what is published of them, never whose records they were trained on, and write nothing', () => {
    const [[, { Properties }]] = resources('Bedside-Network').filter(([id, { Type }]) => Type === 'AWS::S3::BucketPolicy' && id.startsWith('ModelRegistryModels')) as [readonly [string, Resource]];
    const foreign = (Properties['PolicyDocument'] as { Statement: (Statement & { Principal: unknown })[] }).Statement.filter(({ Effect, Principal }) => Effect === 'Allow' && nodeAccounts().some((account) => JSON.stringify(Principal).includes(account)));
    expect(new Set(foreign.flatMap(actionsOf))).toEqual(new Set(['s3:GetObject', 's3:ListBucket']));
    expect(JSON.stringify(foreign.filter((each) => actionsOf(each).includes('s3:GetObject')).map(({ Resource }) => Resource))).toMatch(/^(?=.*\/models\/\*)(?=.*\/published\/\*)(?!.*manifests).*$/);
    const locked = resources('Bedside-Network').filter(([id, { Type, Properties: { ObjectLockEnabled } }]) => Type === 'AWS::S3::Bucket' && id.startsWith('ModelRegistryModels') && ObjectLockEnabled === true);
    expect(locked).toHaveLength(1);
  });
  it('serve models from the hospital\'s own bucket, by an endpoint that can load nothing else', () => {
    for (const stack of nodeStacks()) {
      const [[, model]] = resources(stack).filter(([, { Type }]) => Type === 'AWS::SageMaker::Model') as [readonly [string, Resource]];
      expect(JSON.stringify(model.Properties['PrimaryContainer'])).toMatch(/"Mode":"MultiModel".*s3:\/\/.*"Models[0-9A-F]{8}".*\/archives\//);
      const [[, role]] = resources(stack).filter(([id, { Type }]) => Type === 'AWS::IAM::Role' && id.startsWith('EarlyPredictionEndpointRole')) as [readonly [string, Resource]];
      const reads = (role.Properties['Policies'] as { PolicyDocument: { Statement: Statement[] } }[]).flatMap(({ PolicyDocument }) => PolicyDocument.Statement).filter((each) => actionsOf(each).some((action) => action.startsWith('s3:')));
      expect(reads.flatMap(actionsOf).toSorted()).toEqual(['s3:GetObject', 's3:ListBucket']);
      expect(JSON.stringify(reads)).toContain('/archives/*');
      expect(JSON.stringify(reads)).not.toContain('/models/');
    }
  });
  it('authorise every route but the two that say what the interface is', () => {
    for (const { identity: { name } } of assembly.stacks) {
      const open = resources(name).filter(([, { Type, Properties }]) => Type === 'AWS::ApiGatewayV2::Route' && Properties['AuthorizationType'] !== 'JWT').map(([, { Properties }]) => Properties['RouteKey']);
      expect(open.toSorted()).toEqual(['GET /health', 'GET /openapi.json', 'GET /v1/log/witness/key', 'POST /v1/log/witness/add-checkpoint']);
      const [[, stage]] = resources(name).filter(([, { Type }]) => Type === 'AWS::ApiGatewayV2::Stage') as [readonly [string, Resource]];
      expect(stage.Properties['RouteSettings']).toEqual({ 'POST /v1/log/witness/add-checkpoint': { ThrottlingRateLimit: 10, ThrottlingBurstLimit: 20 } });
    }
  });
  it('let a witness, whom anyone may ask, reach nothing but its own table and its own key', () => {
    for (const { identity: { name } } of assembly.stacks) {
      const [[, { Properties }]] = resources(name).filter(([id, { Type }]) => Type === 'AWS::IAM::Policy' && id.startsWith('LogWitnessFunction')) as [readonly [string, Resource]];
      const own = (Properties['PolicyDocument'] as { Statement: Statement[] }).Statement;
      expect(own.flatMap(actionsOf).toSorted()).toEqual(['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query', 'kms:Decrypt', 'kms:GenerateDataKey', 'kms:GetPublicKey', 'kms:Sign', 'logs:CreateLogStream', 'logs:PutLogEvents']);
      for (const { Action, Resource } of own) expect(JSON.stringify(Resource)).toMatch([Action].flat().some((each) => each === 'kms:Decrypt') ? /^\{"Fn::GetAtt":\["Key[0-9A-F]{8}","Arn"\]\}$/ : /LogWitness/);
      const signers = statements(name).filter((each) => actionsOf(each).includes('kms:Sign') && JSON.stringify(each.Resource).includes('LogWitnessKey'));
      expect(signers).toHaveLength(1);
    }
  });
  it('let nobody but the sequencer sign with the log\'s key, and one function without input that vouches for the training key', () => {
    const signersWith = (stack: string, key: RegExp): readonly string[] => resources(stack).filter(([, { Type, Properties }]) => Type === 'AWS::IAM::Policy'
      && (Properties['PolicyDocument'] as { Statement: Statement[] }).Statement.some((each) => actionsOf(each).includes('kms:Sign') && key.test(JSON.stringify(each.Resource)))).map(([id]) => id).toSorted();
    for (const stack of nodeStacks()) {
      expect(signersWith(stack, /AuditLogSigningKey/)).toEqual([expect.stringMatching(/^AuditLogSequencer/), expect.stringMatching(/^TrainingVouch/)]);
      expect(signersWith(stack, /TrainingSigningKey/)).toEqual([expect.stringMatching(/^TrainingParticipate/)]);
    }
    expect(signersWith('Bedside-Network', /AuditLogSigningKey/)).toEqual([expect.stringMatching(/^AuditLogSequencer/)]);
  });
  it('let one function of the control site alone read answers of hospitals, none write one, and one function of a hospital alone write its own', () => {
    const touching = (stack: string, verb: string, place: string): readonly string[] => resources(stack).filter(([, { Type, Properties }]) => Type === 'AWS::IAM::Policy'
      && (Properties['PolicyDocument'] as { Statement: Statement[] }).Statement.some((each) => actionsOf(each).includes(verb) && JSON.stringify(each.Resource).includes(place))).map(([id]) => id);
    expect(touching('Bedside-Network', 's3:GetObject', '/answers/')).toEqual([expect.stringMatching(/^TrainingCoordinate/)]);
    expect(touching('Bedside-Network', 's3:PutObject', '/answers/')).toEqual([]);
    for (const stack of nodeStacks()) {
      expect(touching(stack, 's3:PutObject', '/answers/')).toEqual([expect.stringMatching(/^TrainingParticipate/)]);
      expect(touching(stack, 's3:GetObject', '/answers/')).toEqual([]);
    }
  });
  it('run the sequencer twice a minute: by the schedule, and by a queue that holds its message back half of one', () => {
    for (const stack of nodeStacks()) {
      const [[, rule]] = resources(stack).filter(([id, { Type }]) => Type === 'AWS::Events::Rule' && id.startsWith('AuditLogEachMinute')) as [readonly [string, Resource]];
      expect(rule.Properties['ScheduleExpression']).toBe('rate(1 minute)');
      expect(JSON.stringify(rule.Properties['Targets'])).toMatch(/AuditLogSequencer.*AuditLogHalfMinute/);
      const [[, queue]] = resources(stack).filter(([id, { Type }]) => Type === 'AWS::SQS::Queue' && id.startsWith('AuditLogHalfMinute')) as [readonly [string, Resource]];
      expect(queue.Properties['DelaySeconds']).toBe(60 - RUN_EVERY_SECONDS);
      const mappings = resources(stack).filter(([, { Type, Properties }]) => Type === 'AWS::Lambda::EventSourceMapping' && JSON.stringify(Properties['EventSourceArn']).includes('AuditLogHalfMinute'));
      expect(mappings.map(([, { Properties }]) => JSON.stringify(Properties['FunctionName']))).toEqual([expect.stringContaining('AuditLogSequencer')]);
    }
  });
  it('run functions on Node 24, arm64, each with its own log group and role', () => {
    for (const [, { Properties }] of resources('Bedside-Node-north').filter(([, { Type }]) => Type === 'AWS::Lambda::Function')) {
      expect(Properties).toMatchObject({ Runtime: 'nodejs24.x', Architectures: ['arm64'] });
      expect(Properties['LoggingConfig']).toHaveProperty('LogGroup');
    }
  });
  it('tell people of repeated refusals, of credentials somebody set, and of what does not verify, from every function of the interface', () => {
    for (const stack of nodeStacks()) {
      const filters = resources(stack).filter(([, { Type }]) => Type === 'AWS::Logs::MetricFilter').map(([, { Properties }]) => Properties as { FilterPattern: string; LogGroupName: { Ref: string }; MetricTransformations: readonly { MetricName: string; MetricNamespace: string }[] });
      const alarmed = resources(stack).filter(([, { Type, Properties }]) => Type === 'AWS::CloudWatch::Alarm' && (Properties['AlarmActions'] as unknown[]).length > 0).map(([, { Properties }]) => `${String(Properties['Namespace'])} ${String(Properties['MetricName'])}`);
      const functionsBehindRoutes = new Set(NODE_ROUTES.filter(({ authorised }) => authorised).map((route) => route.function));
      for (const [name, message] of Object.entries(WATCHED_MESSAGES)) {
        const own = filters.filter(({ MetricTransformations }) => MetricTransformations[0]?.MetricName === name);
        expect(new Set(own.map(({ LogGroupName }) => LogGroupName.Ref)).size).toBe(name === 'CredentialChanged' ? 1 : functionsBehindRoutes.size);
        for (const { FilterPattern, MetricTransformations } of own) expect([FilterPattern, alarmed]).toEqual([`{ $.message = "${message}" }`, expect.arrayContaining([`${MetricTransformations[0]!.MetricNamespace} ${name}`])]);
      }
    }
  });
  it('hand every call that sets what a person signs in with, of this hospital\'s user pool, to the function that puts it on record', () => {
    for (const stack of nodeStacks()) {
      const [rule] = resources(stack).filter(([, { Type, Properties }]) => Type === 'AWS::Events::Rule' && JSON.stringify(Properties).includes('AdminSetUserPassword'));
      const pool = resources(stack).find(([, { Type }]) => Type === 'AWS::Cognito::UserPool')?.[0];
      expect(rule?.[1].Properties).toMatchObject({ EventPattern: { source: ['aws.cognito-idp'], detail: { eventName: CREDENTIAL_CHANGES, requestParameters: { userPoolId: [{ Ref: pool }] } } }, Targets: [{ DeadLetterConfig: expect.anything() as unknown }] });
    }
  });
  it('give no function of the interface the power to change an account of the user pool', () => {
    for (const { identity: { name } } of assembly.stacks) expect(statements(name).flatMap(actionsOf).filter((action) => action.startsWith('cognito-idp:'))).toEqual([]);
  });
  it('watch each count that a function emits under the dimensions it emits it with', () => {
    const written = vi.spyOn(console, 'log').mockImplementation(() => undefined);
    for (const [name, value] of [['POWERTOOLS_DEV', 'true'], ['POWERTOOLS_METRICS_DISABLED', 'false']] as const) vi.stubEnv(name, value);
    vi.stubEnv('POWERTOOLS_SERVICE_NAME', 'log-sequencer');
    createCounter('north')('CheckpointsWaiting', 1);
    const [[line]] = written.mock.calls as [[string]];
    written.mockRestore();
    vi.unstubAllEnvs();
    const { _aws: { CloudWatchMetrics: [{ Namespace, Dimensions: [dimensions] }] }, ...values } = JSON.parse(line) as { _aws: { CloudWatchMetrics: [{ Namespace: string; Dimensions: [string[]] }] } } & Record<string, string>;
    const emitted = dimensions.map((Name) => ({ Name, Value: values[Name] }));
    const alarms = resources('Bedside-Node-north').filter(([, { Type, Properties }]) => Type === 'AWS::CloudWatch::Alarm' && Properties['Namespace'] === Namespace);
    const watched = new Map(alarms.map(([, { Properties }]) => [String(Properties['MetricName']), Properties['Dimensions'] as { Name: string; Value: string }[]]));
    expect(watched.get('CheckpointsWaiting')?.toSorted((a, b) => (a.Name < b.Name ? -1 : 1))).toEqual(emitted.toSorted((a, b) => (a.Name < b.Name ? -1 : 1)));
    expect([...watched.keys()].toSorted()).toEqual(['AlarmsLeftToSealing', 'CheckpointsWaiting', 'DirectoryKeysRefused', 'LogBehind', 'ModelsRefused', 'QuarantinedMessages', 'TrainingsRefused', 'WitnessesMissing']);
    for (const each of watched.values()) expect(each.map(({ Name }) => Name).toSorted()).toEqual(['node', 'service']);
  });
  it('have an entry in the runbook for every alarm', () => {
    const runbook = readFileSync('docs/runbook.md', 'utf8');
    const anchors = new Set(assembly.stacks.flatMap(({ identity }) => resources(identity.name)).filter(([, { Type }]) => Type === 'AWS::CloudWatch::Alarm').map(([, { Properties }]) => /runbook\.md#([a-z-]+)/.exec(String(Properties['AlarmDescription']))?.[1]));
    expect(anchors.size).toBeGreaterThan(5);
    for (const anchor of anchors) expect(runbook).toContain(`## ${anchor?.replaceAll('-', ' ')}`);
  });
});

describe('interfaces', () => {
  it.each([['node', NODE_ROUTES], ['network', NETWORK_ROUTES]] as const)('of the %s have a contract for every route, and a route for every contract', (site, routes) => {
    const declared = routes.filter(({ authorised }) => authorised).map(({ method, path }) => `${method} ${path}`);
    expect(CONTRACTS[site].map(({ method, route }) => `${method} ${route}`).toSorted()).toEqual(declared.toSorted());
  });
});

describe('device policies', () => {
  const home = { region: 'eu-west-2', account: '111111111111' };
  it('of ours have no fault', () => { expect(policyFaults(devicePolicyDocument(home, 'north'))).toEqual([]); });
  const arn = (path: string): string => `arn:aws:iot:eu-west-2:111111111111:${path}`;
  it.each([
    ['any action', { Action: 'iot:*', Resource: '*' }], ['any client', { Action: 'iot:Connect', Resource: arn('client/*') }], ['any topic', { Action: 'iot:Publish', Resource: '*' }],
    ['another gateway\'s topic', { Action: 'iot:Publish', Resource: arn('topic/spBv1.0/north/NDATA/*') }], ['every hospital', { Action: 'iot:Subscribe', Resource: arn('topicfilter/spBv1.0/+/NCMD/${iot:Connection.Thing.ThingName}') }],
    ['shadows', { Action: 'iot:UpdateThingShadow', Resource: arn('thing/x') }], ['a deep wildcard', { Action: 'iot:Publish', Resource: arn('topic/spBv1.0/north/DDATA/${iot:Connection.Thing.ThingName}/a/*') }],
  ])('that allow %s fail', (_, statement) => { expect(policyFaults({ Statement: [{ Effect: 'Allow', ...statement }] })).not.toEqual([]); });
});

describe('node files', () => {
  const good = { id: 'east', name: 'East', account: '444444444444', region: 'eu-west-1' };
  it.each([[{ ...good, id: 'East!' }, 'id'], [{ ...good, account: '12' }, 'account'], [{ ...good, region: 'europe' }, 'region'], [{ ...good, country: 'UK1' }, 'country'], [{ ...good, extra: 1 }, 'extra'], [{ ...good, id: 'control' }, 'id'], [{ ...good, recordLockYears: 0 }, 'recordLockYears'], [{ ...good, recordLockYears: 101 }, 'recordLockYears'], [{ ...good, witnessQuorum: 0 }, 'witnessQuorum'], [{ ...good, witnessQuorum: 1.5 }, 'witnessQuorum']])('that are wrong name the field: %j', (value, field) => {
    expect(() => parseNode('nodes/east.json', JSON.stringify(value))).toThrow(new RegExp(`east\\.json.*${field}`, 's'));
  });
  it('want a quorum that can be reached, and that no two histories can reach', () => {
    const nodes = ['north', 'hill', 'harbour'].map((id) => ({ id }));
    for (const witnessQuorum of [undefined, 2, 3]) expect(() => { requireQuorums('nodes', [{ id: 'east', witnessQuorum }, ...nodes.slice(1)]); }).not.toThrow();
    for (const witnessQuorum of [1, 4]) expect(() => { requireQuorums('nodes', [{ id: 'east', witnessQuorum }, ...nodes.slice(1)]); }).toThrow(`nodes/east.json: witnessQuorum: got ${witnessQuorum}, want 2 to 3`);
    const own = join(folder, 'quorum');
    mkdirSync(own);
    writeFileSync(join(own, 'east.json'), JSON.stringify({ ...good, witnessQuorum: 2 }));
    expect(() => readNodes(own)).toThrow(/east\.json: witnessQuorum: got 2, want 1 to 1/);
  });
  it('must be named after their id and live alone', () => {
    expect(() => parseNode('nodes/west.json', JSON.stringify(good))).toThrow(/want the name of the file/);
    const own = join(folder, 'nodes');
    mkdirSync(own);
    cpSync(NODES_FOLDER, own, { recursive: true, filter: (path) => !path.endsWith('.ts') });
    writeFileSync(join(own, 'east.json'), JSON.stringify({ ...good, account: '111111111111', region: 'eu-west-2' }));
    expect(() => readNodes(own)).toThrow(/those of node/);
  });
});

it('bundles stay small, and none carries the SDK\'s login chain', () => {
  const bundles = Object.entries(outputs).filter(([path]) => path.endsWith('index.mjs'));
  expect(bundles.length).toBeGreaterThan(15);
  for (const [path] of bundles) expect(readFileSync(path, 'utf8')).not.toContain('sso-oidc');
  expect(bundles.filter(([, { bytes }]) => bytes > 500_000).map(([path]) => path)).toEqual([]);
});

it('the verifier lies beside the function that gives it to inspectors, the same bytes each time, and beside no other', async () => {
  const carriers = Object.keys(outputs).filter((path) => path.endsWith('index.mjs') && existsSync(join(dirname(path), 'verify.mjs')));
  expect(carriers.map((path) => basename(dirname(path)))).toEqual(['inspection-pack']);
  expect(readFileSync(join(dirname(carriers[0]!), 'verify.mjs')).equals(await bundleVerifier())).toBe(true);
});
