import { beforeAll, describe, expect, it } from 'vitest';
import { synthesised } from './synthesised.ts';
import { lockedOut } from '../support/template-keys.ts';
import { actionsOf, type Statement, type Templates } from '../support/templates.ts';

let templates: Templates;
beforeAll(async () => { ({ templates } = await synthesised()); });

describe('templates', () => {
  it('let every role use the key of what it may read or write, and would show one that may not', async () => {
    const { faults, looked } = await lockedOut(templates.assembly);
    expect(faults).toEqual([]);
    expect(looked).toBeGreaterThan(500);
    const stacks = templates.assembly.stacks.map((stack) => ({ ...stack, template: JSON.parse(JSON.stringify(stack.template).replaceAll('"kms:GenerateDataKey"', '"kms:DescribeKey"')) as typeof stack.template }));
    expect((await lockedOut({ ...templates.assembly, stacks })).faults).toEqual(expect.arrayContaining([expect.stringMatching(/TelemetryFunctionsIngest\w*: s3:PutObject on \S+: .*kms:GenerateDataKey/)]));
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
  it('let nobody but the sequencer sign with the log\'s key, and one function without input that vouches for the training key', () => {
    const signersWith = (stack: string, key: RegExp): readonly string[] => templates.resources(stack).filter(([, { Type, Properties }]) => Type === 'AWS::IAM::Policy'
      && (Properties['PolicyDocument'] as { Statement: Statement[] }).Statement.some((each) => actionsOf(each).includes('kms:Sign') && key.test(JSON.stringify(each.Resource)))).map(([id]) => id).toSorted();
    for (const stack of templates.nodeStacks()) {
      expect(signersWith(stack, /AuditLogSigningKey/)).toEqual([expect.stringMatching(/^AuditLogSequencer/), expect.stringMatching(/^TrainingVouch/)]);
      // What takes part in trainings, and the interfaces that sign which rows trained, and what test and calibration counted here (ADR 0027).
      expect(signersWith(stack, /TrainingSigningKey/)).toEqual([expect.stringMatching(/^TrainingApi/), expect.stringMatching(/^TrainingEvaluation/), expect.stringMatching(/^TrainingParticipate/)]);
    }
    // What is published of models, by one function without input (ADR 0037).
    expect(signersWith('Bedside-Network', /AuditLogSigningKey/)).toEqual([expect.stringMatching(/^AuditLogSequencer/), expect.stringMatching(/^ModelRegistryPublish/)]);
  });
  it('let one function of the control site write what hospitals believe of models, and hospitals read nothing of it that is not signed', () => {
    type Policy = readonly [string, readonly Statement[]];
    const policies = (stack: string): readonly Policy[] => templates.resources(stack).filter(([, { Type }]) => Type === 'AWS::IAM::Policy').map(([id, { Properties }]) => [id, (Properties['PolicyDocument'] as { Statement: Statement[] }).Statement]);
    const whoMay = (stack: string, action: string, what: RegExp): readonly string[] => policies(stack).filter(([, statements]) => statements.some((each) => actionsOf(each).includes(action) && what.test(JSON.stringify(each.Resource)))).map(([id]) => id);
    expect(whoMay('Bedside-Network', 's3:PutObject', /"\/published\//)).toEqual([expect.stringMatching(/^ModelRegistryPublish/)]);
    expect(whoMay('Bedside-Network', 'lambda:InvokeFunction', /ModelRegistryPublish/)).toEqual([expect.stringMatching(/^ModelRegistryApi/), expect.stringMatching(/^TrainingWatchDrift/)]);
    for (const stack of templates.nodeStacks()) {
      expect(whoMay(stack, 's3:GetObject', /\/published\/signed\//)).toEqual([expect.stringMatching(/^ModelsIntake/)]);
      expect(whoMay(stack, 's3:GetObject', /\/published\/(?!signed\/)/)).toEqual([]);
    }
  });
});
