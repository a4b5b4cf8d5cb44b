import { App, Validations } from 'aws-cdk-lib';
import type { CloudAssembly } from 'aws-cdk-lib/cx-api';
import { AwsSolutionsChecks, HIPAASecurityChecks } from 'cdk-nag';
import { join, resolve } from 'node:path';
import { BUNDLE_FOLDER, MODEL_FILE } from './bundle.ts';
import { acknowledgeFindings } from './acknowledgements.ts';
import { FEATURES } from './features.ts';
import { IotPolicyChecks } from './iot-policy-check.ts';
import { readNetworkSettings } from './network-settings.ts';
import { readNodes } from './nodes/schema.ts';
import { SizeChecks } from './size-check.ts';
import { HospitalNodeStack } from './stacks/hospital-node-stack.ts';
import { NetworkStack } from './stacks/network-stack.ts';

const ROOT = resolve(import.meta.dirname, '..');
export const NODES_FOLDER = join(ROOT, 'infra', 'nodes');
const CONTROL_ACCOUNT = '000000000000';
const CONTROL_REGION = 'eu-west-2';

export interface SynthOptions {
  /** @default the CDK's own choice, from its environment */
  readonly outdir?: string;
  readonly nodesFolder?: string;
  readonly bundleFolder?: string;
}

export const nodeStackName = (nodeId: string): string => `Bedside-Node-${nodeId}`;
export const NETWORK_STACK_NAME = 'Bedside-Network';

/** The whole network as a CDK app, with the checks that fail its synthesis. Control site: environment variables, or an example account. */
export const createApp = ({ outdir, nodesFolder = NODES_FOLDER, bundleFolder = BUNDLE_FOLDER }: SynthOptions = {}): App => {
  const app = new App({ analyticsReporting: false, context: FEATURES, ...(outdir === undefined ? {} : { outdir }) });
  const nodes = readNodes(nodesFolder);
  const control = { account: process.env['BEDSIDE_CONTROL_ACCOUNT'] ?? CONTROL_ACCOUNT, region: process.env['BEDSIDE_CONTROL_REGION'] ?? CONTROL_REGION };
  const stacks = [
    new NetworkStack(app, NETWORK_STACK_NAME, { env: control, bundleFolder, nodes, network: readNetworkSettings() }),
    ...nodes.map((hospital) => new HospitalNodeStack(app, nodeStackName(hospital.id), { env: { account: hospital.account, region: hospital.region }, bundleFolder, hospital, modelFile: MODEL_FILE })),
  ];
  Validations.of(app).addPlugins(new AwsSolutionsChecks(), new HIPAASecurityChecks(), new IotPolicyChecks(), new SizeChecks());
  for (const stack of stacks) acknowledgeFindings(stack);
  return app;
};

/** @throws when a check finds something that is not acknowledged */
export const synthesise = (options: SynthOptions = {}): CloudAssembly => createApp(options).synth();
