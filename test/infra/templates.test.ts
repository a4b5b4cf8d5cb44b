import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Stack } from 'aws-cdk-lib';
import { CfnPolicy } from 'aws-cdk-lib/aws-iot';
import { beforeAll, describe, expect, it } from 'vitest';
import { environmentOf, isVariableName } from '../../functions/_platform/environment.ts';
import { readNodes } from '../../infra/nodes/schema.ts';
import { createApp, NODES_FOLDER } from '../../infra/synth.ts';
import { RUN_EVERY_SECONDS } from '../../shared/audit-log/merge-delay.ts';
import { synthesised, type Synthesised } from './synthesised.ts';
import { actionsOf, type Resource, type Statement, type Templates } from '../support/templates.ts';

let made: Synthesised;
let templates: Templates;
beforeAll(async () => {
  made = await synthesised();
  ({ templates } = made);
});

describe('templates', () => {
  it('synthesise without a finding that is not acknowledged: cdk-nag AwsSolutions and HIPAA, CloudFormation validation, IoT policies', () => {
    const report = JSON.parse(readFileSync(join(made.assemblyFolder, 'validation-report.json'), 'utf8')) as { pluginReports: { violations: unknown[] }[] };
    expect(report.pluginReports.flatMap(({ violations }) => violations)).toEqual([]);
  });
  it('fail to synthesise when a finding is not acknowledged', () => {
    const app = createApp({ outdir: join(made.folder, 'bad.out'), bundleFolder: made.bundleFolder });
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
  it('keep every table, bucket, key, user pool, queue and topic when the stack goes', () => {
    for (const { identity: { name } } of templates.assembly.stacks) {
      const kept = templates.resources(name).filter(([, { Type }]) => ['AWS::DynamoDB::GlobalTable', 'AWS::S3::Bucket', 'AWS::KMS::Key', 'AWS::Cognito::UserPool', 'AWS::SQS::Queue', 'AWS::SNS::Topic'].includes(Type));
      expect(kept.length).toBeGreaterThan(4);
      expect(kept.filter(([, { DeletionPolicy }]) => DeletionPolicy !== 'Retain')).toEqual([]);
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
});
