import { describe, expect, it } from 'vitest';
import { CLOUD_TIME_USERNAME } from '../../infra/local/services/iot/broker.ts';
import { EdgeGateway } from '../../scripts/client/edge-gateway.ts';
import { requireClock } from '../../shared/telemetry/device-clock.ts';
import { receive } from '../../shared/telemetry/received.ts';
import { codeOf } from '../support/telemetry/code-of.ts';
import { startDeviceBroker } from './support/device-broker.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

const [NODE, GATEWAY] = ['north', 'gateway-1'] as const;
const NINE_DAYS_MS = 9 * 86_400_000;

/** Codes with which a node would refuse what a gateway sends to a cloud whose clock stands nine days back. */
const judged = async (behindMs: number, username?: string): Promise<readonly (string | undefined)[]> => {
  const { broker, heard, ca, cert, key, port } = await startDeviceBroker(temporaryFolder(), NODE, GATEWAY, NINE_DAYS_MS);
  const now = (): number => Date.now() - behindMs;
  const gateway = await EdgeGateway.connect({ host: '127.0.0.1', port, caFile: ca, certFile: cert, keyFile: key, groupId: NODE, edgeNodeId: GATEWAY, deviceId: 'bioreactor-1', metricNames: ['Temperature'], now, ...(username === undefined ? {} : { username }) });
  await gateway.birth();
  await gateway.data([{ atEpochMs: now() - 3_600_000, values: [36.9] }, { atEpochMs: now(), values: [37] }]);
  await gateway.report({ Temperature: 37.1 });
  await gateway.end();
  await broker.stop();
  expect(heard).toHaveLength(4);
  return heard.map(({ topic, payload, receivedEpochMs: receivedAtEpochMs }) => codeOf(() => { requireClock({ receivedAtEpochMs }, receive({ topic, payload, receivedAtEpochMs }), 60_000); }));
};
const TAKEN = [undefined, undefined, undefined, undefined];

describe('a device beside a cloud whose clock stands in the past', () => {
  it('is received by the clock of the world, which is its own', async () => { expect(await judged(0)).toEqual(TAKEN); });
  it('is received by the clock of the cloud when it says that it lives there', async () => { expect(await judged(NINE_DAYS_MS, CLOUD_TIME_USERNAME)).toEqual(TAKEN); });
  it('is refused by a node when its clock is neither', async () => {
    expect(await judged(NINE_DAYS_MS)).toEqual(TAKEN.map(() => 'device-clock-wrong'));
    expect(await judged(0, CLOUD_TIME_USERNAME)).toEqual(TAKEN.map(() => 'device-clock-wrong'));
  });
});
