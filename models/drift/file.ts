import * as z from 'zod';
import { DistributionsSchema } from '../../shared/model-registry/distributions.ts';
import { CaseCountsSchema } from '../../shared/model-registry/test-report.ts';
import { DomainError } from '../../shared/errors.ts';
import { canonicalJson } from '../../shared/record/canonical-json.ts';
import type { DriftCounts } from './counts.ts';

/** Of which model the counts are, and of which time: from the moment it was put to use to the moment hospitals were asked. */
export type DriftTerms = Readonly<{ modelId: string; version: number; artefactSha256: string; fromEpochMs: number; toEpochMs: number }>;
export type DriftFile = DriftCounts & Readonly<{ terms: DriftTerms }>;

const FORMAT = 'bedside-drift-counts';
const Count = z.int().min(0);
const Counts = z.array(Count).max(100);
export const DriftTermsSchema = z.strictObject({ modelId: z.string().min(1).max(64), version: z.int().min(1), artefactSha256: z.string().regex(/^[0-9a-f]{64}$/), fromEpochMs: Count, toEpochMs: Count });
const FileSchema: z.ZodType<DriftFile & { format: string; formatVersion: number }> = z.strictObject({
  format: z.literal(FORMAT), formatVersion: z.literal(1), terms: DriftTermsSchema, cases: Count, distributions: DistributionsSchema, outcomes: CaseCountsSchema, calibration: z.strictObject({ positives: Counts, negatives: Counts }),
});

/** The sum over all hospitals as it is kept: the evidence a judgement rests on. */
export const writeDriftFile = ({ terms, cases, distributions, outcomes, calibration }: DriftFile): string => canonicalJson({ format: FORMAT, formatVersion: 1, terms, cases, distributions, outcomes, calibration });

/** @throws DomainError `histogram-malformed` */
export const readDriftFile = (text: string): DriftFile => {
  try {
    const { format: _, formatVersion: __, ...file } = FileSchema.parse(JSON.parse(text));
    return file;
  } catch (cause) {
    throw new DomainError('histogram-malformed', 'got a file of drift counts that can not be read', {}, { cause });
  }
};
