import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { boost } from '../../../models/forest/boost.ts';
import { writeModelFile } from '../../../models/forest/model-file.ts';

/**
 * What XGBoost documents of its JSON since 1.x: names, types and what must be there, as `doc/model.schema` of https://github.com/dmlc/xgboost says (read at commit 0111e27ee7f576eaf1ef4a17964652772b531985). XGBoost 3.0 itself
 * was not run: no build of it could be had here; 1.7.4 is (`test/support/xgboost.ts`).
 */
const list = (of: object) => ({ type: 'array', items: of });
const [text, number, integer] = [{ type: 'string' }, { type: 'number' }, { type: 'integer' }];
const whole = (properties: Readonly<Record<string, object>>, ...optional: readonly string[]) => ({ type: 'object', properties, required: Object.keys(properties).filter((name) => !optional.includes(name)) });
const tree = whole({
  tree_param: whole({ num_nodes: text, size_leaf_vector: text, num_feature: text }), id: integer, loss_changes: list(number), sum_hessian: list(number), base_weights: list(number), left_children: list(integer),
  right_children: list(integer), parents: list(integer), split_indices: list(integer), split_conditions: list(number), split_type: list(integer), default_left: list(integer), categories: list(integer),
  categories_nodes: list(integer), categories_segments: list(integer), categories_sizes: list(integer),
}, 'id', 'split_type');
const documented = whole({
  version: { type: 'array', prefixItems: [{ const: 1 }, { type: 'number', minimum: 0 }, { type: 'number', minimum: 0 }], minItems: 3, maxItems: 3 },
  learner: whole({
    feature_names: list(text), feature_types: list(text), learner_model_param: whole({ base_score: text, num_class: text, num_feature: text }),
    gradient_booster: whole({ name: { const: 'gbtree' }, model: whole({ gbtree_model_param: whole({ num_trees: text, size_leaf_vector: text }), trees: list(tree), tree_info: list(integer) }) }),
    objective: whole({ name: { enum: ['binary:logistic', 'reg:squarederror'] }, reg_loss_param: whole({ scale_pos_weight: text }, 'scale_pos_weight') }),
  }, 'feature_names', 'feature_types', 'learner_model_param'),
});
const isDocumented = new Ajv({ strict: false }).compile(documented);

const rows = Array.from({ length: 40 }, (_, i) => [i % 7, i / 10]);
const file = (): { learner: { gradient_booster: { model: { trees: Record<string, unknown>[] } } } } => JSON.parse(writeModelFile(boost(rows, rows.map(([a]) => ((a ?? 0) > 3 ? 1 : 0)), ['a', 'b'], { treeCount: 3, depth: 2, learningRate: 0.3, minimumCover: 0.5, regularisation: 1 }), { notice: 'Example.' })) as ReturnType<typeof file>;

describe('a model file', () => {
  it('is what XGBoost documents of its JSON', () => {
    expect([isDocumented(file()), isDocumented.errors]).toEqual([true, null]);
  });
  it.each(['tree_param', 'loss_changes', 'sum_hessian', 'base_weights', 'left_children', 'right_children', 'parents', 'split_indices', 'split_conditions', 'default_left', 'categories', 'categories_nodes', 'categories_segments', 'categories_sizes'])('is not without %s in each tree', (name) => {
    const damaged = file();
    Reflect.deleteProperty(damaged.learner.gradient_booster.model.trees[1]!, name);
    expect(isDocumented(damaged)).toBe(false);
  });
  it('has as many of each list of a tree as nodes, which no schema says', () => {
    for (const each of file().learner.gradient_booster.model.trees) {
      const nodes = Number((each['tree_param'] as { num_nodes: string }).num_nodes);
      for (const name of ['loss_changes', 'sum_hessian', 'base_weights', 'left_children', 'right_children', 'parents', 'split_indices', 'split_conditions', 'split_type', 'default_left']) expect([name, (each[name] as unknown[]).length]).toEqual([name, nodes]);
    }
  });
});
