import type { ModelEvent } from '../../shared/model-registry/events.ts';
import { DomainError } from '../../shared/errors.ts';
import { versionIn, type Model, type ModelVersion } from '../../shared/model-registry/model.ts';
import { activateVersion } from '../../shared/model-registry/put-to-use.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { runCommand, signed } from '../_platform/command.ts';
import { endpoint, type Endpoint } from '../_platform/contract.ts';
import type { Accepted } from '../_platform/fields.ts';
import { readArtefact } from '../_platform/node-models.ts';
import type { Companion } from '../_platform/ports.ts';
import type { RegistryPorts } from './ports.ts';
import { ActivateModel } from './schema.ts';

/** Which model answers for a product's output, kept in the transaction that makes it so. */
export type ActiveModel = Readonly<{ modelId: string }>;

/**
 * Two models that are active for one output would stop both at every hospital.
 *
 * @returns the model that holds the place, if any did
 * @throws DomainError `model-state-wrong` while another model is active or suspended there
 */
const standingFor = async ({ operations, models }: RegistryPorts, modelId: string, { plan: { productId, output } }: ModelVersion): Promise<ActiveModel | undefined> => {
  const standing = await operations.get<ActiveModel>(keyOf.activeModel(productId, output));
  if (standing === undefined || standing.modelId === modelId) return standing;
  const { state: other } = await models.load(standing.modelId);
  const inUse = other === undefined ? undefined : versionIn(other, 'active', 'suspended');
  if (inUse !== undefined) {
    throw new DomainError('model-state-wrong', `version ${inUse.version} of model ${standing.modelId} is ${inUse.state} for ${output} of ${productId}, want it retired first`, { modelId: standing.modelId, version: inUse.version, state: inUse.state });
  }
  return standing;
};

/** The place of the output; another that took it meanwhile loses this command its race. */
const placeCompanion = (modelId: string, { plan: { productId, output } }: ModelVersion, standing: ActiveModel | undefined): Companion => ({
  type: 'put', key: keyOf.activeModel(productId, output), attributes: { modelId } satisfies ActiveModel,
  ...(standing === undefined ? { onlyIfAbsent: true } : { onlyIfAbsent: false, onlyIf: { modelId: standing.modelId } }),
});

/** Accepted → active. The file's bytes are hashed once more; hospitals are told, and told again by the clock should this be cut off. */
export const activationEndpoint = (ports: RegistryPorts): Endpoint => endpoint(ActivateModel, async (request): Promise<Accepted> => {
  const { path: { modelId, version }, body: { artefactSha256 } } = request;
  const { state } = await ports.models.load(modelId);
  const found = state?.versions.find((each) => each.version === version);
  const isNext = found?.state === 'accepted';
  const standing = isNext ? await standingFor(ports, modelId, found) : undefined;
  if (isNext && found.training !== undefined) await readArtefact(ports.bucket, found.training.artefactSha256);
  const accepted = await runCommand<Model, ModelEvent>(ports, {
    records: ports.models, id: modelId, request, companions: () => (found === undefined ? [] : [placeCompanion(modelId, found, standing)]),
    decide: ({ state: held }, signature, roles) => activateVersion(held, modelId, version, artefactSha256, { signature: signed(signature), roles }),
  });
  await ports.publish();
  return accepted;
});
