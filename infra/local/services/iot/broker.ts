import { Aedes, type Client } from 'aedes';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import type { Cloud, PolicyStatement } from '../../core/contracts.ts';
import { isDeviceAllowed, type Connection } from './policy.ts';
import { certificateIdOf, type DeviceRegistry } from './registry.ts';

/** AWS IoT Core's limit for one publish. */
const MAXIMUM_PAYLOAD_BYTES = 131_072;

/**
 * MQTT username of a device that lives in the cloud's time, as the example's does. What it sends is received at that time; what any other sends, at the time of the world, which its own clock shows. So the stamps of a device
 * and of its broker are of one clock, whatever the time-lapse does. AWS IoT Core takes no notice of a username beside a certificate.
 */
export const CLOUD_TIME_USERNAME = '?clock=cloud';

export type Home = Readonly<{ stack: string; region: string; account: string; port: number }>;
export type BrokerParts = Readonly<{
  cloud: Cloud;
  home: Home;
  registry: DeviceRegistry;
  policiesOf(names: readonly string[]): readonly PolicyStatement[];
  /** Resolves when every rule that takes the message has put it where it belongs. */
  onMessage(topic: string, payload: Buffer, clientId: string, receivedEpochMs: number): Promise<void>;
}>;

type Session = Connection & Readonly<{ statements: readonly PolicyStatement[]; isInCloudTime: boolean }>;
type Refusal = 'connect' | 'publish' | 'subscribe' | 'too-large' | 'certificate';

/** The MQTT endpoint of one account and region: mutual TLS, and the template's policies on every packet. */
export class DeviceBroker {
  readonly #parts: BrokerParts;
  readonly #sessions = new WeakMap<Client, Session>();
  readonly #refusals = new Map<Refusal, number>();
  #aedes: Aedes | undefined;
  #server: Server | undefined;

  constructor(parts: BrokerParts) {
    this.#parts = parts;
  }

  get refusals(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#refusals);
  }

  async start(): Promise<void> {
    const { cloud, home } = this.#parts;
    const aedes = await Aedes.createBroker({ heartbeatInterval: 60_000 });
    this.#aedes = aedes;
    aedes.authenticate = (client, username, _password, done) => { done(null, this.#admit(client, username === CLOUD_TIME_USERNAME)); };
    aedes.authorizePublish = (client, packet, done) => { this.#authorizePublish(client, packet, done); };
    aedes.authorizeSubscribe = (client, subscription, done) => { done(null, this.#maySubscribe(client, subscription.topic) ? subscription : (null)); };
    aedes.authorizeForward = (client, packet) => (this.#may(client, 'iot:Receive', 'topic', packet.topic) ? packet : undefined);
    const file = (name: string): Buffer => readFileSync(join(cloud.certificateFolder, name));
    this.#server = createServer({ key: file('server.key'), cert: file('server.crt'), ca: file('ca.crt'), requestCert: true, rejectUnauthorized: true, minVersion: 'TLSv1.2' }, (socket) => { aedes.handle(socket); });
    this.#server.on('tlsClientError', () => { this.#refuse('certificate', {}); });
    await new Promise<void>((resolve, reject) => { this.#server?.once('error', reject).listen(home.port, '127.0.0.1', resolve); });
  }

  async stop(): Promise<void> {
    this.#server?.close();
    await new Promise<void>((resolve) => {
      if (this.#aedes === undefined) resolve();
      else this.#aedes.close(() => { resolve(); });
    });
  }

  /** Publish as the data plane does. */
  publish(topic: string, payload: Buffer, qos: 0 | 1): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#aedes?.publish({ cmd: 'publish', topic, payload, qos, retain: false, dup: false }, (error) => { if (error == null) resolve(); else reject(error); });
    });
  }

  /** A certificate that is no longer active loses its connections. */
  dropCertificate(certificateId: string): void {
    const clients = (this.#aedes as unknown as Readonly<{ clients: Readonly<Record<string, Client>> }> | undefined)?.clients ?? {};
    for (const client of Object.values(clients)) if (this.#sessions.get(client)?.certificateId === certificateId) client.close();
  }

  #refuse(why: Refusal, facts: Readonly<Record<string, unknown>>): void {
    this.#refusals.set(why, (this.#refusals.get(why) ?? 0) + 1);
    this.#parts.cloud.log('iot', `refused: ${why}`, { stack: this.#parts.home.stack, ...facts });
  }

  #admit(client: Client, isInCloudTime: boolean): boolean {
    const { registry, policiesOf } = this.#parts;
    const peer = (client.conn as unknown as TLSSocket).getPeerCertificate();
    const certificate = registry.certificate(certificateIdOf(peer.raw));
    if (certificate?.status !== 'ACTIVE') {
      this.#refuse('certificate', { clientId: client.id });
      return false;
    }
    const session: Session = { clientId: client.id, certificateId: certificate.id, thingName: certificate.things.find((thing) => thing === client.id) ?? certificate.things[0], statements: policiesOf(certificate.policies), isInCloudTime };
    this.#sessions.set(client, session);
    if (this.#may(client, 'iot:Connect', 'client', client.id)) return true;
    this.#refuse('connect', { clientId: client.id });
    return false;
  }

  #may(client: Client | null, action: string, kind: string, path: string): boolean {
    if (client === null) return true;
    const session = this.#sessions.get(client);
    const { region, account } = this.#parts.home;
    return session !== undefined && isDeviceAllowed(session.statements, action, `arn:aws:iot:${region}:${account}:${kind}/${path}`, session);
  }

  #maySubscribe(client: Client | null, filter: string): boolean {
    const allowed = this.#may(client, 'iot:Subscribe', 'topicfilter', filter);
    if (!allowed) this.#refuse('subscribe', { clientId: client?.id, filter });
    return allowed;
  }

  #nowFor(client: Client | null): number {
    const isInWorldTime = client !== null && this.#sessions.get(client)?.isInCloudTime === false;
    return isInWorldTime ? Date.now() : this.#parts.cloud.clock.now();
  }

  /** Refuse, or hand to the rules; the sender's acknowledgement waits until they are done. */
  #authorizePublish(client: Client | null, { topic, payload }: Readonly<{ topic: string; payload: Buffer | string }>, done: (error?: Error | null) => void): void {
    const bytes = Buffer.from(payload as Buffer);
    if (bytes.length > MAXIMUM_PAYLOAD_BYTES) {
      this.#refuse('too-large', { clientId: client?.id, topic, bytes: bytes.length });
      done(new Error('payload too large'));
      return;
    }
    if (client !== null && !this.#may(client, 'iot:Publish', 'topic', topic)) {
      this.#refuse('publish', { clientId: client.id, topic });
      done(new Error('not authorized'));
      return;
    }
    this.#parts.onMessage(topic, bytes, client?.id ?? '', this.#nowFor(client)).then(() => { done(null); }, (error: unknown) => { done(error instanceof Error ? error : new Error(String(error))); });
  }
}
