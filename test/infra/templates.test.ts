import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { environmentOf, isVariableName } from '../../functions/_platform/environment.ts';
import { ensureBundles } from '../../infra/bundle.ts';
import { readNodes } from '../../infra/nodes/schema.ts';
import { Stack } from 'aws-cdk-lib';
import { CfnPolicy } from 'aws-cdk-lib/aws-iot';
import { createApp, NODES_FOLDER, synthesise } from '../../infra/synth.ts';
import { RUN_EVERY_SECONDS } from '../../shared/audit-log/merge-delay.ts';
import { NETWORK_ROUTES, NODE_ROUTES } from '../../shared/api/routes.ts';
import { CREDENTIAL_CHANGES, WATCHED_MESSAGES } from '../../shared/security/watched.ts';
import { createCounter } from '../../functions/_platform/metrics.ts';
import { lockedOut } from '../support/template-keys.ts';
import { actionsOf, readTemplates, type Resource, type Statement, type Templates } from '../support/templates.ts';

let templates: Templates;
const folder = mkdtempSync(join(tmpdir(), 'synth-'));

beforeAll(async () => {
  await ensureBundles(join(folder, 'functions'));
  synthesise({ outdir: join(folder, 'cdk.out'), bundleFolder: join(folder, 'functions') });
  templates = readTemplates(join(folder, 'cdk.out'));
});

afterAll(() => { rmSync(folder, { recursive: true, force: true }); });

describe('templates', () => {
  it('let every role use the key of what it may read or write, and would show one that may not', async () => {
    const { faults, looked } = await lockedOut(templates.assembly);
    expect(faults).toEqual([]);
    expect(looked).toBeGreaterThan(500);
    const stacks = templates.assembly.stacks.map((stack) => ({ ...stack, template: JSON.parse(JSON.stringify(stack.template).replaceAll('"kms:GenerateDataKey"', '"kms:DescribeKey"')) as typeof stack.template }));
    expect((await lockedOut({ ...templates.assembly, stacks })).faults).toEqual(expect.arrayContaining([expect.stringMatching(/TelemetryFunctionsIngest\w*: s3:PutObject on \S+: .*kms:GenerateDataKey/)]));
  });
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
  it('tell the two functions that know the synthetic model whether it may speak: as the file of the hospital says', () => {
    const files = new Map(readNodes(NODES_FOLDER).map(({ id, exampleModel }) => [`Bedside-Node-${id}`, exampleModel ? 'speaks' : 'silent']));
    for (const stack of templates.nodeStacks()) {
      const told = templates.resources(stack).flatMap(([, { Type, Properties }]) => (Type === 'AWS::Lambda::Function' ? [(Properties['Environment'] as Readonly<{ Variables: Readonly<Record<string, unknown>> }> | undefined)?.Variables['EXAMPLE_MODEL'] ?? []].flat() : []));
      expect([stack, told]).toEqual([stack, [files.get(stack), files.get(stack)]]);
    }
  });
  it('give no role the power to change or remove an event of the record', () => {
    for (const { identity: { name } } of templates.assembly.stacks) {
      const onRecord = templates.statements(name).filter(({ Resource }) => JSON.stringify(Resource).includes('RecordTable'));
      expect(onRecord.flatMap(actionsOf)).toContain('dynamodb:PutItem');
      expect(onRecord.flatMap(actionsOf).filter((action) => /Update|Delete|BatchWrite|\*|PartiQL/.test(action))).toEqual([]);
    }
  });
  it('let one function alone touch personal data, let nothing stream from its table, and forget what was erased in a week', () => {
    for (const { identity: { name } } of templates.assembly.stacks) {
      const policies = templates.resources(name).filter(([, { Type, Properties }]) => Type === 'AWS::IAM::Policy' && JSON.stringify(Properties['PolicyDocument']).includes('PersonalDataTable'));
      const told = templates.resources(name).filter(([, { Type, Properties }]) => Type === 'AWS::Lambda::Function' && JSON.stringify(Properties['Environment']).includes('PersonalDataTable'));
      const tables = templates.resources(name).filter(([id, { Type }]) => Type === 'AWS::DynamoDB::GlobalTable' && id.includes('PersonalDataTable'));
      const isHospital = name !== 'Bedside-Network';
      expect([name, policies.length, told.map(([, { Properties }]) => Properties['Description']), tables.length]).toEqual([name, isHospital ? 1 : 0, isHospital ? ['Bedside personal-data-api'] : [], isHospital ? 1 : 0]);
      for (const [, { Properties }] of tables) {
        expect(Properties).not.toHaveProperty('StreamSpecification');
        expect(Properties).toMatchObject({ SSESpecification: { SSEEnabled: true, SSEType: 'KMS' }, Replicas: [{ PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true, RecoveryPeriodInDays: 7 }, DeletionProtectionEnabled: true }] });
      }
    }
  });
  it('let one function alone write values to equipment, and nothing of the control site', () => {
    for (const { identity: { name } } of templates.assembly.stacks) {
      const policies = templates.resources(name).filter(([, { Type, Properties }]) => Type === 'AWS::IAM::Policy' && JSON.stringify(Properties['PolicyDocument']).includes('/DCMD/'));
      expect([name, policies.map(([id]) => id.includes('PredictionGovernanceCommander'))]).toEqual([name, name === 'Bedside-Network' ? [] : [true]]);
    }
    expect(templates.statements('Bedside-Network').flatMap(actionsOf)).not.toContain('iot:Publish');
  });
  it('give each function an environment it can start with: every value they state has its form', () => {
    let seen = 0;
    for (const { identity: { name } } of templates.assembly.stacks) {
      for (const [id, { Type, Properties }] of templates.resources(name)) {
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
  it('put the register of hospitals beside each function that reads it, and in no environment', () => {
    const reading = templates.assembly.stacks.flatMap(({ identity: { name } }) => templates.resources(name).filter(([, { Type }]) => Type === 'AWS::Lambda::Function')).filter(([, { Properties }]) => {
      expect(JSON.stringify(Properties['Environment'])).not.toContain('Harbour University');
      const asset = templates.assembly.assetByKey.get((Properties['Code'] as { S3Key: string }).S3Key)!;
      const asks = readFileSync(join(asset, 'index.mjs'), 'utf8').includes('./nodes.json');
      expect([asset, existsSync(join(asset, 'nodes.json'))]).toEqual([asset, asks]);
      if (asks) expect((JSON.parse(readFileSync(join(asset, 'nodes.json'), 'utf8')) as { id: string }[]).map(({ id }) => id)).toEqual(readNodes(NODES_FOLDER).map(({ id }) => id));
      return asks;
    });
    expect(reading.map(([, { Properties }]) => String(Properties['Description']).replace('Bedside ', '')).toSorted()).toEqual(['coordinator-api', 'federated-clear-mailbox', 'federated-coordinate', 'grant-publish', 'status-intake']);
  });
  it('give no role a wildcard action', () => {
    for (const { identity: { name } } of templates.assembly.stacks) expect(templates.statements(name).flatMap(actionsOf).filter((action) => action.includes('*'))).toEqual([]);
  });
  it('let neither the control site nor another hospital touch a hospital', () => {
    for (const { identity } of templates.assembly.stacks) {
      const others = templates.assembly.stacks.filter((each) => each.identity.name !== identity.name && each.identity.name !== 'Bedside-Network').map((each) => each.identity.account);
      const text = JSON.stringify(templates.statements(identity.name));
      for (const account of others) expect(text).not.toContain(account);
    }
    for (const stack of templates.nodeStacks()) {
      const resourcePolicies = templates.resources(stack).filter(([, { Type }]) => ['AWS::S3::BucketPolicy', 'AWS::SQS::QueuePolicy', 'AWS::KMS::Key', 'AWS::DynamoDB::ResourcePolicy'].includes(Type));
      const foreign = templates.assembly.stacks.filter(({ identity }) => identity.name !== stack).map(({ identity }) => identity.account);
      for (const account of foreign) expect(JSON.stringify(resourcePolicies)).not.toContain(account);
    }
  });
  it('keep every table, bucket, key, user pool, queue and topic when the stack goes', () => {
    for (const { identity: { name } } of templates.assembly.stacks) {
      const kept = templates.resources(name).filter(([, { Type }]) => ['AWS::DynamoDB::GlobalTable', 'AWS::S3::Bucket', 'AWS::KMS::Key', 'AWS::Cognito::UserPool', 'AWS::SQS::Queue', 'AWS::SNS::Topic'].includes(Type));
      expect(kept.length).toBeGreaterThan(4);
      expect(kept.filter(([, { DeletionPolicy }]) => DeletionPolicy !== 'Retain')).toEqual([]);
    }
  });
  it('let alarms of their own account ring: the topic people are subscribed to takes what they publish, and stacks say which it is', () => {
    for (const { identity: { name, account, region }, template } of templates.assembly.stacks) {
      const statements = templates.resources(name).flatMap(([, { Type, Properties }]) => (Type === 'AWS::SNS::TopicPolicy' ? (Properties['PolicyDocument'] as { Statement: unknown[] }).Statement : []));
      expect(statements).toContainEqual(expect.objectContaining({
        Effect: 'Allow', Action: 'sns:Publish', Principal: { Service: 'cloudwatch.amazonaws.com' }, Condition: { StringEquals: { 'aws:SourceAccount': account }, ArnLike: { 'aws:SourceArn': `arn:aws:cloudwatch:${region}:${account}:alarm:*` } },
      }));
      expect(template).toHaveProperty(['Outputs', 'AlarmTopicArn']);
    }
  });
  it('let no service act for another account on a queue, a topic or a key', () => {
    type Open = Readonly<{ Effect: string; Principal?: Readonly<{ Service?: unknown }>; Condition?: unknown }>;
    for (const { identity: { name } } of templates.assembly.stacks) {
      const open = templates.resources(name).flatMap(([id, { Type, Properties }]) => {
        const document = { 'AWS::SNS::TopicPolicy': 'PolicyDocument', 'AWS::SQS::QueuePolicy': 'PolicyDocument', 'AWS::KMS::Key': 'KeyPolicy' }[Type];
        const { Statement } = (document === undefined ? { Statement: [] } : Properties[document]) as { Statement: Open[] };
        return Statement.filter(({ Effect, Principal, Condition }) => Effect === 'Allow' && Principal?.Service !== undefined && Condition === undefined).map((statement) => [id, statement]);
      });
      expect([name, open]).toEqual([name, []]);
    }
  });
  it('give whoever sends to an encrypted queue, topic or bucket the use of its key for it', () => {
    for (const { identity: { name } } of templates.assembly.stacks) {
      const byRole = new Map<string, Set<string>>();
      for (const [id, { Type, Properties }] of templates.resources(name)) {
        if (Type !== 'AWS::IAM::Policy' && Type !== 'AWS::IAM::Role') continue;
        const documents = (Type === 'AWS::IAM::Policy' ? [Properties['PolicyDocument']] : ((Properties['Policies'] ?? []) as { PolicyDocument: unknown }[]).map(({ PolicyDocument }) => PolicyDocument)) as { Statement: Statement[] }[];
        const roles = Type === 'AWS::IAM::Policy' ? (Properties['Roles'] as { Ref: string }[]).map(({ Ref }) => Ref) : [id];
        for (const role of roles) byRole.set(role, new Set([...byRole.get(role) ?? [], ...documents.flatMap(({ Statement }) => Statement.flatMap(actionsOf))]));
      }
      const writers = [...byRole].filter(([, actions]) => ['sqs:SendMessage', 'sns:Publish', 's3:PutObject'].some((action) => actions.has(action)));
      expect(writers.length).toBeGreaterThan(3);
      expect([name, writers.filter(([, actions]) => !actions.has('kms:GenerateDataKey') || !actions.has('kms:Decrypt')).map(([role]) => role)]).toEqual([name, []]);
    }
  });
  it('encrypt what passes between the states of a workflow with the stack\'s key, which the workflow\'s role may use', () => {
    for (const { identity: { name } } of templates.assembly.stacks) {
      const machines = templates.resources(name).filter(([, { Type }]) => Type === 'AWS::StepFunctions::StateMachine');
      expect(machines).toHaveLength(1);
      for (const [, { Properties }] of machines) {
        const { KmsKeyId } = Properties['EncryptionConfiguration'] as Readonly<{ KmsKeyId: unknown }>;
        const [role] = (Properties['RoleArn'] as { 'Fn::GetAtt': [string] })['Fn::GetAtt'];
        const own = (templates.resources(name).find(([id]) => id === role)?.[1].Properties['Policies'] ?? []) as readonly Readonly<{ PolicyDocument: { Statement: Statement[] } }>[];
        expect(own.flatMap(({ PolicyDocument }) => PolicyDocument.Statement).filter(({ Resource }) => JSON.stringify(Resource) === JSON.stringify(KmsKeyId)).flatMap(actionsOf)).toEqual(['kms:Decrypt', 'kms:GenerateDataKey']);
        expect(JSON.stringify(Properties['DefinitionString'])).not.toMatch(/pdfBase64|document/);
      }
    }
  });
  it('let nobody get a certificate by fleet provisioning before the hospital has said which gateways it expects', () => {
    for (const stack of templates.nodeStacks()) {
      const provisioning = templates.resources(stack).filter(([, { Type }]) => Type === 'AWS::IoT::ProvisioningTemplate').map(([, { Properties }]) => Properties);
      expect(provisioning.map((each) => each['Enabled'] === false || each['PreProvisioningHook'] !== undefined)).toEqual([true]);
    }
  });
  it('lock log and documents against everyone, expire nothing of the record, and recover every table to a point in time', () => {
    for (const stack of templates.nodeStacks()) {
      const buckets = templates.resources(stack).filter(([, { Type }]) => Type === 'AWS::S3::Bucket');
      const locked = buckets.filter(([, { Properties }]) => Properties['ObjectLockEnabled'] === true);
      expect(locked.map(([id]) => id.replace(/[0-9A-F]{8}$/, '')).toSorted()).toEqual(['AuditLog', 'Documents']);
      for (const [, { Properties }] of locked) {
        expect(Properties['ObjectLockConfiguration']).toMatchObject({ Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days: 366 } } });
        expect(Properties).not.toHaveProperty('LifecycleConfiguration');
      }
      const expiring = buckets.filter(([, { Properties }]) => /"Expiration(InDays|Date)"/.test(JSON.stringify(Properties['LifecycleConfiguration'] ?? {})));
      expect(expiring.map(([id]) => id.replace(/[0-9A-F]{8}$/, '')).toSorted()).toEqual(['AuditLogStaging', 'InspectionPacks']);
      const tables = templates.resources(stack).filter(([, { Type }]) => Type === 'AWS::DynamoDB::GlobalTable');
      expect(tables.length).toBeGreaterThan(1);
      for (const [, { Properties }] of tables) expect(Properties['Replicas']).toMatchObject([{ PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } }]);
    }
  });
  it('let hospitals read models and what is published of them, never whose records they were trained on, and write nothing', () => {
    const [[, { Properties }]] = templates.resources('Bedside-Network').filter(([id, { Type }]) => Type === 'AWS::S3::BucketPolicy' && id.startsWith('ModelRegistryModels')) as [readonly [string, Resource]];
    const foreign = (Properties['PolicyDocument'] as { Statement: (Statement & { Principal: unknown })[] }).Statement.filter(({ Effect, Principal }) => Effect === 'Allow' && templates.nodeAccounts().some((account) => JSON.stringify(Principal).includes(account)));
    expect(new Set(foreign.flatMap(actionsOf))).toEqual(new Set(['s3:GetObject', 's3:ListBucket']));
    expect(JSON.stringify(foreign.filter((each) => actionsOf(each).includes('s3:GetObject')).map(({ Resource }) => Resource))).toMatch(/^(?=.*\/models\/\*)(?=.*\/published\/\*)(?!.*manifests).*$/);
    const locked = templates.resources('Bedside-Network').filter(([id, { Type, Properties: { ObjectLockEnabled } }]) => Type === 'AWS::S3::Bucket' && id.startsWith('ModelRegistryModels') && ObjectLockEnabled === true);
    expect(locked).toHaveLength(1);
  });
  it('serve models from the hospital\'s own bucket, by an endpoint that can load nothing else', () => {
    for (const stack of templates.nodeStacks()) {
      const [[, model]] = templates.resources(stack).filter(([, { Type }]) => Type === 'AWS::SageMaker::Model') as [readonly [string, Resource]];
      expect(JSON.stringify(model.Properties['PrimaryContainer'])).toMatch(/"Mode":"MultiModel".*s3:\/\/.*"Models[0-9A-F]{8}".*\/archives\//);
      const [[, role]] = templates.resources(stack).filter(([id, { Type }]) => Type === 'AWS::IAM::Role' && id.startsWith('EarlyPredictionEndpointRole')) as [readonly [string, Resource]];
      const reads = (role.Properties['Policies'] as { PolicyDocument: { Statement: Statement[] } }[]).flatMap(({ PolicyDocument }) => PolicyDocument.Statement).filter((each) => actionsOf(each).some((action) => action.startsWith('s3:')));
      expect(reads.flatMap(actionsOf).toSorted()).toEqual(['s3:GetObject', 's3:ListBucket']);
      expect(JSON.stringify(reads)).toContain('/archives/*');
      expect(JSON.stringify(reads)).not.toContain('/models/');
    }
  });
  it('authorise every route but the two that say what the interface is', () => {
    for (const { identity: { name } } of templates.assembly.stacks) {
      const open = templates.resources(name).filter(([, { Type, Properties }]) => Type === 'AWS::ApiGatewayV2::Route' && Properties['AuthorizationType'] !== 'JWT').map(([, { Properties }]) => Properties['RouteKey']);
      expect(open.toSorted()).toEqual(['GET /health', 'GET /openapi.json', 'GET /v1/log/witness/key', 'POST /v1/log/witness/add-checkpoint']);
      const [[, stage]] = templates.resources(name).filter(([, { Type }]) => Type === 'AWS::ApiGatewayV2::Stage') as [readonly [string, Resource]];
      expect(stage.Properties['RouteSettings']).toEqual({ 'POST /v1/log/witness/add-checkpoint': { ThrottlingRateLimit: 10, ThrottlingBurstLimit: 20 } });
    }
  });
  it('let a witness, whom anyone may ask, reach nothing but its own table and its own key', () => {
    for (const { identity: { name } } of templates.assembly.stacks) {
      const [[, { Properties }]] = templates.resources(name).filter(([id, { Type }]) => Type === 'AWS::IAM::Policy' && id.startsWith('LogWitnessFunction')) as [readonly [string, Resource]];
      const own = (Properties['PolicyDocument'] as { Statement: Statement[] }).Statement;
      expect(own.flatMap(actionsOf).toSorted()).toEqual(['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query', 'kms:Decrypt', 'kms:GenerateDataKey', 'kms:GetPublicKey', 'kms:Sign', 'logs:CreateLogStream', 'logs:PutLogEvents']);
      for (const { Action, Resource } of own) expect(JSON.stringify(Resource)).toMatch([Action].flat().some((each) => each === 'kms:Decrypt') ? /^\{"Fn::GetAtt":\["Key[0-9A-F]{8}","Arn"\]\}$/ : /LogWitness/);
      const signers = templates.statements(name).filter((each) => actionsOf(each).includes('kms:Sign') && JSON.stringify(each.Resource).includes('LogWitnessKey'));
      expect(signers).toHaveLength(1);
    }
  });
  it('let nobody but the sequencer sign with the log\'s key, and one function without input that vouches for the training key', () => {
    const signersWith = (stack: string, key: RegExp): readonly string[] => templates.resources(stack).filter(([, { Type, Properties }]) => Type === 'AWS::IAM::Policy'
      && (Properties['PolicyDocument'] as { Statement: Statement[] }).Statement.some((each) => actionsOf(each).includes('kms:Sign') && key.test(JSON.stringify(each.Resource)))).map(([id]) => id).toSorted();
    for (const stack of templates.nodeStacks()) {
      expect(signersWith(stack, /AuditLogSigningKey/)).toEqual([expect.stringMatching(/^AuditLogSequencer/), expect.stringMatching(/^TrainingVouch/)]);
      // What takes part in trainings, and the interfaces that sign which rows trained, and what test and calibration counted here (ADR 0027).
      expect(signersWith(stack, /TrainingSigningKey/)).toEqual([expect.stringMatching(/^TrainingApi/), expect.stringMatching(/^TrainingEvaluation/), expect.stringMatching(/^TrainingParticipate/)]);
    }
    expect(signersWith('Bedside-Network', /AuditLogSigningKey/)).toEqual([expect.stringMatching(/^AuditLogSequencer/)]);
  });
  it('let two functions of the control site alone read answers of hospitals, what coordinates and what clears, none write one, and one function of a hospital alone write its own', () => {
    const touching = (stack: string, verb: string, place: string): readonly string[] => templates.resources(stack).filter(([, { Type, Properties }]) => Type === 'AWS::IAM::Policy'
      && (Properties['PolicyDocument'] as { Statement: Statement[] }).Statement.some((each) => actionsOf(each).includes(verb) && JSON.stringify(each.Resource).includes(place))).map(([id]) => id);
    expect(touching('Bedside-Network', 's3:GetObject', '/answers/').toSorted()).toEqual([expect.stringMatching(/^Training\w*ClearMailbox/), expect.stringMatching(/^Training\w*Coordinate/)]);
    expect(touching('Bedside-Network', 's3:PutObject', '/answers/')).toEqual([]);
    for (const stack of templates.nodeStacks()) {
      expect(touching(stack, 's3:PutObject', '/answers/')).toEqual([expect.stringMatching(/^TrainingParticipate/)]);
      expect(touching(stack, 's3:GetObject', '/answers/')).toEqual([]);
    }
  });
  it('run the sequencer twice a minute: by the schedule, and by a queue that holds its message back half of one', () => {
    for (const stack of templates.nodeStacks()) {
      const [[, rule]] = templates.resources(stack).filter(([id, { Type }]) => Type === 'AWS::Events::Rule' && id.startsWith('AuditLogEachMinute')) as [readonly [string, Resource]];
      expect(rule.Properties['ScheduleExpression']).toBe('rate(1 minute)');
      expect(JSON.stringify(rule.Properties['Targets'])).toMatch(/AuditLogSequencer.*AuditLogHalfMinute/);
      const [[, queue]] = templates.resources(stack).filter(([id, { Type }]) => Type === 'AWS::SQS::Queue' && id.startsWith('AuditLogHalfMinute')) as [readonly [string, Resource]];
      expect(queue.Properties['DelaySeconds']).toBe(60 - RUN_EVERY_SECONDS);
      const mappings = templates.resources(stack).filter(([, { Type, Properties }]) => Type === 'AWS::Lambda::EventSourceMapping' && JSON.stringify(Properties['EventSourceArn']).includes('AuditLogHalfMinute'));
      expect(mappings.map(([, { Properties }]) => JSON.stringify(Properties['FunctionName']))).toEqual([expect.stringContaining('AuditLogSequencer')]);
    }
  });
  it('run functions on Node 24, arm64, each with its own log group and role', () => {
    for (const [, { Properties }] of templates.resources('Bedside-Node-north').filter(([, { Type }]) => Type === 'AWS::Lambda::Function')) {
      expect(Properties).toMatchObject({ Runtime: 'nodejs24.x', Architectures: ['arm64'] });
      expect(Properties['LoggingConfig']).toHaveProperty('LogGroup');
    }
  });
  it('tell people of repeated refusals, of credentials somebody set, and of what does not verify, from every function of the interface', () => {
    for (const [stack, routes] of [...templates.nodeStacks().map((name) => [name, NODE_ROUTES] as const), ['Bedside-Network', NETWORK_ROUTES] as const]) {
      const filters = templates.resources(stack).filter(([, { Type }]) => Type === 'AWS::Logs::MetricFilter').map(([, { Properties }]) => Properties as { FilterPattern: string; LogGroupName: { Ref: string }; MetricTransformations: readonly { MetricName: string; MetricNamespace: string }[] });
      const alarmed = templates.resources(stack).filter(([, { Type, Properties }]) => Type === 'AWS::CloudWatch::Alarm' && (Properties['AlarmActions'] as unknown[]).length > 0).map(([, { Properties }]) => `${String(Properties['Namespace'])} ${String(Properties['MetricName'])}`);
      const functionsBehindRoutes = new Set(routes.filter(({ authorised }) => authorised).map((route) => route.function));
      for (const [name, message] of Object.entries(WATCHED_MESSAGES)) {
        const own = filters.filter(({ MetricTransformations }) => MetricTransformations[0]?.MetricName === name);
        expect(new Set(own.map(({ LogGroupName }) => LogGroupName.Ref)).size).toBe(name === 'CredentialChanged' ? 1 : functionsBehindRoutes.size);
        for (const { FilterPattern, MetricTransformations } of own) expect([FilterPattern, alarmed]).toEqual([`{ $.message = "${message}" }`, expect.arrayContaining([`${MetricTransformations[0]!.MetricNamespace} ${name}`])]);
      }
    }
  });
  it('hand every call that sets what a person signs in with, of this hospital\'s user pool, to the function that puts it on record', () => {
    for (const stack of templates.nodeStacks()) {
      const [rule] = templates.resources(stack).filter(([, { Type, Properties }]) => Type === 'AWS::Events::Rule' && JSON.stringify(Properties).includes('AdminSetUserPassword'));
      const pool = templates.resources(stack).find(([, { Type }]) => Type === 'AWS::Cognito::UserPool')?.[0];
      expect(rule?.[1].Properties).toMatchObject({ EventPattern: { source: ['aws.cognito-idp'], detail: { eventName: CREDENTIAL_CHANGES, requestParameters: { userPoolId: [{ Ref: pool }] } } }, Targets: [{ DeadLetterConfig: expect.anything() as unknown }] });
    }
  });
  it('give no function of the interface the power to change an account of the user pool', () => {
    for (const { identity: { name } } of templates.assembly.stacks) expect(templates.statements(name).flatMap(actionsOf).filter((action) => action.startsWith('cognito-idp:'))).toEqual([]);
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
    const alarms = templates.resources('Bedside-Node-north').filter(([, { Type, Properties }]) => Type === 'AWS::CloudWatch::Alarm' && Properties['Namespace'] === Namespace);
    const watched = new Map(alarms.map(([, { Properties }]) => [String(Properties['MetricName']), Properties['Dimensions'] as { Name: string; Value: string }[]]));
    expect(watched.get('CheckpointsWaiting')?.toSorted((a, b) => (a.Name < b.Name ? -1 : 1))).toEqual(emitted.toSorted((a, b) => (a.Name < b.Name ? -1 : 1)));
    expect([...watched.keys()].toSorted()).toEqual(['AlarmsLeftToSealing', 'AppendsHeld', 'CheckpointsWaiting', 'CriticalParametersSilent', 'DirectoryKeysRefused', 'EventsPutBack', 'LogBehind', 'ModelsRefused', 'OwnDriftFound', 'QuarantinedMessages', 'RecordDiffersFromLog', 'ReleasedBatchDeviations', 'TrainingsRefused', 'WitnessesMissing']);
    for (const each of watched.values()) expect(each.map(({ Name }) => Name).toSorted()).toEqual(['node', 'service']);
  });
  it('have an entry in the runbook for every alarm', () => {
    const runbook = readFileSync('docs/runbook.md', 'utf8');
    const anchors = new Set(templates.assembly.stacks.flatMap(({ identity }) => templates.resources(identity.name)).filter(([, { Type }]) => Type === 'AWS::CloudWatch::Alarm').map(([, { Properties }]) => /runbook\.md#([a-z-]+)/.exec(String(Properties['AlarmDescription']))?.[1]));
    expect(anchors.size).toBeGreaterThan(5);
    for (const anchor of anchors) expect(runbook).toContain(`## ${anchor?.replaceAll('-', ' ')}`);
  });
});
