import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import mqtt from 'mqtt';
import sparkplug from 'sparkplug-client';
import { describe, expect, it } from 'vitest';
import { signInAs } from '../../../scripts/example/seed-network.ts';
import { type RunningNetwork } from '../running-network.ts';

export const devices = (network: RunningNetwork): void => {
  describe('devices', () => {
    it('get credentials only their owner can read', async () => {
      const { folder } = await network.device('north', 'e2e-files');
      for (const file of ['device.key', 'device.crt', 'connection.json']) expect(statSync(join(folder, file)).mode & 0o777).toBe(0o600);
      expect((await network.script('node-device', '--node', 'nowhere', '--device', 'x', '--state', network.state)).text).toMatch(/--node: got nowhere, want one of .*north/);
    });
    it('of another hospital are refused', async () => {
      const { options } = await network.device('hill', 'e2e-foreign');
      const connect = mqtt.connectAsync({ protocol: 'mqtts', host: network.north.mqtt.host, port: network.north.mqtt.port, clientId: 'e2e-foreign', ca: readFileSync(options.caFile), cert: readFileSync(options.certFile), key: readFileSync(options.keyFile), reconnectPeriod: 0, connectTimeout: 5000 });
      await expect(connect).rejects.toThrow();
    });
    it('are cut off when they speak on another\'s topic, and may not subscribe to it', async () => {
      const { options } = await network.device('north', 'e2e-greedy');
      const client = await mqtt.connectAsync({ protocol: 'mqtts', host: options.host, port: options.port, clientId: 'e2e-greedy', ca: readFileSync(options.caFile), cert: readFileSync(options.certFile), key: readFileSync(options.keyFile), reconnectPeriod: 0 });
      const closed = new Promise<void>((resolve) => { client.on('close', () => { resolve(); }); });
      await expect(client.subscribeAsync('spBv1.0/north/NCMD/gateway-1')).rejects.toThrow();
      client.publish('spBv1.0/north/NDATA/gateway-1', 'x', { qos: 1 }, () => undefined);
      await closed;
    });
    it('that send poison have it quarantined, and their next message taken', async () => {
      const { options } = await network.device('north', 'e2e-poison');
      const client = await mqtt.connectAsync({ protocol: 'mqtts', host: options.host, port: options.port, clientId: 'e2e-poison', ca: readFileSync(options.caFile), cert: readFileSync(options.certFile), key: readFileSync(options.keyFile), reconnectPeriod: 0 });
      await client.publishAsync('spBv1.0/north/NDATA/e2e-poison', Buffer.from('this is no protobuf'), { qos: 1 });
      await client.endAsync();
      const engineer = await signInAs(network.north, 'engineer');
      await network.until('the quarantine entry', async () => ((await engineer.get('/v1/telemetry/quarantine?limit=200'))['items'] as { topic: string; reason: string }[]).some(({ topic, reason }) => topic.endsWith('e2e-poison') && reason === 'sparkplug-malformed'));
    });
    it('of an independent Sparkplug client are taken, and asked to be born again when an alias is unknown', async () => {
      const { options } = await network.device('north', 'e2e-client');
      const client = sparkplug.newClient({ serverUrl: `mqtts://${options.host}:${options.port}`, username: '', password: '', groupId: 'north', edgeNode: 'e2e-client', clientId: 'e2e-client', version: 'spBv1.0', mqttOptions: { ca: readFileSync(options.caFile), cert: readFileSync(options.certFile), key: readFileSync(options.keyFile), reconnectPeriod: 0 } });
      client.on('error', () => undefined);
      await new Promise<void>((resolve) => { client.on('birth', () => { resolve(); }); });
      client.publishNodeBirth({ timestamp: Date.now(), metrics: [{ name: 'Node Control/Rebirth', type: 'Boolean', value: false }] } as never);
      const reborn = new Promise<void>((resolve) => { client.on('ncmd', () => { resolve(); }); });
      client.publishNodeData({ timestamp: Date.now(), metrics: [{ alias: 99, type: 'Double', value: 1 }] } as never);
      await reborn;
      client.stop();
    });
  });
};
