import * as z from 'zod';
import { DomainError } from '../../shared/errors.ts';
import { prunedCount, requireTree } from './tree-shape.ts';
import type { Forest, Objective, Tree } from './tree.ts';

const LEAF_PARENT = 2_147_483_647;

/** XGBoost's reader wants a point or an exponent in every float; JSON.stringify leaves them out of whole numbers. */
const float = (value: number): string => {
  const text = String(Math.fround(value));
  return /[.e]/.test(text) ? text : `${text}.0`;
};
const floats = (values: readonly number[]): string => `[${values.map(float).join(',')}]`;

const treeJson = (tree: Tree, index: number, featureCount: number): string => {
  const zeros = tree.left.map(() => 0);
  const fields: Readonly<Record<string, string>> = {
    base_weights: floats(tree.condition), categories: '[]', categories_nodes: '[]', categories_segments: '[]', categories_sizes: '[]',
    default_left: JSON.stringify(tree.defaultLeft.map(Number)), id: String(index), left_children: JSON.stringify(tree.left), loss_changes: floats(tree.gain), parents: JSON.stringify(tree.parent),
    right_children: JSON.stringify(tree.right), split_conditions: floats(tree.condition), split_indices: JSON.stringify(tree.feature), split_type: JSON.stringify(zeros), sum_hessian: floats(tree.cover),
    tree_param: JSON.stringify({ num_deleted: String(prunedCount(tree)), num_feature: String(featureCount), num_nodes: String(tree.left.length), size_leaf_vector: '0' }),
  };
  return `{${Object.entries(fields).map(([name, text]) => `"${name}":${text}`).join(',')}}`;
};

/** Write a forest as the JSON that stock XGBoost 1.7 and later load: without `iteration_indptr`, which those since 2.0 write, they make it from the number of trees. `attributes` are free text kept in the model. */
export const writeXgboostJson = ({ objective, baseScore, featureNames, trees }: Forest, attributes: Readonly<Record<string, string>> = {}): string => {
  const parameter = objective === 'binary:logistic' ? { name: objective, reg_loss_param: { scale_pos_weight: '1' } } : { name: objective, reg_loss_param: { scale_pos_weight: '1' } };
  const learner = [
    `"attributes":${JSON.stringify(attributes)}`, `"feature_names":${JSON.stringify(featureNames)}`, `"feature_types":${JSON.stringify(featureNames.map(() => 'float'))}`,
    `"gradient_booster":{"model":{"gbtree_model_param":${JSON.stringify({ num_parallel_tree: '1', num_trees: String(trees.length), size_leaf_vector: '0' })},"tree_info":${JSON.stringify(trees.map(() => 0))},"trees":[${trees.map((tree, i) => treeJson(tree, i, featureNames.length)).join(',')}]},"name":"gbtree"}`,
    `"learner_model_param":${JSON.stringify({ base_score: float(baseScore), boost_from_average: '1', num_class: '0', num_feature: String(featureNames.length), num_target: '1' })}`,
    `"objective":${JSON.stringify(parameter)}`,
  ];
  return `{"learner":{${learner.join(',')}},"version":[1,7,4]}`;
};

const Integers = z.array(z.int());
const Floats = z.array(z.number());
/** What a file may leave out; where it is there, it must be what this evaluation takes: numbers alone, one output, one value a leaf. */
const Zeros = z.array(z.literal(0)).optional();
const None = z.array(z.unknown()).max(0).optional();
const OneValue = z.enum(['0', '1']).optional();
const Whole = z.string().regex(/^\d{1,6}$/, 'want a whole number');
const TreeJson = z.object({ split_type: Zeros, categories: None, categories_nodes: None, tree_param: z.object({ size_leaf_vector: OneValue, num_nodes: Whole.optional(), num_deleted: Whole.optional() }).optional(), left_children: Integers, right_children: Integers, split_indices: z.array(z.int().min(0)), split_conditions: Floats, default_left: z.array(z.union([z.int(), z.boolean()])), parents: Integers, sum_hessian: Floats, loss_changes: Floats });
const ModelJson = z.object({
  learner: z.object({
    attributes: z.record(z.string(), z.string()), feature_names: z.array(z.string()),
    gradient_booster: z.object({ name: z.literal('gbtree'), model: z.object({ gbtree_model_param: z.object({ num_trees: Whole.optional(), size_leaf_vector: OneValue }).optional(), trees: z.array(TreeJson).min(1) }) }),
    learner_model_param: z.object({ base_score: z.string(), num_feature: Whole, num_class: OneValue, num_target: OneValue }),
    objective: z.object({ name: z.enum(['binary:logistic', 'reg:squarederror']) }),
  }),
});

const malformed = (what: string, cause?: unknown): DomainError => new DomainError('model-malformed', `XGBoost model: ${what}`, {}, { cause });

const toTree = (raw: z.infer<typeof TreeJson>, index: number, featureCount: number): Tree => {
  const where = `learner.gradient_booster.model.trees.${index}`;
  const count = raw.left_children.length;
  const lengths = [raw.right_children, raw.split_indices, raw.split_conditions, raw.default_left, raw.parents, raw.sum_hessian, raw.loss_changes].map(({ length }) => length);
  if (count === 0 || lengths.some((length) => length !== count)) throw malformed(`${where}: arrays differ in length`);
  const nodes = Number(raw.tree_param?.num_nodes ?? count);
  if (nodes !== count) throw malformed(`${where}: got ${count} nodes, want the ${nodes} of num_nodes`);
  const tree = {
    left: raw.left_children, right: raw.right_children, feature: raw.split_indices, condition: raw.split_conditions.map(Math.fround), defaultLeft: raw.default_left.map(Boolean),
    cover: raw.sum_hessian, gain: raw.loss_changes, parent: raw.parents,
  };
  requireTree(tree, featureCount, where);
  const pruned = prunedCount(tree);
  const stated = Number(raw.tree_param?.num_deleted ?? pruned);
  if (pruned !== stated) throw malformed(`${where}: got ${pruned} pruned nodes, want the ${stated} of num_deleted`);
  return tree;
};

/** A number as text; since XGBoost 3.1 a list of them, one a target. Of a logistic objective it is a probability that is neither 0 nor 1 in float32: its logit is where each sum begins. */
const baseScoreOf = (text: string, objective: Objective): number => {
  const score = /^\[(.*)\]$/.exec(text)?.[1] ?? text;
  const value = score.trim() === '' ? Number.NaN : Number(score);
  const single = Math.fround(value);
  if (!Number.isFinite(single)) throw malformed(`learner.learner_model_param.base_score: got ${text.slice(0, 40)}, want one number, finite in float32`);
  if (objective === 'binary:logistic' && !(single > 0 && single < 1)) throw malformed(`learner.learner_model_param.base_score: got ${text.slice(0, 40)}, want above 0 and below 1 for ${objective}`);
  return value;
};

/**
 * Read a model that XGBoost, or `writeXgboostJson`, wrote.
 *
 * @throws DomainError `model-malformed`, naming the path of the fault
 */
export const parseXgboostJson = (text: string): Forest => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw malformed('it is not JSON', cause);
  }
  const parsed = ModelJson.safeParse(value);
  if (!parsed.success) throw malformed(parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '));
  const { learner } = parsed.data;
  const { trees, gbtree_model_param: { num_trees: stated = String(trees.length) } = {} } = learner.gradient_booster.model;
  if (Number(stated) !== trees.length) throw malformed(`learner.gradient_booster.model.trees: got ${trees.length}, want the ${stated} of num_trees`);
  const featureCount = Number(learner.learner_model_param.num_feature);
  const names = learner.feature_names.length === featureCount ? learner.feature_names : Array.from({ length: featureCount }, (_, i) => `f${i}`);
  return {
    objective: learner.objective.name, baseScore: baseScoreOf(learner.learner_model_param.base_score, learner.objective.name), featureNames: names,
    trees: trees.map((tree, i) => toTree(tree, i, featureCount)),
  };
};

export { LEAF_PARENT };
