import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { createCounter } from '../../functions/_platform/metrics.ts';
import { NETWORK_ROUTES, NODE_ROUTES } from '../../shared/api/routes.ts';
import { CREDENTIAL_CHANGES, WATCHED_MESSAGES } from '../../shared/security/watched.ts';
import { synthesised } from './synthesised.ts';
import type { Templates } from '../support/templates.ts';

let templates: Templates;
beforeAll(async () => { ({ templates } = await synthesised()); });

describe('templates', () => {
  it('let alarms of their own account ring: the topic people are subscribed to takes what they publish, and stacks say which it is', () => {
    for (const { identity: { name, account, region }, template } of templates.assembly.stacks) {
      const statements = templates.resources(name).flatMap(([, { Type, Properties }]) => (Type === 'AWS::SNS::TopicPolicy' ? (Properties['PolicyDocument'] as { Statement: unknown[] }).Statement : []));
      expect(statements).toContainEqual(expect.objectContaining({
        Effect: 'Allow', Action: 'sns:Publish', Principal: { Service: 'cloudwatch.amazonaws.com' }, Condition: { StringEquals: { 'aws:SourceAccount': account }, ArnLike: { 'aws:SourceArn': `arn:aws:cloudwatch:${region}:${account}:alarm:*` } },
      }));
      expect(template).toHaveProperty(['Outputs', 'AlarmTopicArn']);
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
