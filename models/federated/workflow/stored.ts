import * as z from 'zod';
import { DomainError } from '../../../shared/errors.ts';
import type { Plan } from '../plan.ts';
import type { Rows } from '../rows.ts';
import { beginRun, type Run } from '../run.ts';
import { pack, unpack } from './pack.ts';
import { questionFrom, questionParts } from './question.ts';

/** What a site or the coordinator keeps between two calls. A finished run is not kept: its model is. */

const RunHead = z.strictObject({ round: z.int().min(1), rows: z.int().min(0), prior: z.number(), constant: z.array(z.string()), question: z.unknown() });

/** A run between two rounds. @throws DomainError `training-round-stale` for one that is complete */
export const encodeRun = (run: Run): Buffer => {
  const { question, round, rows, prior, constant, profile } = run;
  if (question === undefined) throw new DomainError('training-round-stale', `got a complete run, want one between two rounds`, { round });
  const { head, arrays } = questionParts(question);
  return pack({ head: { round, rows, prior, constant, question: head }, arrays: { ...arrays, ...(profile !== undefined && { profile }) } });
};

/** @param bytes undefined before the first sum @throws DomainError `training-round-malformed` */
export const decodeRun = (plan: Plan, bytes: Uint8Array | undefined): Run => {
  if (bytes === undefined) return beginRun(plan);
  const { head, arrays: { profile, ...arrays } } = unpack('run', bytes);
  const { question, ...rest } = RunHead.parse(head);
  return { plan, ...rest, ...(profile instanceof Float64Array && { profile }), question: questionFrom(plan, { head: question, arrays }), forest: undefined, moments: undefined };
};

/** Rows kept by earlier versions have no draw keys. */
const RowsHead = z.strictObject({ keys: z.array(z.string()), drawKeys: z.array(z.string()).exactOptional(), features: z.array(z.string()) });

/** The rows of one site for one run, column after column, draw keys among them: for the site's own bucket, and for nobody else. */
export const encodeRows = ({ keys, drawKeys, features, columns, labels }: Rows): Buffer => {
  const values = new Float32Array(columns.length * keys.length);
  columns.forEach((column, i) => { values.set(column, i * keys.length); });
  return pack({ head: { keys, ...(drawKeys !== undefined && { drawKeys }), features }, arrays: { labels, values } });
};

/** @throws DomainError `training-round-malformed` */
export const decodeRows = (bytes: Uint8Array): Rows => {
  const { head, arrays: { labels, values } } = unpack('rows', bytes);
  const { keys, drawKeys, features } = RowsHead.parse(head);
  if (!(labels instanceof Uint8Array) || !(values instanceof Float32Array) || values.length !== keys.length * features.length) throw new DomainError('training-round-malformed', 'rows: got no value for each row and feature');
  return { keys, drawKeys, features, labels, columns: features.map((_, i) => values.slice(i * keys.length, (i + 1) * keys.length)) };
};
