import type { AnyContract } from '../_platform/contract.ts';
import { openApiDocument } from '../_platform/open-api.ts';
import * as AnyRecord from '../audit-api/any-record-schema.ts';
import * as Inspection from '../audit-api/audit-schema.ts';
import * as Learning from '../audit-api/learning-schema.ts';
import * as NodeModels from '../audit-api/models-schema.ts';
import * as Reads from '../audit-api/reads-schema.ts';
import * as Audit from '../audit-api/schema.ts';
import * as Chunks from '../audit-api/telemetry-schema.ts';
import * as Creation from '../batch-api/read-schema.ts';
import * as Batch from '../batch-api/schema.ts';
import * as Coordinator from '../coordinator-api/schema.ts';
import * as Grants from '../coordinator-api/grant-schema.ts';
import * as NetworkInspection from '../coordinator-api/inspection-schema.ts';
import * as ControlPeople from '../coordinator-api/people-schema.ts';
import * as ModelUse from '../governance-api/model-use-schema.ts';
import * as Governance from '../governance-api/schema.ts';
import * as TestData from '../model-registry-api/test-data-schema.ts';
import * as Monitoring from '../model-registry-api/monitoring-schema.ts';
import * as Models from '../model-registry-api/schema.ts';
import * as Pack from '../inspection-pack/schema.ts';
import * as Library from '../library-api/schema.ts';
import * as Log from '../log-api/schema.ts';
import * as NetworkLog from '../network-log-api/schema.ts';
import * as PersonalData from '../personal-data-api/schema.ts';
import * as Register from '../register-api/schema.ts';
import * as Telemetry from '../telemetry-api/schema.ts';
import * as Trainings from '../training-api/schema.ts';
import * as ModelEvaluation from '../model-evaluation-api/schema.ts';
import * as TrainingPartners from '../training-data-api/partners-schema.ts';
import * as TrainingRuns from '../training-data-api/runs-schema.ts';
import * as TrainingData from '../training-data-api/schema.ts';

const VERSION = '0.1.0';

const isContract = (value: unknown): value is AnyContract => typeof value === 'object' && value !== null && 'operation' in value && 'route' in value;
const contractsOf = (...modules: readonly object[]): readonly AnyContract[] => modules.flatMap((each) => Object.values(each).filter(isContract));

export const CONTRACTS = {
  node: contractsOf(Creation, Batch, PersonalData, Audit, Log, Register, Telemetry, Inspection, AnyRecord, Chunks, Reads, NodeModels, Learning, Pack, Governance, ModelUse, ModelEvaluation, TrainingData, TrainingRuns, TrainingPartners),
  network: contractsOf(Library, Coordinator, Grants, ControlPeople, NetworkInspection, Models, Monitoring, TestData, Trainings, NetworkLog),
} as const;

export const documentOf = (site: 'node' | 'network'): Readonly<Record<string, unknown>> =>
  openApiDocument(site === 'node' ? 'Bedside hospital node' : 'Bedside control site', VERSION, CONTRACTS[site]);
