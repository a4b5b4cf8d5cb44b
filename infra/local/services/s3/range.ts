import { AwsError } from '../../core/contracts.ts';

/**
 * First and last byte of one range; undefined when the header is not one range of bytes, which is then not heeded.
 *
 * @throws AwsError `InvalidRange` (416) when the range lies outside
 * @see RFC 9110, 14.1.2
 */
export const rangeOf = (header: string, length: number): Readonly<{ first: number; last: number }> | undefined => {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header.trim());
  if (match === null || (match[1] === '' && match[2] === '')) return undefined;
  const isSuffix = match[1] === '';
  const first = isSuffix ? Math.max(0, length - Number(match[2])) : Number(match[1]);
  const last = isSuffix || match[2] === '' ? length - 1 : Math.min(Number(match[2]), length - 1);
  if (!isSuffix && match[2] !== '' && Number(match[2]) < first) return undefined;
  if (first >= length) throw new AwsError('InvalidRange', 'The requested range is not satisfiable', 416);
  return { first, last };
};
