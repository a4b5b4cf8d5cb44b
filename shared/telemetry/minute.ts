export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;

export const hourOf = (epochMs: number): number => Math.floor(epochMs / HOUR_MS) * HOUR_MS;

/** Start of the UTC minute a time lies in, epoch ms. */
export const minuteOf = (epochMs: number): number => Math.floor(epochMs / MINUTE_MS) * MINUTE_MS;

/** `2026-11-21T0407`: sorts as time, and is a good part of an object key. */
export const minuteLabel = (minuteEpochMs: number): string => {
  const iso = new Date(minuteEpochMs).toISOString();
  return `${iso.slice(0, 13)}${iso.slice(14, 16)}`;
};

/** @throws RangeError when it is not a label */
export const parseMinuteLabel = (label: string): number => {
  const epochMs = Date.parse(`${label.slice(0, 13)}:${label.slice(13)}:00.000Z`);
  if (!Number.isFinite(epochMs) || minuteLabel(epochMs) !== label) throw new RangeError(`got '${label}', want a minute such as 2026-11-21T0407`);
  return epochMs;
};

export const OPEN_PREFIX = 'open/';
export const BIRTH_PREFIX = 'births/';

/** What a chunk's key says of it. */
export type ChunkPlace = Readonly<{ edgeNodeId: string; deviceId?: string; minuteEpochMs: number }>;

/** Names of telemetry objects. */
export const objectKeyOf = {
  /** Raw messages of one queue batch, by the minute in which they were sent. */
  segment: (minuteEpochMs: number, sha256: string) => `${OPEN_PREFIX}${minuteLabel(minuteEpochMs)}/${sha256}.seg`,
  chunk: (edgeNodeId: string, deviceId: string | undefined, minuteEpochMs: number) => {
    const label = minuteLabel(minuteEpochMs);
    return `sealed/${edgeNodeId}/${deviceId ?? '-'}/${label.slice(0, 10)}/${label}.chunk`;
  },
  /** The bytes of a chunk before late messages changed it: a record may name them. */
  superseded: (sha256: string) => `superseded/${sha256}.chunk`,
  chunkPrefix: (edgeNodeId: string, deviceId: string | undefined) => `sealed/${edgeNodeId}/${deviceId ?? '-'}/`,
  /** The chunks of one whole hour in one object, for readers of long ranges. */
  hour: (edgeNodeId: string, deviceId: string | undefined, hourEpochMs: number) => `hours/${edgeNodeId}/${deviceId ?? '-'}/${minuteLabel(hourEpochMs)}.chunk`,
  hourPrefix: (edgeNodeId: string, deviceId: string | undefined) => `hours/${edgeNodeId}/${deviceId ?? '-'}/`,
  /** A birth certificate, so that telemetry keeps its names when the operations table is lost. */
  birth: (edgeNodeId: string, deviceId: string | undefined, timestampEpochMs: number, sha256: string) => `${BIRTH_PREFIX}${edgeNodeId}/${deviceId ?? '-'}/${timestampEpochMs}-${sha256}.zst`,
  quarantine: (time: string, sha256: string) => `quarantine/${time.slice(0, 10)}/${sha256}.bin`,
} as const;

/** Minute or hour named by the last part of a key. @throws RangeError */
export const labelOfKey = (key: string): number => parseMinuteLabel((key.split('/').at(-1) ?? '').replace(/\.chunk$/, ''));

/** The device and minute of a chunk. @throws RangeError */
export const placeOfChunk = (key: string): ChunkPlace => {
  const [, edgeNodeId = '', deviceId = ''] = key.split('/');
  const place = { edgeNodeId, ...(deviceId === '-' ? {} : { deviceId }), minuteEpochMs: labelOfKey(key) };
  if (objectKeyOf.chunk(place.edgeNodeId, place.deviceId, place.minuteEpochMs) !== key) throw new RangeError(`got '${key}', want the key of a chunk such as ${objectKeyOf.chunk('gateway', 'device', 0)}`);
  return place;
};

/** Minute of a segment. @throws RangeError */
export const minuteOfSegment = (key: string): number => parseMinuteLabel(key.split('/')[1] ?? '');
