import * as z from 'zod';
import { DomainError } from '../../shared/errors.ts';
import type { PublicationName } from '../../shared/model-registry/publication.ts';
import { openingFor, takeOpenings, TestOpeningSchema, type OpeningHere } from '../../shared/model-registry/test-opening.ts';
import type { TrainingData, TrainingDataEvent } from '../../shared/training-data/dataset.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { PUBLISHED_TESTS } from '../_platform/model-objects.ts';
import type { OperationsStore } from '../_platform/ports.ts';
import type { StreamRecords } from '../_platform/stream-records.ts';
import { walk } from '../_platform/walk.ts';

export type TestIntakePorts = Readonly<{
  nodeId: string;
  /** Datasets, and what models were asked of them. */
  datasets: StreamRecords<TrainingData, TrainingDataEvent>;
  operations: Pick<OperationsStore, 'list'>;
  /** What the control site published under a name, once its signature holds. @throws DomainError when it is not to be believed */
  published(name: PublicationName): Promise<Uint8Array | undefined>;
}>;

const Published = z.strictObject({ formatVersion: z.literal(1), openings: z.array(TestOpeningSchema).max(1000) });

/** @returns undefined where nothing was ever published: then nothing is over either @throws DomainError `model-file-malformed` */
const readTests = async ({ published, nodeId }: TestIntakePorts): Promise<readonly OpeningHere[] | undefined> => {
  const bytes = await published('tests');
  if (bytes === undefined) return undefined;
  try {
    return Published.parse(JSON.parse(Buffer.from(bytes).toString('utf8'))).openings.flatMap((each) => openingFor(each, nodeId) ?? []);
  } catch (cause) {
    throw new DomainError('model-file-malformed', `${PUBLISHED_TESTS} can not be read; what is held stays`, { paths: [PUBLISHED_TESTS] }, { cause });
  }
};

/** Artefacts with openings on record here that are not over. */
const openHere = async ({ operations }: TestIntakePorts): Promise<readonly string[]> => {
  const ids: string[] = [];
  for await (const { id, openTests = 0 } of walk<Readonly<{ id: string; openTests?: number }>>(operations, keyOf.summary('training-data', '-').pk)) if (openTests > 0) ids.push(id);
  return ids;
};

/**
 * Put on this hospital's record which of its test rows may be scored, for which candidate, and which no longer: before anybody asks, so that the log says it was told.
 *
 * @param refuse says what was refused, by artefact; what is held of it stays
 * @throws DomainError `model-file-malformed`
 */
export const takeTests = async (ports: TestIntakePorts, refuse: (what: string, error: DomainError) => void): Promise<void> => {
  const told = await readTests(ports);
  if (told === undefined) return;
  for (const artefactSha256 of new Set([...told.map((each) => each.artefactSha256), ...await openHere(ports)])) {
    const own = told.filter((each) => each.artefactSha256 === artefactSha256);
    try {
      const held = (await ports.datasets.load(artefactSha256)).state?.openings ?? [];
      if (takeOpenings(held, own).length > 0) await ports.datasets.change(artefactSha256, ({ state }) => takeOpenings(state?.openings ?? [], own), { actor: { kind: 'system', id: 'model-intake', version: '1' } });
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      refuse(artefactSha256, error);
    }
  }
};
