import { spawn, type ChildProcess } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SET_POINTS } from '../../models/twin/site/set-points.ts';
import { requireClock } from '../../shared/telemetry/device-clock.ts';
import { receive } from '../../shared/telemetry/received.ts';
import { rebirthCommand } from '../../shared/telemetry/command.ts';
import { DATATYPE, decodePayload, encodePayload } from '../support/telemetry/sparkplug-writer.ts';
import { startDeviceBroker, type Heard } from './support/device-broker.ts';
import { eventually } from './support/eventually.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

const [NODE, GATEWAY, DEVICE] = ['north', 'simulator-1', 'bioreactor-1'] as const;
type Metric = Readonly<{ name?: string; alias?: unknown; doubleValue?: number; isNull?: boolean }>;
type Payload = Readonly<{ seq: unknown; timestamp: unknown; metrics: readonly Metric[] }>;

let home: Awaited<ReturnType<typeof startDeviceBroker>>;
let child: ChildProcess | undefined;
let output = '';

beforeEach(async () => { home = await startDeviceBroker(temporaryFolder(), NODE, GATEWAY); });
afterEach(async () => {
  child?.kill('SIGKILL');
  await home.broker.stop();
});

const simulate = (...more: readonly string[]): Promise<number | null> => {
  output = '';
  const args = ['scripts/simulate.ts', '--publish', '--node', NODE, '--gateway', GATEWAY, '--device', DEVICE, '--world', 'published', '--ca', home.ca, '--cert', home.cert, '--key', home.key, '--endpoint', `127.0.0.1:${home.port}`, '--metrics', '20', ...more];
  const own = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  child = own;
  for (const stream of [own.stdout, own.stderr]) stream.on('data', (part: Buffer) => { output += part.toString(); });
  return new Promise((resolve) => { own.on('close', resolve); });
};
const of = (type: string): readonly Heard[] => home.heard.filter(({ topic }) => topic.includes(`/${type}/`));
const payloadOf = ({ payload }: Heard): Payload => decodePayload(payload) as unknown as Payload;
const names = (): readonly string[] => payloadOf(of('DBIRTH')[0]!).metrics.map(({ name }) => name ?? '');
const command = (name: string, value: number): Promise<void> => home.broker.publish(`spBv1.0/${NODE}/DCMD/${GATEWAY}/${DEVICE}`, Buffer.from(encodePayload({ timestamp: Date.now(), metrics: [{ name, datatype: DATATYPE.double, doubleValue: value }] })), 1);
/** Values of a metric in the order in which they were heard. */
const values = (name: string): readonly number[] => {
  const alias = names().indexOf(name) + 1;
  return of('DDATA').flatMap((message) => payloadOf(message).metrics).filter((metric) => Number(metric.alias) === alias && metric.isNull !== true).map(({ doubleValue }) => doubleValue ?? Number.NaN);
};

describe('a simulated bioreactor', () => {
  it('is born, reports, is born again, obeys set-points by mechanism, refuses what it can not do, and dies at its harvest', async () => {
    // Its batch would end by itself after five minutes: time enough for all that is asked of it here.
    const ended = simulate('--scale', '3000');
    await eventually('a hundred messages', () => of('DDATA').length > 100);
    expect(home.heard[0]?.topic).toBe(`spBv1.0/${NODE}/NBIRTH/${GATEWAY}`);
    expect(names()).toEqual(expect.arrayContaining(Object.values(SET_POINTS)));
    expect(new Set(names()).size).toBe(names().length);
    await home.broker.publish(`spBv1.0/${NODE}/NCMD/${GATEWAY}`, Buffer.from(rebirthCommand(Date.now())), 1);
    await eventually('a second birth', () => of('NBIRTH').length === 2 && of('DBIRTH').length === 2);
    expect(Math.max(...values('Bioreactor/Dissolved Oxygen'))).toBeLessThan(100);
    await command(SET_POINTS.oxygen, 150);
    await eventually('the new set-point', () => values(SET_POINTS.oxygen).at(-1) === 150);
    await eventually('more oxygen', () => (values('Bioreactor/Dissolved Oxygen').at(-1) ?? 0) > 120);
    await command(SET_POINTS.feed, 9);
    await eventually('the refusal', () => output.includes('refused'));
    expect(output).toContain('want factor 0 to 4');
    expect(new Set(values(SET_POINTS.feed))).toEqual(new Set([1]));
    await command(SET_POINTS.harvest, 1);
    expect(await ended).toBe(0);
    expect(output).toMatch(/harvested at hour/);
    expect(home.heard.at(-1)?.topic).toBe(`spBv1.0/${NODE}/NDEATH/${GATEWAY}`);
    expect(home.broker.refusals).toEqual({});
    // What a node reads with and holds times against, on every byte; numbers follow one another between births, times never run back.
    for (const { topic, payload, receivedEpochMs: receivedAtEpochMs } of home.heard) {
      const raw = { topic, payload, receivedAtEpochMs };
      requireClock(raw, receive(raw), 60_000);
    }
    const sequence = home.heard.slice(0, -1).map((message) => ({ isBirth: message.topic.includes('/NBIRTH/'), seq: Number(payloadOf(message).seq), time: Number(payloadOf(message).timestamp) }));
    sequence.forEach(({ isBirth, seq, time }, i) => {
      expect(seq).toBe(isBirth ? 0 : ((sequence[i - 1]?.seq ?? -1) + 1) % 256);
      expect(time).toBeGreaterThanOrEqual(sequence[i - 1]?.time ?? 0);
    });
  });

  it('stops when asked to, and says good-bye', async () => {
    const ended = simulate('--scale', '60');
    await eventually('messages', () => of('DDATA').length > 1);
    child?.kill('SIGINT');
    expect(await ended).toBe(0);
    expect(output).toContain('stopped');
    expect(home.heard.at(-1)?.topic).toBe(`spBv1.0/${NODE}/NDEATH/${GATEWAY}`);
  });

  it('fails when it loses its connection', async () => {
    const ended = simulate('--scale', '60');
    await eventually('messages', () => of('DDATA').length > 1);
    await home.broker.stop();
    expect(await ended).toBe(1);
    expect(output).toContain('was lost');
  });

  it('publishes nothing when an option is wrong, or a certificate is not there', async () => {
    expect(await simulate('--scale', 'fast')).toBe(2);
    expect(output).toContain('--scale: got fast');
    expect(await simulate('--key', '/nowhere')).toBe(2);
    expect(output).toContain('--key: /nowhere is not there');
    expect(home.heard).toEqual([]);
  });
});
