/**
 * Where an event carries signatures. Its own binds it: `signature`, or `by.signature` where a rule might have acted in the person's stead. An erasure repeats two that stand in the record of the
 * therapy event. Anywhere else none belongs, and one that is there would be read and never checked.
 */
type Json = Readonly<Record<string, unknown>>;
export type SignaturesIn = Readonly<{ own?: unknown; /** Where signatures stand that do not belong there, e.g. `content.approval`. */ strange: readonly string[] }>;

const OWN: ReadonlySet<string> = new Set(['signature', 'by.signature']);
const REPEATED: Readonly<Record<string, ReadonlySet<string>>> = { 'personal-data-erased': new Set(['request', 'confirmation']) };
/** The member that every signature has and nothing else. */
export const SIGNER = 'signerId';

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null;

/** Add the places of all objects with a signer; every signed event of a log is walked, so nothing is made on the way. */
const addPlaces = (value: Json, path: string, places: string[]): void => {
  if (path !== '' && SIGNER in value) places.push(path);
  for (const name in value) {
    const member = value[name];
    if (isObject(member)) addPlaces(member, path === '' ? name : `${path}.${name}`, places);
  }
};

/** @param count objects with a signer in the whole entry: where its own is the only one, none is strange */
export const signaturesIn = (event: Json & Readonly<{ type: string }>, count: number): SignaturesIn => {
  const signature = event['signature'];
  if (count === 0 || (count === 1 && isObject(signature) && SIGNER in signature)) return { ...(signature === undefined ? {} : { own: signature }), strange: [] };
  const by = isObject(event['by']) ? event['by']['signature'] : undefined;
  const own = event['signature'] ?? by;
  const places: string[] = [];
  addPlaces(event, '', places);
  const strange = places.filter((path) => !OWN.has(path) && REPEATED[event.type]?.has(path) !== true);
  return { ...(own === undefined ? {} : { own }), strange: event['signature'] !== undefined && by !== undefined ? [...strange, 'by.signature'] : strange };
};
