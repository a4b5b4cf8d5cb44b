import { deflateSync } from 'node:zlib';
import { decodeChunk, encodeChunk, type Chunk } from '../../shared/telemetry/chunk.ts';
import { minuteOfCulture, randomOf } from '../support/telemetry/culture.ts';
import { row, type Row } from './row.ts';

const START = 1_772_460_300_000;
const PARAMETERS = 200;
const MINUTES = 20;

const chunkOf = (minute: number, random: () => number): Chunk => {
  const startEpochMs = START + minute * 60_000;
  return { nodeId: 'north', edgeNodeId: 'gateway-1', deviceId: 'bioreactor-1', startEpochMs, columns: minuteOfCulture(startEpochMs, PARAMETERS, random), marks: [] };
};

/** Samples a second of the best of several runs. */
const speed = (samples: number, run: () => void): number => {
  const seconds = Array.from({ length: 7 }, () => {
    const start = process.hrtime.bigint();
    run();
    return Number(process.hrtime.bigint() - start) / 1e9;
  });
  return samples / Math.min(...seconds);
};

/** The naive way: 16 bytes a sample (time and value as doubles), deflated. */
const naiveBytes = (chunks: readonly Chunk[]): number => chunks.reduce((sum, { columns }) => {
  const parts = columns.flatMap(({ stamps: { times }, bits }) => [Buffer.from(times.buffer), Buffer.from((bits ?? new Uint32Array()).buffer)]);
  return sum + deflateSync(Buffer.concat(parts)).length;
}, 0);

/** Size and speed of the telemetry chunk codec on 200 parameters at 1 Hz, noise rounded to sensor resolution. */
export const measureCodec = (): readonly Row[] => {
  const random = randomOf(7);
  const chunks = Array.from({ length: MINUTES }, (_, minute) => chunkOf(minute, random));
  const samples = chunks.reduce((sum, { columns }) => sum + columns.reduce((count, { stamps }) => count + stamps.times.length, 0), 0);
  const encoded = chunks.map(encodeChunk);
  const bytes = encoded.reduce((sum, { length }) => sum + length, 0);
  return [
    row('codec: stored bytes a sample', bytes / samples, 'B', 2.5, 'target, at most'),
    row('codec: stored bytes a sample', bytes / samples, 'B', naiveBytes(chunks) / samples, 'deflated pairs of doubles'),
    row('codec: encode', speed(samples, () => { for (const chunk of chunks) encodeChunk(chunk); }), 'samples/s', 5e6, 'target, at least'),
    row('codec: decode', speed(samples, () => { for (const each of encoded) decodeChunk(each); }), 'samples/s', 5e6, 'target, at least'),
  ];
};
