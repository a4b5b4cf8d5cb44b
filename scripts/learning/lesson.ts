import type { ModelPlan } from '../../shared/model-registry/model-plan.ts';
import type { Json } from '../client/api-client.ts';

/** One past batch of a hospital as it is handed to its node; null where a value is missing. */
export type Case = Readonly<{ recordId: string; label: 0 | 1; values: readonly (number | null)[]; subgroups: readonly string[] }>;
/** Cases of one hospital; no batch is in two of them. Those for calibration say what is undecided. */
export type Cases = Readonly<{ training: readonly Case[]; calibration: readonly Case[]; test: readonly Case[] }>;

/** One model that the example network learns: what it is trained on and how, and what it is for. */
export type Lesson = Readonly<{
  /** The run, the datasets and the test data are named after it. */
  modelId: string; title: string; purpose: string;
  /** What 1 means, and the columns of a case in their order. */
  label: string; features: readonly string[];
  source: string; preprocessing: string; representativeness: string;
  /** Plan of the training, as `POST /v1/trainings` takes it. */
  training: Json; seed: number;
  planBy(developerIds: readonly string[]): ModelPlan;
}>;
