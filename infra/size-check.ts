import type { IPolicyValidationContext, IPolicyValidationPlugin, PolicyValidationPluginReport } from 'aws-cdk-lib';
import { readFileSync } from 'node:fs';
import { sizesOf } from './template-sizes.ts';

const RULE = 'bedside-size';

/** What AWS would refuse for its size fails the synthesis, before anything is deployed: some policies grow with each hospital (ADR 0020). */
export class SizeChecks implements IPolicyValidationPlugin {
  readonly name = 'Bedside sizes';
  readonly version = '1.0.0';
  readonly ruleIds = [RULE];

  validate({ stackTemplates }: IPolicyValidationContext): PolicyValidationPluginReport {
    const violations = stackTemplates.flatMap(({ templatePath }) => sizesOf(readFileSync(templatePath, 'utf8')).filter(({ size, limit }) => size > limit).map(({ resource, what, size, limit }) => ({
      ruleName: RULE, description: `${resource}: ${what}: got ${size}, want at most ${limit}`, severity: 'error', violatingResources: [{ resourceLogicalId: resource, templatePath, locations: ['Properties'] }],
    })));
    return { success: violations.length === 0, violations };
  }
}
