import { crc32 } from 'node:zlib';
import { AwsError } from '../../core/contracts.ts';

type Headers = Readonly<Record<string, string>>;

const badDigest = (what: string): AwsError => new AwsError('BadDigest', what, 400);

const requireCrc32 = (body: Buffer, wanted: string | undefined): void => {
  if (wanted === undefined) return;
  const got = Buffer.alloc(4);
  got.writeUInt32BE(crc32(body));
  if (got.toString('base64') !== wanted) throw badDigest('the body does not match its CRC32');
};

/** `aws-chunked`: size in hex, optional extensions, CRLF, data, CRLF … 0, CRLF, trailers. */
const unchunk = (body: Buffer): Readonly<{ data: Buffer; trailers: string }> => {
  const parts: Buffer[] = [];
  for (let at = 0; at < body.length;) {
    const end = body.indexOf('\r\n', at);
    const size = Number.parseInt(body.toString('ascii', at, end), 16);
    if (end < 0 || !Number.isFinite(size)) throw badDigest('the chunked body is malformed');
    if (size === 0) return { data: Buffer.concat(parts), trailers: body.toString('ascii', end + 2) };
    parts.push(body.subarray(end + 2, end + 2 + size));
    at = end + 2 + size + 2;
  }
  throw badDigest('the chunked body is cut short');
};

/** The object's bytes, freed of the SDK's transfer coding, its CRC32 checked where it sent one. @throws AwsError `BadDigest` */
export const decodeBody = (headers: Headers, body: Buffer): Buffer => {
  if (headers['content-encoding']?.includes('aws-chunked') !== true && headers['x-amz-decoded-content-length'] === undefined) {
    requireCrc32(body, headers['x-amz-checksum-crc32']);
    return body;
  }
  const { data, trailers } = unchunk(body);
  requireCrc32(data, /x-amz-checksum-crc32:\s*([^\r\n]+)/.exec(trailers)?.[1]?.trim());
  return data;
};
