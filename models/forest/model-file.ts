import { createHash } from 'node:crypto';
import { DomainError } from '../../shared/errors.ts';
import type { Forest } from './tree.ts';
import { parseXgboostJson, writeXgboostJson } from './xgboost-json.ts';

/** Name of the attribute that holds the file's own hash. */
const HASH = 'bedside_sha256';
const EMPTY = `"${HASH}":""`;
const SEALED = /"bedside_sha256":"([0-9a-f]{64})"/;

const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

/**
 * A model as XGBoost JSON that carries its own hash: SHA-256 of the file with the hash left empty.
 *
 * @param attributes free text kept in the model
 */
export const writeModelFile = (forest: Forest, attributes: Readonly<Record<string, string>>): string => {
  const open = writeXgboostJson(forest, { ...attributes, [HASH]: '' });
  return open.replace(EMPTY, `"${HASH}":"${sha256(open)}"`);
};

/**
 * Read a model file, if not a byte of it was changed since it was written. The hash tells damage from care; who approved a model is said by a signature over it elsewhere.
 *
 * @throws DomainError `model-tampered` when the hash is not there or is another, `model-malformed`
 */
export const readModelFile = (text: string): Forest => {
  const stated = SEALED.exec(text)?.[1];
  if (stated === undefined) throw new DomainError('model-tampered', `model file: got no hash, want the attribute ${HASH}`);
  const actual = sha256(text.replace(SEALED, EMPTY));
  if (actual !== stated) throw new DomainError('model-tampered', `model file: got SHA-256 ${actual}, want ${stated}`, { actual, stated });
  return parseXgboostJson(text);
};

/** What only our own files say: their hash's name, and the notice that every training leaves. */
const OWN = /"bedside_|"notice":"Candidate\. Not accepted/;

/**
 * Read a forest, whoever wrote it: the one way into the registry, a hospital and the endpoint. A file that says it is ours has to carry its own hash, and to be it; one that XGBoost wrote has none, and is known by the
 * hash that records name it by.
 *
 * @throws DomainError `model-tampered`, `model-malformed`, naming the path of the fault
 */
export const readForest = (text: string): Forest => (OWN.test(text) ? readModelFile(text) : parseXgboostJson(text));
