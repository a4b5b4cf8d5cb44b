import * as z from 'zod';
import { DomainError } from '../../shared/errors.ts';
import { Sha256 } from '../../shared/model-registry/data-manifest.ts';
import { DistributionsSchema } from '../../shared/model-registry/distributions.ts';
import { takeReferences } from '../../shared/model-registry/model-use.ts';
import type { DriftReference } from '../../shared/model-registry/own-drift.ts';
import { MonitoringSchema } from '../../shared/model-registry/schema.ts';
import { Identifier } from '../_platform/fields.ts';
import { PUBLISHED_REFERENCES } from '../_platform/model-objects.ts';
import type { DriftIntakePorts } from './drift.ts';

const Reference: z.ZodType<DriftReference> = z.strictObject({ modelId: Identifier, version: z.int().min(1).max(9999), planHash: Sha256, monitoring: MonitoringSchema, distributions: DistributionsSchema });
const Published = z.strictObject({ formatVersion: z.literal(1), references: z.array(Reference).max(1000) });

/** @throws DomainError `model-file-malformed` when it is not what a control site publishes */
export const readReferences = async ({ published }: Pick<DriftIntakePorts, 'published'>): Promise<readonly DriftReference[]> => {
  const bytes = await published('references');
  if (bytes === undefined) return [];
  try {
    return Published.parse(JSON.parse(Buffer.from(bytes).toString('utf8'))).references;
  } catch (cause) {
    throw new DomainError('model-file-malformed', `${PUBLISHED_REFERENCES} can not be read; what is held stays`, { paths: [PUBLISHED_REFERENCES] }, { cause });
  }
};

/** Put on the hospital's record what it will judge drift of one model by. @throws DomainError `model-hash-mismatch` */
export const takeReferencesOf = async ({ models }: Pick<DriftIntakePorts, 'models'>, modelId: string, told: readonly DriftReference[]): Promise<void> => {
  const own = told.filter((each) => each.modelId === modelId);
  const { state: held } = await models.load(modelId);
  if (held === undefined || takeReferences(held, own).length === 0) return;
  await models.change(modelId, ({ state = held }) => takeReferences(state, own), { actor: { kind: 'system', id: 'model-intake', version: '1' } });
};
