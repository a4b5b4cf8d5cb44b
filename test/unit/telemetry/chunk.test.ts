import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeChunk, encodeChunk, openChunk, type Chunk } from '../../../shared/telemetry/chunk.ts';
import { ColumnSet, type Column } from '../../../shared/telemetry/column.ts';
import { closeMarks, decodeMarks, encodeMarks, type Mark } from '../../../shared/telemetry/mark.ts';
import { FIELD, type Metric } from '../../../shared/telemetry/metric.ts';
import { MESSAGE_TYPES } from '../../../shared/telemetry/topic.ts';
import { anyMetric } from '../../support/telemetry/arbitraries.ts';
import { codeOf } from '../../support/telemetry/code-of.ts';
import { minuteOfCulture, randomOf } from '../../support/telemetry/culture.ts';
import { MINUTE } from '../../support/telemetry/sparkplug-writer.ts';

type Sample = Readonly<{ metric: Metric; sentAt: number }>;
const sample = fc.record({ metric: anyMetric(MINUTE), sentAt: fc.integer({ min: MINUTE - 1000, max: MINUTE + 900_000_000 }) });
const samples = fc.array(sample, { minLength: 1, maxLength: 60 });

const columnsOf = (all: readonly Sample[]): readonly Column[] => {
  const set = new ColumnSet();
  for (const { metric, sentAt } of all) set.addMetric(metric, sentAt);
  return set.close();
};
const chunkOf = (columns: readonly Column[], marks: readonly Mark[] = []): Chunk => ({ nodeId: 'north', edgeNodeId: 'gateway-1', deviceId: 'bioreactor-1', startEpochMs: MINUTE, columns, marks });

/** A naive account of the same samples: one line each, its words in hex. */
const lineOf = ({ metric: { name = '', alias = '', datatype, field, timestampEpochMs, flags, low, high, bytes }, sentAt }: Sample): string =>
  [alias, name, datatype, field, timestampEpochMs, sentAt, flags, field === FIELD.none ? '' : bytes === undefined ? `${high.toString(16)}:${low.toString(16)}` : Buffer.from(bytes).toString('hex')].join('|');
const at = (values: ArrayLike<number> | undefined, index: number): number => values?.[index] ?? 0;
const linesOf = ({ columns }: Chunk): string[] => columns.flatMap(({ name, alias, datatype, field, stamps: { times, lags, flags }, bits, blobs }) => [...times].map((time, i) => lineOf({
  metric: { name, alias, datatype, field, timestampEpochMs: time, flags: at(flags, i), low: at(bits, 2 * i), high: at(bits, 2 * i + 1), bytes: blobs?.[i] }, sentAt: time + at(lags, i),
})));

const mark: fc.Arbitrary<Mark> = fc.record({
  timeEpochMs: fc.integer({ min: MINUTE, max: MINUTE + 59_999 }), seq: fc.option(fc.nat(255), { nil: undefined }), type: fc.constantFrom(...MESSAGE_TYPES),
  deviceId: fc.option(fc.constantFrom('bioreactor-1', 'pump-1'), { nil: undefined }), bdSeq: fc.option(fc.nat(), { nil: undefined }),
});

describe('a telemetry chunk', () => {
  it('gives back every sample bit by bit, of every value field, off any grid', () => {
    fc.assert(fc.property(samples, (all) => {
      expect(linesOf(decodeChunk(encodeChunk(chunkOf(columnsOf(all))))).sort()).toEqual([...new Set(all.map(lineOf))].sort());
    }), { numRuns: 500 });
  });

  it('has the same bytes whatever the order of its samples and however often they came', () => {
    fc.assert(fc.property(samples, fc.infiniteStream(fc.nat()), (all, numbers) => {
      const shuffled = [...all, ...all.slice(0, 5)].map((each) => [numbers.next().value as number, each] as const).sort(([a], [b]) => a - b).map(([, each]) => each);
      expect(encodeChunk(chunkOf(columnsOf(shuffled))).equals(encodeChunk(chunkOf(columnsOf(all))))).toBe(true);
    }), { numRuns: 300 });
  });

  it('keeps a sample that was sent twice, at different times, as two: its name may differ between them', () => {
    const metric: Metric = { name: undefined, alias: '1', datatype: 0, timestampEpochMs: MINUTE, flags: 0, field: FIELD.double, low: 0, high: 0x40428000, bytes: undefined };
    const columns = columnsOf([{ metric, sentAt: MINUTE + 5 }, { metric, sentAt: MINUTE }, { metric, sentAt: MINUTE + 5 }]);
    expect(columns.map(({ stamps: { lags } }) => [...lags!])).toEqual([[0, 5]]);
  });

  it('keeps the deaths of two sessions at one moment apart', () => {
    const death: Mark = { timeEpochMs: MINUTE, seq: undefined, type: 'NDEATH', deviceId: undefined, bdSeq: 2 };
    expect(closeMarks([death, { ...death, bdSeq: 1 }, death]).map(({ bdSeq }) => bdSeq)).toEqual([1, 2]);
  });

  it('gives back a long column of each kind of series', () => {
    const random = randomOf(3);
    const kinds: readonly ((i: number) => number)[] = [() => 37, (i) => i / 10, (i) => Math.sin(i), () => random(), (i) => (i % 5 === 0 ? Number.NaN : 36.9 + (i % 3) / 100), (i) => -i * 1e15, (i) => (i === 700 ? -0 : 0)];
    const words = new DataView(new ArrayBuffer(8));
    const all = kinds.flatMap((kind, alias) => Array.from({ length: 1000 }, (_, i): Sample => {
      words.setFloat64(0, kind(i), true);
      return { metric: { name: undefined, alias: String(alias), datatype: 10, timestampEpochMs: MINUTE + i * 7, flags: 0, field: FIELD.double, low: words.getUint32(0, true), high: words.getUint32(4, true), bytes: undefined }, sentAt: MINUTE + i * 7 };
    }));
    expect(linesOf(decodeChunk(encodeChunk(chunkOf(columnsOf(all))))).sort()).toEqual(all.map(lineOf).sort());
  });

  it('unpacks one column without the others', () => {
    const chunk = chunkOf(minuteOfCulture(MINUTE, 20, randomOf(1)));
    const opened = openChunk(encodeChunk(chunk));
    expect(opened.sampleCount).toBe(1200);
    const at = opened.keys.findIndex(({ alias }) => alias === '13');
    expect(opened.column(at)).toEqual(chunk.columns[at]);
  });

  it('needs at most 2.5 bytes a sample for noise rounded to sensor resolution', () => {
    const columns = minuteOfCulture(MINUTE, 200, randomOf(7));
    expect(encodeChunk(chunkOf(columns)).length / 12_000).toBeLessThanOrEqual(2.5);
  });

  it('gives back marks in their one order', () => {
    fc.assert(fc.property(fc.array(mark, { maxLength: 60 }), (marks) => {
      const closed = closeMarks(marks);
      expect(decodeMarks(encodeMarks(closed, MINUTE), MINUTE)).toEqual(closed);
      expect(closeMarks([...marks.toReversed(), ...marks])).toEqual(closed);
      expect(decodeChunk(encodeChunk(chunkOf([], marks))).marks).toEqual(closed);
    }));
  });
});

describe('a damaged chunk', () => {
  const bytes = encodeChunk(chunkOf(minuteOfCulture(MINUTE, 8, randomOf(5))));

  it('is found out by any single bit that is turned', () => {
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const damaged = Buffer.from(bytes);
      damaged[bit >> 3]! ^= 1 << (bit & 7);
      expect(codeOf(() => decodeChunk(damaged))).toBe('chunk-corrupt');
    }
  });

  it('is found out when it is cut short, at any length', () => {
    for (let length = 0; length < bytes.length; length += 1) expect(codeOf(() => decodeChunk(bytes.subarray(0, length)))).toBe('chunk-corrupt');
  });

  it('is found out when something else was signed for: columns of another build under a right digest', async () => {
    const { createHash } = await import('node:crypto');
    const { zstdCompressSync } = await import('node:zlib');
    const wrap = (body: Uint8Array): Buffer => {
      const packed = zstdCompressSync(body);
      return Buffer.concat([Buffer.from('BCH1'), createHash('sha256').update(packed).digest().subarray(0, 8), packed]);
    };
    fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), (body) => { expect(codeOf(() => decodeChunk(wrap(body)))).toBe('chunk-corrupt'); }), { numRuns: 500 });
  });
});
