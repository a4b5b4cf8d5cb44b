import { createHash } from 'node:crypto';
import * as z from 'zod';
import { DomainError } from '../../shared/errors.ts';
import { limitsOf, type Level, type PlaneModel } from './pca.ts';

const FORMAT = 'bedside-monitoring-1';
const EMPTY = '"bedside_sha256":""';
const SEALED = /"bedside_sha256":"([0-9a-f]{64})"/;
const LEVELS = [0.95, 0.99] as const satisfies readonly Level[];

const Finite = z.array(z.number());
const Plane = z.strictObject({
  variables: z.array(z.strictObject({ name: z.string(), low: z.number(), high: z.number() })), batches: z.int(), means: Finite, deviations: Finite, loadings: z.array(Finite), variances: Finite, residual: Finite,
});
const File = z.strictObject({
  format: z.literal(FORMAT), attributes: z.record(z.string(), z.string()), plane: Plane, limits: z.array(z.strictObject({ level: z.number(), t2: z.number(), q: z.number() })), bedside_sha256: z.string(),
}).refine(({ plane: { variables, means, deviations, loadings, variances } }) => [means, deviations, ...loadings].every(({ length }) => length === variables.length) && loadings.length === variances.length, 'want one number a variable in means, deviations and each loading');

const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

/** A monitoring model as JSON that carries its own hash: SHA-256 of the file with the hash left empty. With the limits of a normal batch. */
export const writeMonitoringFile = (plane: PlaneModel, attributes: Readonly<Record<string, string>>): string => {
  const open = JSON.stringify({ format: FORMAT, attributes, plane, limits: LEVELS.map((level) => ({ level, ...limitsOf(plane, level) })), bedside_sha256: '' });
  return open.replace(EMPTY, `"bedside_sha256":"${sha256(open)}"`);
};

/**
 * Read a monitoring model, if not a byte of it was changed since it was written.
 *
 * @throws DomainError `model-tampered`, `model-malformed`
 */
export const readMonitoringFile = (text: string): PlaneModel => {
  const stated = SEALED.exec(text)?.[1];
  const actual = sha256(text.replace(SEALED, EMPTY));
  if (stated === undefined || actual !== stated) throw new DomainError('model-tampered', `monitoring model: got SHA-256 ${actual}, want ${stated ?? 'the attribute bedside_sha256'}`);
  const parsed = File.safeParse(JSON.parse(text));
  if (!parsed.success) throw new DomainError('model-malformed', `monitoring model: ${parsed.error.issues.map(({ path, message }) => `${path.map(String).join('.')}: ${message}`).join('; ')}`);
  return parsed.data.plane;
};
