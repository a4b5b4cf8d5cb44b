import type { LookedAhead, Question } from '../look-ahead/handler.ts';
import type { NodeModels } from '../_platform/node-models.ts';
import type { BirthReader } from '../_platform/births.ts';
import type { GovernancePorts } from '../_platform/governed-batches.ts';
import type { OperationsStore } from '../_platform/ports.ts';
import type { TelemetryReader } from '../_platform/telemetry-reader.ts';

export type ExampleModel = Readonly<{ name: string; sha256: string }>;
export type PredictionPorts = GovernancePorts & Readonly<{
  models: Pick<NodeModels, 'records' | 'artefact'>;
  operations: Pick<OperationsStore, 'list'>;
  reader: TelemetryReader;
  births: BirthReader;
  /** Probability that the batch will not be releasable, by the artefact of this hash, for features in its order. */
  ask(artefactSha256: string, features: readonly number[]): Promise<number>;
  /** Play ways to go on, in the twin. */
  lookAhead(question: Question): Promise<LookedAhead>;
  /** In an example network: the model that comes with the software, synthetic, for awareness, where no other was ever put to use. Absent at a hospital: nobody put it to use there, and it does not speak. */
  example?: ExampleModel;
}>;
