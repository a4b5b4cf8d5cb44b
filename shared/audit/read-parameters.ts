import { hasValidCheckCharacter } from '../identity/check-character.ts';

type Parameters = Readonly<Record<string, unknown>>;
/** Stands in the read log for a value that could be anything, even a patient's name. */
export const WITHHELD = '(withheld)';

/** Numbers, instants and words of our own: their schema lets nothing else through. */
const CLOSED: ReadonlySet<string> = new Set(['limit', 'version', 'from', 'to', 'points', 'state', 'disposition', 'format', 'kind', 'path']);
/** Names the hospital or its recipes chose. They are what they seem when something answers to them, and else only what somebody typed. */
const CHOSEN: ReadonlySet<string> = new Set(['productId', 'materialLotId', 'material-lot', 'equipmentId', 'equipment', 'personId', 'person', 'readerId', 'metric', 'sha256', 'nodeId', 'masterBatchRecordId', 'modelId', 'testDataId', 'runId']);

const isBatchId = (text: string): boolean => /^[a-z][a-z0-9-]{1,20}-\d{8}-[0-9A-HJKMNP-TV-Z]{6}$/.test(text);
const isChainOfIdentityId = (text: string): boolean => /^C[0-9A-HJKMNP-TV-Z]{10}[0-9A-Z*]$/.test(text) && hasValidCheckCharacter(text);
/** Identifiers that only we make, at random. They say nothing of a patient; who the patient is stays in the hospital's own system. */
const MINTED: Readonly<Record<string, (text: string) => boolean>> = {
  batchId: isBatchId, batch: isBatchId, chainOfIdentityId: isChainOfIdentityId, 'chain-of-identity': isChainOfIdentityId,
};

const safeValue = (name: string, text: string, hasAnswer: boolean): string => {
  if (name === 'cursor') return '(given)';
  const isMinted = MINTED[name];
  if (CLOSED.has(name) || isMinted?.(text) === true || (CHOSEN.has(name) && hasAnswer)) return text;
  return WITHHELD;
};

/**
 * The parameters of a read as the read log keeps them: every name, and each value that can not be a patient's data.
 *
 * @param parameters parsed path or query; an `id` beside a `kind` is an identifier of that kind
 * @param hasAnswer  whether something was found
 */
export const safeParameters = (parameters: Parameters, hasAnswer: boolean): Readonly<Record<string, string>> => {
  const kind = parameters['kind'];
  return Object.fromEntries(Object.entries(parameters).filter(([, value]) => value !== undefined).map(([name, value]) => [name, safeValue(name === 'id' && typeof kind === 'string' ? kind : name, String(value), hasAnswer)]));
};
