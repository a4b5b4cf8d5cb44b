import { Stack, type IPolicyValidationContext, type IPolicyValidationPlugin, type PolicyValidationPluginReport } from 'aws-cdk-lib';
import { CfnPolicy } from 'aws-cdk-lib/aws-iot';
import { policyFaults } from './iot-policy-faults.ts';

/** Our own checks of AWS IoT policies, beside cdk-nag, which has none. A fault fails the synthesis. */
export class IotPolicyChecks implements IPolicyValidationPlugin {
  readonly name = 'Bedside IoT policies';
  readonly version = '1.0.0';
  readonly ruleIds = ['bedside-iot-policy'];

  validate({ appConstruct, stackTemplates }: IPolicyValidationContext): PolicyValidationPluginReport {
    const policies = appConstruct.node.findAll().filter((construct) => construct instanceof CfnPolicy);
    const violations = policies.flatMap((policy) => {
      const stack = Stack.of(policy);
      const templatePath = stackTemplates.find(({ stackConstructPath }) => stackConstructPath === stack.node.path)?.templatePath ?? '';
      return policyFaults(stack.resolve(policy.policyDocument)).map((description) => ({
        ruleName: 'bedside-iot-policy', description, severity: 'error',
        violatingResources: [{ resourceLogicalId: stack.getLogicalId(policy), templatePath, locations: ['Properties/PolicyDocument'] }],
      }));
    });
    return { success: violations.length === 0, violations };
  }
}
