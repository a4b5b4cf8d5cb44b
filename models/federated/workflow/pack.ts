import { DomainError } from '../../../shared/errors.ts';

/** Arrays of numbers beside the JSON that says what they are, in one run of bytes. Every number comes back with the bits it had. */
export type Packed = Readonly<{ head: unknown; arrays: Readonly<Record<string, PackedArray>> }>;
export type PackedArray = Int32Array | Uint8Array | Uint32Array | Float32Array | Float64Array;

const MAGIC = Buffer.from('bedside federated 1\n', 'utf8');
/** Arrays begin at whole multiples, so that they can be read where they are. */
const ALIGNMENT = 8;
const ARRAYS = { i32: Int32Array, u8: Uint8Array, u32: Uint32Array, f32: Float32Array, f64: Float64Array } as const;
type ArrayType = keyof typeof ARRAYS;
/** Larger than any object of a run: what is above is refused unread. */
export const LARGEST_OBJECT = 256 * 2 ** 20;

const typeOf = (array: PackedArray): ArrayType => {
  if (array instanceof Int32Array) return 'i32';
  if (array instanceof Uint8Array) return 'u8';
  if (array instanceof Uint32Array) return 'u32';
  return array instanceof Float32Array ? 'f32' : 'f64';
};

const padding = (length: number): Buffer => Buffer.alloc((ALIGNMENT - (length % ALIGNMENT)) % ALIGNMENT);

/** Head first, then each array, little-endian, in the order of its name. */
export const pack = ({ head, arrays }: Packed): Buffer => {
  const named = Object.entries(arrays).sort(([a], [b]) => (a < b ? -1 : 1));
  const text = Buffer.from(JSON.stringify({ head, arrays: named.map(([name, array]) => ({ name, type: typeOf(array), length: array.length })) }), 'utf8');
  const length = Buffer.alloc(4);
  length.writeUInt32LE(text.length);
  const start = Buffer.concat([MAGIC, length, text]);
  const parts: Buffer[] = [start, padding(start.length)];
  for (const [, array] of named) {
    const bytes = Buffer.from(array.buffer, array.byteOffset, array.byteLength);
    parts.push(bytes, padding(bytes.length));
  }
  return Buffer.concat(parts);
};

const malformed = (what: string, message: string, cause?: unknown): DomainError => new DomainError('training-round-malformed', `${what}: ${message}`, {}, { cause });

type Listed = Readonly<{ name: string; type: ArrayType; length: number }>;
const isListed = (value: unknown): value is Listed => {
  const { name, type, length } = (value ?? {}) as Partial<Record<keyof Listed, unknown>>;
  return typeof name === 'string' && typeof type === 'string' && Object.hasOwn(ARRAYS, type) && Number.isInteger(length) && (length as number) >= 0;
};

const readHead = (what: string, bytes: Buffer): Readonly<{ head: unknown; listed: readonly Listed[]; end: number }> => {
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC) || bytes.length < MAGIC.length + 4) throw malformed(what, 'got bytes of another format, want those of a federated training, version 1');
  const end = MAGIC.length + 4 + bytes.readUInt32LE(MAGIC.length);
  let text: unknown;
  try {
    text = JSON.parse(bytes.toString('utf8', MAGIC.length + 4, end));
  } catch (cause) {
    throw malformed(what, 'got a head that is no JSON', cause);
  }
  const { head, arrays } = (text ?? {}) as Readonly<{ head?: unknown; arrays?: unknown }>;
  if (!Array.isArray(arrays) || !arrays.every(isListed)) throw malformed(what, 'got no list of arrays');
  return { head, listed: arrays, end };
};

/**
 * @param what names the bytes in a refusal
 * @throws DomainError `training-round-malformed` when a byte is missing or over
 */
export const unpack = (what: string, bytes: Uint8Array): Packed => {
  if (bytes.length > LARGEST_OBJECT) throw malformed(what, `got ${bytes.length} bytes, want at most ${LARGEST_OBJECT}`);
  // Copied once, to begin at a whole multiple.
  const own = Buffer.from(new Uint8Array(bytes).buffer);
  const { head, listed, end } = readHead(what, own);
  let at = end + padding(end).length;
  const arrays: [string, PackedArray][] = [];
  for (const { name, type, length } of listed) {
    const size = length * ARRAYS[type].BYTES_PER_ELEMENT;
    if (at + size > own.length) throw malformed(what, `${name}: got too few bytes, want ${length} numbers`);
    arrays.push([name, new ARRAYS[type](own.buffer, own.byteOffset + at, length)]);
    at += size + padding(size).length;
  }
  if (at !== own.length) throw malformed(what, `got ${own.length} bytes, want ${at}`);
  return { head, arrays: Object.fromEntries(arrays) };
};
