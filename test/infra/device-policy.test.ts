import { describe, expect, it } from 'vitest';
import { devicePolicyDocument } from '../../infra/constructs/device-policy.ts';
import { statementsOf } from '../../infra/local/core/iam.ts';
import { isDeviceAllowed } from '../../infra/local/services/iot/policy.ts';
import { policyFaults } from '../../infra/iot-policy-faults.ts';

const home = { region: 'eu-west-2', account: '111111111111' };

describe('device policies', () => {
  it('of ours have no fault', () => { expect(policyFaults(devicePolicyDocument(home, 'north'))).toEqual([]); });
  it('of ours let a gateway ask for the state of a host and hear it, and never say it', () => {
    const policy = statementsOf(devicePolicyDocument(home, 'north'));
    const may = (action: string, resource: string): boolean => isDeviceAllowed(policy, `iot:${action}`, `arn:aws:iot:eu-west-2:111111111111:${resource}`, { clientId: 'gateway-1', thingName: 'gateway-1', certificateId: 'c'.repeat(64) });
    expect([may('Subscribe', 'topicfilter/spBv1.0/STATE/scada'), may('Receive', 'topic/spBv1.0/STATE/scada'), may('Publish', 'topic/spBv1.0/STATE/scada')]).toEqual([true, true, false]);
    expect([may('Subscribe', 'topicfilter/spBv1.0/north/NDATA/gateway-2'), may('Receive', 'topic/spBv1.0/north/NCMD/gateway-2')]).toEqual([false, false]);
  });
  const arn = (path: string): string => `arn:aws:iot:eu-west-2:111111111111:${path}`;
  it.each([
    ['any action', { Action: 'iot:*', Resource: '*' }], ['any client', { Action: 'iot:Connect', Resource: arn('client/*') }], ['any topic', { Action: 'iot:Publish', Resource: '*' }],
    ['another gateway\'s topic', { Action: 'iot:Publish', Resource: arn('topic/spBv1.0/north/NDATA/*') }], ['every hospital', { Action: 'iot:Subscribe', Resource: arn('topicfilter/spBv1.0/+/NCMD/${iot:Connection.Thing.ThingName}') }],
    ['a host\'s word', { Action: 'iot:Publish', Resource: arn('topic/spBv1.0/STATE/*') }], ['more than a host\'s word', { Action: 'iot:Receive', Resource: arn('topic/spBv1.0/*') }],
    ['shadows', { Action: 'iot:UpdateThingShadow', Resource: arn('thing/x') }], ['a deep wildcard', { Action: 'iot:Publish', Resource: arn('topic/spBv1.0/north/DDATA/${iot:Connection.Thing.ThingName}/a/*') }],
  ])('that allow %s fail', (_, statement) => { expect(policyFaults({ Statement: [{ Effect: 'Allow', ...statement }] })).not.toEqual([]); });
});
