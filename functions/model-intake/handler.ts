import { DomainError } from '../../shared/errors.ts';
import type { ModelRecord } from '../../shared/model-registry/may-run.ts';
import { activeTwice, takeModelRecords, type NodeModel, type TakenRecords } from '../../shared/model-registry/node-record.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { task } from '../_platform/batch.ts';
import { logger } from '../_platform/log.ts';
import { PUBLISHED_DRIFT, PUBLISHED_RECORDS, PUBLISHED_REFERENCES, PUBLISHED_TESTS } from '../_platform/model-objects.ts';
import type { OperationsStore } from '../_platform/ports.ts';
import { walk } from '../_platform/walk.ts';
import { readDriftNotices, takeDrift, type DriftIntakePorts } from './drift.ts';
import { keepModel, type FilesPorts } from './files.ts';
import { readPublication, type PublicationPorts } from './publications.ts';
import { parseRecords, type PublishedRecords } from './records.ts';
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

/** Say what was refused. Anything but a refusal is a failure of the run: it is told once the rest was done, for what fails of one thing must not hold back that another is stopped. */
type Refusal = (what: string, error: unknown) => void;

/** May this version be put to use here: alone in its place, and its file in this hospital's bucket. */
const isReady = async (ports: Ports, refuse: Refusal, told: readonly ModelRecord[], { modelId, version, productId, output, artefactSha256 }: ModelRecord): Promise<boolean> => {
  if (activeTwice(told).some((use) => use.productId === productId && use.output === output)) {
    refuse(modelId, new DomainError('model-state-wrong', `more than one model is active for ${output} of ${productId}, want one`, { modelId, version }));
    return false;
  }
  try {
    if (await keepModel(ports, artefactSha256) === 'damaged') refuse(modelId, new DomainError('model-tampered', `artefact ${artefactSha256} was changed in this hospital's bucket, and is mended`, { modelId, version }));
    return true;
  } catch (error) {
    refuse(modelId, error);
    return false;
  }
};

/** Take what was told of one model. Stopping a version waits for nothing; putting one to use waits for its file. @returns whether anything changed */
const takeModel = async (ports: Ports, refuse: Refusal, modelId: string, { records: told, unread }: PublishedRecords): Promise<boolean> => {
  const [own, stops] = [told.filter((each) => each.modelId === modelId), unread.filter((each) => each.modelId === modelId)];
  const ready = new Set<number>();
  for (const record of own.filter(({ state }) => state === 'active')) if (await isReady(ports, refuse, told, record)) ready.add(record.version);
  const { state: held } = await ports.models.load(modelId);
  const decide = (state: NodeModel | undefined): TakenRecords => takeModelRecords(state, own, stops);
  const inUse = ({ taken }: TakenRecords): TakenRecords['taken'] => taken.filter(({ record }) => record.state !== 'active' || ready.has(record.version));
  const first = decide(held);
  for (const fault of first.faults) refuse(modelId, fault);
  if (inUse(first).length === 0) return false;
  const { recorded } = await ports.models.change(modelId, ({ state }) => inUse(decide(state)), { actor: { kind: 'system', id: 'model-intake', version: '1' } });
  return recorded.length > 0;
};

/** Models that are on record here already: one that is told of no more is noticed. */
const heldIds = async ({ operations }: Ports): Promise<readonly string[]> => {
  const ids: string[] = [];
  for await (const { id } of walk<Readonly<{ id: string }>>(operations, keyOf.summary('model-record', '-').pk)) ids.push(id);
  return ids;
};

/** What it says of drift, after the models themselves: stopping one waits for nothing. */
const takeAllDrift = async (ports: Ports, refuse: Refusal): Promise<void> => {
  try {
    const notices = await readDriftNotices(ports);
    for (const modelId of await heldIds(ports)) await takeDrift(ports, modelId, notices);
  } catch (error) {
    refuse(PUBLISHED_DRIFT, error);
  }
};

const takeAllTests = async (ports: Ports, refuse: Refusal): Promise<void> => {
  try {
    await takeTests(ports, refuse);
  } catch (error) {
    refuse(PUBLISHED_TESTS, error);
  }
};

/** What drift is judged by here. One model that is refused does not keep the others from theirs. */
const takeAllReferences = async (ports: Ports, refuse: Refusal): Promise<void> => {
  try {
    const references = await readReferences(ports);
    for (const modelId of await heldIds(ports)) await takeReferencesOf(ports, modelId, references).catch((error: unknown) => { refuse(modelId, error); });
  } catch (error) {
    refuse(PUBLISHED_REFERENCES, error);
  }
};

/** In an example network: the file of the model that comes with the platform. */
const keepShipped = async (ports: Ports, refuse: Refusal): Promise<void> => {
  const shipped = ports.shipped?.();
  if (shipped === undefined) return;
  try {
    if (await keepModel(ports, shipped.sha256, shipped.bytes) === 'damaged') refuse('shipped', new DomainError('model-tampered', `the shipped model ${shipped.sha256} was changed in this hospital's bucket, and is mended`));
  } catch (error) {
    refuse('shipped', error);
  }
};

/**
 * Put on this hospital's record what the control site says of its models, and their files in its bucket. A file that is not what its hash says, two active models for one output, a version
 * that changed after it was taken, an object that can not be read, or that the control site did not sign, or not last: refused and counted, and what is held stays. A version that is stopped is stopped all the same, whatever else is wrong, of its model or another.
 *
 * @throws AggregateError at the end, when the control site, the bucket or the record can not be reached
 */
export const takeModels = async (given: ModelIntakePorts): Promise<ModelsTaken> => {
  const ports: Ports = { ...given, published: (name) => readPublication(given, name) };
  const refused = new Set<string>();
  const failures: unknown[] = [];
  const refuse: Refusal = (what, error) => {
    if (error instanceof DomainError) {
      refused.add(what);
      logger.error('a model is refused', { model: what, code: error.code, cause: error.message });
    } else failures.push(error);
  };
  const taken: string[] = [];
  try {
    const told = parseRecords(await ports.published('records'));
    for (const fault of told.faults) refuse(PUBLISHED_RECORDS, fault);
    for (const modelId of new Set([...await heldIds(ports), ...told.records.map((each) => each.modelId)])) {
      try {
        if (await takeModel(ports, refuse, modelId, told)) taken.push(modelId);
      } catch (error) {
        refuse(modelId, error);
      }
    }
  } catch (error) {
    refuse(PUBLISHED_RECORDS, error);
  }
  await keepShipped(ports, refuse);
  await takeAllDrift(ports, refuse);
  await takeAllReferences(ports, refuse);
  await takeAllTests(ports, refuse);
  ports.count('ModelsRefused', refused.size);
  if (failures.length > 0) throw new AggregateError(failures, `models could not be taken: ${failures.map(String).join('; ')}`);
  return { taken, refused: [...refused] };
};

export const createHandler = (ports: ModelIntakePorts) => task<unknown, ModelsTaken>(() => takeModels(ports));
