import { canonicalJson } from '../../../shared/record/canonical-json.ts';
import { DomainError } from '../../../shared/errors.ts';
import { InputName, MOST_PLAN_BYTES } from '../../../shared/model-registry/schema.ts';
import { roundLimit, type Plan } from '../plan.ts';

/** A longer run belongs into a command over rows that one party holds: rounds wait for people's machines, and each costs minutes. */
export const ROUNDS_AT_MOST = 60;
/** Places of all trees: what a question carries to every hospital. */
export const PLACES_AT_MOST = 2 ** 20;
/** A training's plan stands whole in one entry of the log, here and at each hospital, with whom it is with. */
const PLAN_BYTES_AT_MOST = 40_000;
/** What a model's plan says beside its inputs, at least. */
const REST_BYTES = 2_000;

const refuse = (field: string, message: string): never => { throw new DomainError('training-plan-malformed', message, { field }); };
const bytesOf = (value: unknown): number => Buffer.byteLength(canonicalJson(value));

/** The least a model's plan says of an input. */
const leastInput = (name: string) => ({ name, title: '-', unit: '', low: 0, high: 1, mayBeMissing: true });

/** What the registry would refuse in the end is refused before the first round. */
const requireInputs = (features: readonly string[]): void => {
  const wrong = features.find((name) => !InputName.safeParse(name).success);
  if (wrong !== undefined) refuse('features', `features: got ${wrong}, want lower-case identifiers such as lactate-maximum, as the plan of a model names its inputs`);
  const bytes = bytesOf(features.map(leastInput));
  if (bytes > MOST_PLAN_BYTES - REST_BYTES) refuse('features', `features: got ${features.length}, which make a model's plan of ${bytes} bytes at least, want at most ${MOST_PLAN_BYTES - REST_BYTES}: fewer, or with shorter names`);
};

/**
 * Whether hospitals may be asked this over the network. Columns of drift are those of a registered model.
 *
 * @throws DomainError `training-plan-malformed`, naming the field
 */
export const requireAdmissible = (plan: Plan): void => {
  if (plan.drift === undefined) requireInputs(plan.features);
  if (bytesOf(plan) > PLAN_BYTES_AT_MOST) refuse('features', `plan: got ${bytesOf(plan)} bytes, want at most ${PLAN_BYTES_AT_MOST}: fewer features, or shorter names`);
  if (roundLimit(plan) > ROUNDS_AT_MOST) refuse('depth', `plan: got up to ${roundLimit(plan)} rounds, want at most ${ROUNDS_AT_MOST} over the network`);
  const places = plan.treeCount * 2 ** (plan.depth + 1);
  if (places > PLACES_AT_MOST) refuse('treeCount', `plan: got ${places} places in all trees, want at most ${PLACES_AT_MOST}`);
};
