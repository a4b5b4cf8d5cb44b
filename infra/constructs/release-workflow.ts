import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { releaseDefinition } from '../release/definition.ts';
import type { BedsideFunction } from './bedside-function.ts';
import { createStateMachine } from './state-machine.ts';

export interface ReleaseWorkflowProps {
  readonly seal: BedsideFunction;
  readonly monitor: BedsideFunction;
  readonly review: BedsideFunction;
  readonly wait: BedsideFunction;
  readonly certificate: BedsideFunction;
  readonly sequencer: BedsideFunction;
  readonly key: IKey;
  readonly logRetention: RetentionDays;
}

/** The state machine that takes a complete batch to its certificate or its rejection. */
export class ReleaseWorkflow extends Construct {
  readonly stateMachineArn: string;

  constructor(scope: Construct, id: string, { seal, monitor, review, wait, certificate, sequencer, key, logRetention }: ReleaseWorkflowProps) {
    super(scope, id);
    const functions = { seal: seal.lambda.functionArn, monitor: monitor.lambda.functionArn, review: review.lambda.functionArn, wait: wait.lambda.functionArn, certificate: certificate.lambda.functionArn, sequencer: sequencer.lambda.functionArn };
    this.stateMachineArn = createStateMachine(this, { definition: releaseDefinition(functions), functions: Object.values(functions), key, logRetention });
  }
}
