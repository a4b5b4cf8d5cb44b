import { describe, expect, it } from 'vitest';
import { devicePolicyDocument } from '../../infra/constructs/device-policy.ts';
import { policyFaults } from '../../infra/iot-policy-faults.ts';

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
