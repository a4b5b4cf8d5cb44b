import canonicalize from 'canonicalize';

/**
 * The one text of a JSON value, so that equal values have equal hashes.
 *
 * @param value made of objects, arrays, strings, finite numbers, booleans and null; undefined members are left out
 * @returns UTF-16 text to be encoded as UTF-8
 * @throws TypeError when the value has no JSON form (undefined, a function) or holds NaN or an infinity
 * @see RFC 8785 (JSON Canonicalization Scheme)
 */
export const canonicalJson = (value: unknown): string => {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('got a value without a JSON form, want objects, arrays, strings, finite numbers, booleans or null');
  return text;
};
