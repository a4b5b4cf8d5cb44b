import { createHash } from 'node:crypto';
import * as z from 'zod';
import { DomainError } from '../../shared/errors.ts';
import type { AlarmRule } from './excursions.ts';
import type { Limits } from './projection.ts';
import type { PlaneModel } from './pca.ts';

const FORMAT = 'bedside-monitoring-2';
const EMPTY = '"bedside_sha256":""';
const SEALED = /"bedside_sha256":"([0-9a-f]{64})"/;

/** All a monitoring model is: the plane, and from when on a batch is beyond it. */
export type MonitoringModel = Readonly<{ plane: PlaneModel; alarm: AlarmRule }>;
/** Limits of a batch that lacks nothing, by hour of culture: for people and plots. What judges a batch follows from the plane, with what is missing. */
export type HourLimits = readonly Readonly<{ hour: number; limits: readonly Limits[] }>[];

const Finite = z.array(z.number());
const Plane = z.strictObject({
  variables: z.array(z.strictObject({ name: z.string(), low: z.number(), high: z.number() })).min(2), batches: z.int(), means: Finite, deviations: Finite, loadings: z.array(Finite).min(1), variances: Finite, residual: Finite, correlation: Finite,
});
const agrees = ({ variables: { length }, means, deviations, loadings, variances, correlation }: z.output<typeof Plane>): boolean =>
  [means, deviations, ...loadings].every((each) => each.length === length) && loadings.length === variances.length && correlation.length === (length * (length + 1)) / 2;
const File = z.strictObject({
  format: z.literal(FORMAT), attributes: z.record(z.string(), z.string()), plane: Plane.refine(agrees, 'want one number a variable in means, deviations and each loading, one variance a loading, and the upper triangle of the correlation'),
  alarm: z.strictObject({ level: z.number().min(0.5).lt(1), consecutive: z.int().min(1).max(24) }), limits: z.array(z.strictObject({ hour: z.int(), limits: z.array(z.strictObject({ level: z.number(), t2: z.number(), q: z.number() })) })), bedside_sha256: z.string(),
});

const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

/** Whether a model's file says it is one of monitoring; any other is a forest. */
export const isMonitoringFile = (text: string): boolean => text.startsWith('{"format":"bedside-monitoring-');

/** A monitoring model as JSON that carries its own hash: SHA-256 of the file with the hash left empty. With the limits of a normal batch at each hour. */
export const writeMonitoringFile = ({ plane, alarm }: MonitoringModel, limits: HourLimits, attributes: Readonly<Record<string, string>>): string => {
  const open = JSON.stringify({ format: FORMAT, attributes, plane, alarm, limits, bedside_sha256: '' });
  return open.replace(EMPTY, `"bedside_sha256":"${sha256(open)}"`);
};

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new DomainError('model-malformed', 'monitoring model: it is not JSON', {}, { cause });
  }
};

/**
 * Read a monitoring model, if not a byte of it was changed since it was written.
 *
 * @throws DomainError `model-tampered`, `model-malformed`
 */
export const readMonitoringFile = (text: string): MonitoringModel => {
  const stated = SEALED.exec(text)?.[1];
  const actual = sha256(text.replace(SEALED, EMPTY));
  if (stated === undefined || actual !== stated) throw new DomainError('model-tampered', `monitoring model: got SHA-256 ${actual}, want ${stated ?? 'the attribute bedside_sha256'}`);
  const parsed = File.safeParse(jsonOf(text));
  if (!parsed.success) throw new DomainError('model-malformed', `monitoring model: ${parsed.error.issues.map(({ path, message }) => `${path.map(String).join('.')}: ${message}`).join('; ')}`);
  const { plane, alarm } = parsed.data;
  return { plane, alarm };
};
