import { DomainError } from '../../shared/errors.ts';
import { manifestHashOf, parseDataManifest, recordCountOf, type DataManifest } from '../../shared/model-registry/data-manifest.ts';
import { DataStatementSchema, manifestFrom } from '../../shared/model-registry/data-statement.ts';
import { canonicalJson } from '../../shared/record/canonical-json.ts';
import { sha256Hex } from '../../shared/record/chain.ts';
import { readArtefactText } from '../../models/artefact.ts';
import type { ModelPlan } from '../../shared/model-registry/model-plan.ts';
import { endpoint, type Endpoint } from '../_platform/contract.ts';
import { modelObject } from '../_platform/model-objects.ts';
import { readArtefact } from '../_platform/node-models.ts';
import type { RegistryPorts } from './ports.ts';
import { keepStatements, takeStatements } from './statements.ts';
import { AddArtefact, AddDataManifest } from './test-data-schema.ts';

type Bucket = Pick<RegistryPorts, 'bucket'>;

/** Named by its hash, an object that is there already is the same one. */
const keep = async ({ bucket }: Bucket, key: string, text: string): Promise<void> => {
  await bucket.put(key, new TextEncoder().encode(text), { ifMatch: null, contentType: 'application/json' });
};

/** What is kept under the hash of a manifest; whether it has that hash is for the rule that takes it. @throws DomainError `register-entry-not-found`, `model-file-malformed` */
export const readManifest = async ({ bucket }: Bucket, sha256: string): Promise<DataManifest> => {
  const object = await bucket.get(modelObject.manifest(sha256));
  if (object === undefined) throw new DomainError('register-entry-not-found', `no data manifest ${sha256}; send it first`, { manifestSha256: sha256 });
  return parseDataManifest(JSON.parse(Buffer.from(object.body).toString('utf8')));
};

/**
 * The artefact of a candidate is of the kind its output wants and takes what its plan says, in that order: else a hospital's values would reach it in the wrong places. A monitoring model alarms where its plan says.
 *
 * @throws DomainError `model-not-found`, `model-tampered`, `model-malformed`, `model-change-outside-plan`
 */
export const requireArtefact = async ({ bucket }: Bucket, sha256: string, inputs: readonly string[], { output, threshold }: Pick<ModelPlan, 'output' | 'threshold'>): Promise<void> => {
  const artefact = readArtefactText(await readArtefact(bucket, sha256));
  const wanted = output === 'process-monitoring-alarm' ? 'monitoring' : 'forest';
  if (artefact.kind !== wanted) throw new DomainError('model-change-outside-plan', `artefactSha256: got a ${artefact.kind} model for ${output}, want a ${wanted} model`, { artefactSha256: sha256, paths: ['artefactSha256'] });
  if (artefact.kind === 'monitoring' && artefact.level !== threshold) {
    throw new DomainError('model-change-outside-plan', `threshold: the plan signs ${threshold ?? 'none'}, the artefact alarms at ${artefact.level}, want them the same`, { artefactSha256: sha256, paths: ['threshold'] });
  }
  if (artefact.inputs.join() !== inputs.join()) {
    throw new DomainError('model-change-outside-plan', `inputs: got ${inputs.join(', ')}, want ${artefact.inputs.join(', ')} as in the artefact`, { artefactSha256: sha256, paths: ['inputs'] });
  }
};

/** Files and manifests, each kept under the name of its hash. Nothing of it is in use until a signed command names it. */
export const artefactEndpoints = (ports: Pick<RegistryPorts, 'bucket' | 'identities'>): readonly Endpoint[] => [
  endpoint(AddArtefact, async ({ body: { artefact } }) => {
    const { inputs, kind, ...shape } = readArtefactText(artefact);
    const artefactSha256 = sha256Hex(artefact);
    await keep(ports, modelObject.artefact(artefactSha256), artefact);
    return { artefactSha256, kind, inputs: [...inputs], ...('trees' in shape ? { trees: shape.trees } : { components: shape.components }) };
  }),
  endpoint(AddDataManifest, async ({ body: { statements } }) => {
    const manifest = manifestFrom(await takeStatements(ports, DataStatementSchema, statements));
    const manifestSha256 = manifestHashOf(manifest);
    await keepStatements(ports, statements);
    await keep(ports, modelObject.manifest(manifestSha256), canonicalJson(manifest));
    return { manifestSha256, sites: manifest.sites.length, records: recordCountOf(manifest) };
  }),
];
