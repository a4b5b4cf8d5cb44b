import { minuteLabel, placeOfChunk } from '../../telemetry/minute.ts';
import type { BatchEvent, SealedChunk, SealedDevice } from '../events.ts';
import type { Batch } from '../state.ts';

/** An event is one leaf of the log, at most 65,535 bytes; this leaves room for its envelope. @see C2SP tlog-tiles, Log entries */
const MAXIMUM_NAMED_BYTES = 56_000;

type Placed = Readonly<{ chunk: SealedChunk; device: string; minute: string }>;

const lengthOf = (value: unknown): number => new TextEncoder().encode(JSON.stringify(value)).length + 1;
const isoOf = (epochMs: number): string => new Date(epochMs).toISOString();

const placed = (chunk: SealedChunk): Placed => {
  const { minuteEpochMs, ...device } = placeOfChunk(chunk.key);
  return { chunk, device: JSON.stringify(device), minute: isoOf(minuteEpochMs) };
};

const devicesOf = (group: readonly Placed[]): readonly SealedDevice[] => [...Map.groupBy(group, ({ device }) => device)].map(([device, own]) => {
  const minutes = own.map(({ minute }) => minute).toSorted();
  return { ...JSON.parse(device) as Pick<SealedDevice, 'edgeNodeId' | 'deviceId'>, firstMinute: minutes[0] ?? '', lastMinute: minutes.at(-1) ?? '', chunkCount: own.length };
});

/** Groups in order, each with no more bytes than one event may have. */
const split = (all: readonly Placed[]): readonly (readonly Placed[])[] => {
  const groups: Placed[][] = [];
  let bytes = Infinity;
  for (const each of all) {
    const isNewDevice = groups.at(-1)?.some(({ device }) => device === each.device) !== true;
    const added = lengthOf(each.chunk) + (isNewDevice ? lengthOf(devicesOf([each])) : 0);
    if (bytes + added > MAXIMUM_NAMED_BYTES) {
      groups.push([]);
      bytes = lengthOf(devicesOf([each]));
    }
    groups.at(-1)?.push(each);
    bytes += added;
  }
  return groups;
};

/**
 * Put sealed chunks on the record, in as few events as their bytes allow.
 *
 * @param chunks  each once; what the record names already is left out by the caller
 * @param through when all telemetry up to this time (UTC) is among these chunks and those named before; said by the last event, or by one without chunks
 * @returns no event when there is nothing to say
 * @throws RangeError when a key is not that of a chunk
 */
export const sealTelemetry = (chunks: readonly SealedChunk[], through?: string): readonly BatchEvent[] => {
  const groups = split(chunks.map(placed).toSorted((a, b) => (a.chunk.key < b.chunk.key ? -1 : 1)));
  const events: readonly BatchEvent[] = (groups.length === 0 && through !== undefined ? [[]] : groups)
    .map((group) => ({ type: 'telemetry-sealed', devices: devicesOf(group), chunks: group.map(({ chunk }) => chunk) }));
  return events.map((event, i) => (through !== undefined && i === events.length - 1 ? { ...event, through } : event));
};

/** Up to when a batch used devices, and so up to when its telemetry must be named; undefined when it used none, uses one still, or when the record says so already. */
export const telemetryEnd = ({ equipment, completedAt, sealed }: Batch): string | undefined => {
  const end = equipment.filter(({ device }) => device !== undefined).map(({ to = completedAt ?? '' }) => to).toSorted().at(-1);
  return end === undefined || end <= (sealed?.through ?? '') ? undefined : end;
};

/** An hour of a device, by which the names of its chunks are kept together: `gateway-1/bioreactor-1/2026-11-21T04`. @throws RangeError */
export const deviceHourOf = ({ key }: SealedChunk): string => {
  const { edgeNodeId, deviceId, minuteEpochMs } = placeOfChunk(key);
  return `${edgeNodeId}/${deviceId ?? '-'}/${minuteLabel(minuteEpochMs).slice(0, 13)}`;
};
