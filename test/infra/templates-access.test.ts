import { beforeAll, describe, expect, it } from 'vitest';
import { synthesised } from './synthesised.ts';
import { actionsOf, type Resource, type Statement, type Templates } from '../support/templates.ts';

let templates: Templates;
beforeAll(async () => { ({ templates } = await synthesised()); });

describe('templates', () => {
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
  it('let nobody get a certificate by fleet provisioning before the hospital has said which gateways it expects', () => {
    for (const stack of templates.nodeStacks()) {
      const provisioning = templates.resources(stack).filter(([, { Type }]) => Type === 'AWS::IoT::ProvisioningTemplate').map(([, { Properties }]) => Properties);
      expect(provisioning.map((each) => each['Enabled'] === false || each['PreProvisioningHook'] !== undefined)).toEqual([true]);
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
  it('give no function of the interface the power to change an account of the user pool', () => {
    for (const { identity: { name } } of templates.assembly.stacks) expect(templates.statements(name).flatMap(actionsOf).filter((action) => action.startsWith('cognito-idp:'))).toEqual([]);
  });
});
