import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { functionNames, MODEL_FILE } from '../../infra/bundle.ts';
import { readNetworkSettings } from '../../infra/network-settings.ts';
import { NodeSchema } from '../../infra/nodes/schema.ts';
import { HospitalNodeStack } from '../../infra/stacks/hospital-node-stack.ts';
import { NetworkStack } from '../../infra/stacks/network-stack.ts';
import type { Resource } from '../support/templates.ts';

export const CONTROL_ACCOUNT = '999999999999';
export const HOSPITAL_ACCOUNT = '111111111111';
const REGION = 'eu-west-2';

export type Stack = Readonly<{ name: string; account: string; resources: Readonly<Record<string, Resource>> }>;

/** The templates of the control site and of one hospital, with empty functions: for questions about who may do what, which need no bundle. */
export const bareStacks = (): readonly Stack[] => {
  const bundleFolder = mkdtempSync(join(tmpdir(), 'bare-'));
  try {
    for (const name of functionNames()) {
      mkdirSync(join(bundleFolder, name), { recursive: true });
      writeFileSync(join(bundleFolder, name, 'index.mjs'), '');
    }
    const hospital = NodeSchema.parse({ id: 'north', name: 'North', account: HOSPITAL_ACCOUNT, region: REGION });
    const network = new NetworkStack(new App(), 'Network', { env: { account: CONTROL_ACCOUNT, region: REGION }, bundleFolder, nodes: [hospital], network: readNetworkSettings() });
    const node = new HospitalNodeStack(new App(), 'Node', { env: { account: HOSPITAL_ACCOUNT, region: REGION }, bundleFolder, hospital, modelFile: MODEL_FILE });
    const resourcesOf = (stack: NetworkStack | HospitalNodeStack) => (Template.fromStack(stack).toJSON() as { Resources: Record<string, Resource> }).Resources;
    return [{ name: 'control site', account: CONTROL_ACCOUNT, resources: resourcesOf(network) }, { name: 'hospital', account: HOSPITAL_ACCOUNT, resources: resourcesOf(node) }];
  } finally {
    rmSync(bundleFolder, { recursive: true, force: true });
  }
};
