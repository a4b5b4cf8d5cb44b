type BornAt = Readonly<{ deviceId?: string; timestampEpochMs: number }>;

/** No culture is older: who has said nothing for so long has no patient's cells in it. */
export const OLDEST_CULTURE_MS = 60 * 86_400_000;

/** A device's birth follows its edge node's; clocks of one gateway may differ by this. */
const BIRTH_ORDER_TOLERANCE_MS = 2_000;

/**
 * Devices that certainly said nothing for as long as a culture may last. An edge node that is born ends the sessions of all its devices, and a device says nothing in a session without a birth of its own. So what counts is
 * the first birth of the edge node after the device's last. A device that was only long quiet in one session, or died in it, may come back in it without being born: it is not named.
 *
 * @param births of one edge node, in any order; without `deviceId` its own
 * @see Sparkplug 3.0, tck-id-payloads-dbirth-order, operational behaviour of edge nodes (NBIRTH, NDEATH)
 */
export const silentDevices = (births: readonly BornAt[], nowEpochMs: number): ReadonlySet<string> => {
  const last = new Map<string, number>();
  for (const { deviceId, timestampEpochMs } of births) if (deviceId !== undefined) last.set(deviceId, Math.max(timestampEpochMs, last.get(deviceId) ?? -Infinity));
  const sessions = births.filter(({ deviceId }) => deviceId === undefined).map(({ timestampEpochMs }) => timestampEpochMs);
  const endedAt = (born: number): number => Math.min(...sessions.filter((session) => session > born + BIRTH_ORDER_TOLERANCE_MS));
  return new Set([...last].filter(([, born]) => nowEpochMs - endedAt(born) > OLDEST_CULTURE_MS).map(([deviceId]) => deviceId));
};
