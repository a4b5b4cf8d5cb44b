import type { PolicyStatement, StackIdentity } from '../../core/contracts.ts';
import type { DeviceBroker } from './broker.ts';
import type { DeviceRegistry } from './registry.ts';
import type { TopicRule } from './rule-sql.ts';

export type SqsAction = Readonly<{ queueUrl: string; roleArn: string }>;
export type Rule = Readonly<{ name: string; rule: TopicRule; actions: readonly SqsAction[]; errorAction: SqsAction | undefined }>;
/** What AWS IoT Core keeps for one account and region. */
export type IotHome = { readonly stack: StackIdentity; readonly port: number; readonly registry: DeviceRegistry; readonly policies: Map<string, readonly PolicyStatement[]>; readonly thingTypes: Set<string>; readonly rules: Map<string, Rule>; broker: DeviceBroker | undefined };
