import * as z from 'zod';
import { DomainError } from '../../shared/errors.ts';
import { Sha256 } from '../../shared/model-registry/data-manifest.ts';
import type { ModelRecord } from '../../shared/model-registry/may-run.ts';
import { PREDICTION_OUTPUTS } from '../../shared/model-registry/model-plan.ts';
import { activeTwice, takeModelRecords, type NodeModel } from '../../shared/model-registry/node-record.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { task } from '../_platform/batch.ts';
import { Identifier } from '../_platform/fields.ts';
import { logger } from '../_platform/log.ts';
import { PUBLISHED_DRIFT, PUBLISHED_RECORDS, PUBLISHED_REFERENCES, PUBLISHED_TESTS } from '../_platform/model-objects.ts';
import type { OperationsStore } from '../_platform/ports.ts';
import { walk } from '../_platform/walk.ts';
import { readDriftNotices, takeDrift, type DriftIntakePorts } from './drift.ts';
import { keepModel, type FilesPorts } from './files.ts';
import { readPublication, type PublicationPorts } from './publications.ts';
import { readReferences, takeReferencesOf } from './references.ts';
import { takeTests, type TestIntakePorts } from './tests.ts';

type Outside = FilesPorts & PublicationPorts & Readonly<{
  operations: Pick<OperationsStore, 'list'>;
  /** In an example network: the model that comes with the platform. */
  shipped?(): Readonly<{ sha256: string; bytes: Uint8Array }>;
  count(name: 'ModelsRefused', value: number): void;
}>;
/** What the function is given: `published` follows from it. */
export type ModelIntakePorts = Outside & Omit<DriftIntakePorts & TestIntakePorts, 'published'>;
type Ports = Outside & DriftIntakePorts & TestIntakePorts;
/** Models by name: what changed on the record, and what was refused. */
export type ModelsTaken = Readonly<{ taken: readonly string[]; refused: readonly string[] }>;

const Counts = z.array(z.int().min(0)).min(2).max(200);
const Input = z.strictObject({ name: z.string().min(1).max(64), unit: z.string().max(30), low: z.number(), high: z.number(), mayBeMissing: z.boolean() });
const Version = z.strictObject({ modelId: Identifier, version: z.int().min(1).max(9999), productId: Identifier, output: z.enum(PREDICTION_OUTPUTS), artefactSha256: Sha256, state: z.enum(['active', 'suspended', 'retired']),
  inputs: z.array(Input).max(2000), threshold: z.number().min(0).max(1).exactOptional(), undecided: z.strictObject({ errorRate: z.number().gt(0).lt(0.5), calibration: z.strictObject({ positives: Counts, negatives: Counts }).exactOptional() }),
});
const Published = z.strictObject({ formatVersion: z.literal(1), records: z.array(Version).max(10_000) });

/** @throws DomainError `model-file-malformed` when it is not what a control site publishes */
const parsePublished = (bytes: Uint8Array | undefined): readonly ModelRecord[] => {
  if (bytes === undefined) return [];
  try {
    return Published.parse(JSON.parse(Buffer.from(bytes).toString('utf8'))).records;
  } catch (cause) {
    throw new DomainError('model-file-malformed', `${PUBLISHED_RECORDS} can not be read; what is held stays`, { paths: [PUBLISHED_RECORDS] }, { cause });
  }
};

type Refusal = (what: string, error: DomainError) => void;

/** Say what was refused, once each; anything but a refusal is a failure of the run. */
const refusing = (refuse: Refusal, what: string, error: unknown): void => {
  if (!(error instanceof DomainError)) throw error;
  refuse(what, error);
};

/** What goes wrong with one model and keeps no other from being taken or stopped: refusals, and failures that fail the run in its end. */
type Faults = Readonly<{ refuse: Refusal; failures: unknown[] }>;
const noting = ({ refuse, failures }: Faults, modelId: string, error: unknown): void => {
  if (error instanceof DomainError) refuse(modelId, error);
  else failures.push(error);
};

/** May this version be put to use here: alone in its place, and its file in this hospital's bucket. */
const isReady = async (ports: Ports, faults: Faults, told: readonly ModelRecord[], { modelId, version, productId, output, artefactSha256 }: ModelRecord): Promise<boolean> => {
  if (activeTwice(told).some((use) => use.productId === productId && use.output === output)) {
    faults.refuse(modelId, new DomainError('model-state-wrong', `more than one model is active for ${output} of ${productId}, want one`, { modelId, version }));
    return false;
  }
  try {
    if (await keepModel(ports, artefactSha256) === 'damaged') faults.refuse(modelId, new DomainError('model-tampered', `artefact ${artefactSha256} was changed in this hospital's bucket, and is mended`, { modelId, version }));
    return true;
  } catch (error) {
    noting(faults, modelId, error);
    return false;
  }
};

/** Take what was told of one model. Stopping a version waits for nothing; putting one to use waits for its file. @returns whether anything changed */
const takeModel = async (ports: Ports, faults: Faults, modelId: string, told: readonly ModelRecord[]): Promise<boolean> => {
  const own = told.filter((each) => each.modelId === modelId);
  const ready = new Set<number>();
  for (const record of own.filter(({ state }) => state === 'active')) if (await isReady(ports, faults, told, record)) ready.add(record.version);
  const { state: held } = await ports.models.load(modelId);
  const decide = (state: NodeModel | undefined): ReturnType<typeof takeModelRecords> => takeModelRecords(state, own).filter(({ record }) => record.state !== 'active' || ready.has(record.version));
  if (decide(held).length === 0) return false;
  const { recorded } = await ports.models.change(modelId, ({ state }) => decide(state), { actor: { kind: 'system', id: 'model-intake', version: '1' } });
  return recorded.length > 0;
};

/** Models that are on record here already: one that is told of no more is noticed. */
const heldIds = async ({ operations }: Ports): Promise<readonly string[]> => {
  const ids: string[] = [];
  for await (const { id } of walk<Readonly<{ id: string }>>(operations, keyOf.summary('model-record', '-').pk)) ids.push(id);
  return ids;
};

/** In an example network: the model that comes with the platform, for its endpoint. */
const keepShipped = async (ports: Ports, refuse: Refusal): Promise<void> => {
  const shipped = ports.shipped?.();
  if (shipped === undefined) return;
  try {
    if (await keepModel(ports, shipped.sha256, shipped.bytes) === 'damaged') refuse('shipped', new DomainError('model-tampered', `the shipped model ${shipped.sha256} was changed in this hospital's bucket, and is mended`));
  } catch (error) {
    refusing(refuse, 'shipped', error);
  }
};

/** Each model by itself. @returns those of which something changed */
const takeAllModels = async (ports: Ports, faults: Faults): Promise<readonly string[]> => {
  const taken: string[] = [];
  try {
    const told = parsePublished(await ports.published('records'));
    for (const modelId of new Set([...await heldIds(ports), ...told.map((each) => each.modelId)])) {
      try {
        if (await takeModel(ports, faults, modelId, told)) taken.push(modelId);
      } catch (error) {
        noting(faults, modelId, error);
      }
    }
  } catch (error) {
    refusing(faults.refuse, PUBLISHED_RECORDS, error);
  }
  return taken;
};

/** What it says of drift, after the models themselves: stopping one waits for nothing. */
const takeAllDrift = async (ports: Ports, refuse: Refusal): Promise<void> => {
  try {
    const notices = await readDriftNotices(ports);
    for (const modelId of await heldIds(ports)) await takeDrift(ports, modelId, notices);
  } catch (error) {
    refusing(refuse, PUBLISHED_DRIFT, error);
  }
};

const takeAllTests = async (ports: Ports, refuse: Refusal): Promise<void> => {
  try {
    await takeTests(ports, refuse);
  } catch (error) {
    refusing(refuse, PUBLISHED_TESTS, error);
  }
};

/** What drift is judged by here. One model that is refused does not keep the others from theirs. */
const takeAllReferences = async (ports: Ports, refuse: Refusal): Promise<void> => {
  try {
    const references = await readReferences(ports);
    for (const modelId of await heldIds(ports)) await takeReferencesOf(ports, modelId, references).catch((error: unknown) => { refusing(refuse, modelId, error); });
  } catch (error) {
    refusing(refuse, PUBLISHED_REFERENCES, error);
  }
};

/**
 * Put on this hospital's record what the control site says of its models, and their files in its bucket. A file that is not what its hash says, two active models for one output, a version
 * that changed after it was taken, an object that can not be read, or that the control site did not sign, or not last: refused and counted, and what is held stays. A version that is stopped is stopped all the same.
 *
 * @throws Error when the control site, the bucket or the record can not be reached; of single models after all others were looked at
 */
export const takeModels = async (given: ModelIntakePorts): Promise<ModelsTaken> => {
  const ports: Ports = { ...given, published: (name) => readPublication(given, name) };
  const refused = new Set<string>();
  const refuse: Refusal = (what, error) => {
    refused.add(what);
    logger.error('a model is refused', { model: what, code: error.code, cause: error.message });
  };
  await keepShipped(ports, refuse);
  const failures: unknown[] = [];
  const taken = await takeAllModels(ports, { refuse, failures });
  await takeAllDrift(ports, refuse);
  await takeAllReferences(ports, refuse);
  await takeAllTests(ports, refuse);
  ports.count('ModelsRefused', refused.size);
  if (failures.length > 0) throw new AggregateError(failures, `${failures.length} models failed: ${failures.map(String).join('; ')}`);
  return { taken, refused: [...refused] };
};

export const createHandler = (ports: ModelIntakePorts) => task<unknown, ModelsTaken>(() => takeModels(ports));
