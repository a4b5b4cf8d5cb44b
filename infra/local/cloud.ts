import { createHash, randomBytes } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, rmSync, writeFileSync, renameSync } from 'node:fs';
import { join, resolve as resolvePath } from 'node:path';
import type { Server } from 'node:http';
import { readAssembly, type Assembly } from './core/assembly.ts';
import { ensureCertificates } from './core/certificates.ts';
import { LapseClock } from './core/clock.ts';
import { AwsError, type Cloud, type DeliverOptions, type LocalService, type LocalServiceFactory, type Principal } from './core/contracts.ts';
import { createEndpoint } from './core/endpoint.ts';
import { isServiceAllowed, requireAllowed } from './core/iam.ts';
import { Provisioner } from './core/provisioner.ts';
import { JsonFile, lockFolder } from './core/state.ts';

export type LocalCloudOptions = Readonly<{
  assemblyFolder: string;
  stateFolder: string;
  services: readonly LocalServiceFactory[];
  /** How far behind real time a *new* cloud starts. @default 0 */
  clockOffsetMs?: number;
  /** First port; services take the next free ones and keep them. @default 8400 */
  portBase?: number;
  /** Bring everything up and let nothing run: no interface, follower, schedule or workflow; only SDK calls are served. For a restore. @default false */
  isStandby?: boolean;
  onProgress?(message: string): void;
}>;

export type RunningCloud = Cloud & Readonly<{
  clock: LapseClock;
  adminToken: string;
  admin: Principal;
  /** An administrator of one stack's account and region. */
  adminOf(stackName: string): Principal;
  outputsOf(stackName: string): Readonly<Record<string, string>>;
  stackNames(): readonly string[];
  /** Read the assembly again and bring up what is new. */
  apply(): Promise<void>;
  endpoints(): readonly Readonly<{ stack: string; name: string; value: unknown }>[];
  /** Called after each `apply` that a program asked for. */
  whenApplied(run: () => Promise<void>): void;
  stop(): Promise<void>;
}>;

type Settings = Readonly<{ offsetMs: number; adminToken: string; adminKey: string; ports: Readonly<Record<string, number>> }>;

const ADMIN: Principal = { arn: 'arn:aws:iam::000000000000:user/local-admin', account: '000000000000', region: 'eu-west-1', policies: [], admin: true };

/** A port that another program has, in words that help: a network keeps its ports, since devices and bookmarks know them, so that another range is no way out for one that was up before. */
const explained = (error: unknown, isNew: boolean): unknown => {
  const { code, port } = error as NodeJS.ErrnoException & Readonly<{ port?: number }>;
  if (code !== 'EADDRINUSE') return error;
  const wayOut = isNew ? 'choose another range with --port' : 'this network keeps its ports: stop the program that has it, or begin another network with --state and --port';
  return new Error(`port ${port ?? ''} is in use: ${wayOut}`, { cause: error });
};

/** Start the services, provision every stack of the assembly, and serve. A first start that fails leaves no settings behind. @throws Error before anything is started when the assembly has what no service knows */
export const startLocalCloud = async (options: LocalCloudOptions): Promise<RunningCloud> => {
  const stateFolder = resolvePath(options.stateFolder);
  const progress = options.onProgress ?? ((): void => undefined);
  const unlock = lockFolder(stateFolder);
  const logFolder = join(stateFolder, 'logs');
  mkdirSync(logFolder, { recursive: true });
  const settingsFile = join(stateFolder, 'settings.json');
  const isNew = !existsSync(settingsFile);
  const settings = new JsonFile<Settings>(settingsFile, {
    offsetMs: options.clockOffsetMs ?? 0, adminToken: randomBytes(24).toString('hex'), adminKey: `LOCAL${randomBytes(10).toString('hex').toUpperCase()}`, ports: {},
  });
  settings.set(settings.value);
  const certificateFolder = join(stateFolder, 'certificates');
  await ensureCertificates(certificateFolder);
  const clock = new LapseClock(settings.value.offsetMs, (offsetMs) => { settings.set({ ...settings.value, offsetMs }); });
  const accessKeys = new Map<string, Principal>([[settings.value.adminKey, ADMIN]]);
  const keyByArn = new Map<string, string>([[ADMIN.arn, settings.value.adminKey]]);
  const services: LocalService[] = [];

  const portFor = (name: string): number => {
    const known = settings.value.ports[name];
    if (known !== undefined) return known;
    const port = (options.portBase ?? 8400) + Object.keys(settings.value.ports).length;
    settings.set({ ...settings.value, ports: { ...settings.value.ports, [name]: port } });
    return port;
  };
  const endpointUrl = `http://127.0.0.1:${portFor('sdk')}`;

  const log = (service: string, message: string, facts: Readonly<Record<string, unknown>> = {}): void => {
    appendFileSync(join(logFolder, `${service}.log`), `${JSON.stringify({ at: new Date(clock.now()).toISOString(), message, ...facts })}\n`);
  };

  const provisioner = new Provisioner(services, () => readAssembly(options.assemblyFolder));

  const cloud: RunningCloud = {
    clock, certificateFolder, endpointUrl, portFor, log, admin: ADMIN,
    adminOf: (stackName) => ({ ...ADMIN, arn: `${ADMIN.arn}/${stackName}`, ...provisioner.homeOf(stackName) }), adminToken: settings.value.adminToken,
    stateFolder: (service) => {
      const folder = join(stateFolder, service);
      mkdirSync(folder, { recursive: true });
      return folder;
    },
    authorize: (principal, action, resource, more = {}) => {
      requireAllowed({ principal, action, resource, ...more });
      provisioner.keys.require(principal, action, resource);
    },
    principalOf: (roleArn) => provisioner.roles.principalOf(roleArn),
    deliver: (targetArn, payload, from, deliverOptions: DeliverOptions = {}) => {
      const target = services.find(({ deliverPrefixes = [] }) => deliverPrefixes.some((prefix) => targetArn.startsWith(prefix)));
      if (target?.receive === undefined) throw new AwsError('ValidationException', `nothing in the local cloud receives events for ${targetArn}`);
      return target.receive(targetArn, payload, from, deliverOptions);
    },
    service: <Service extends LocalService>(name: string): Service => {
      const found = services.find((each) => each.name === name);
      if (found === undefined) throw new Error(`the local cloud runs no service ${name}`);
      return found as Service;
    },
    environmentFor: (principal) => {
      const key = keyByArn.get(principal.arn) ?? `LOCAL${createHash('sha256').update(principal.arn).update(settings.value.adminToken).digest('hex').slice(0, 15).toUpperCase()}`;
      keyByArn.set(principal.arn, key);
      accessKeys.set(key, principal);
      return { AWS_ENDPOINT_URL: endpointUrl, AWS_ACCESS_KEY_ID: key, AWS_SECRET_ACCESS_KEY: 'local', AWS_SESSION_TOKEN: 'local', AWS_REGION: principal.region, AWS_DEFAULT_REGION: principal.region };
    },
    outputsOf: (stackName) => provisioner.outputsOf(stackName),
    stackNames: () => provisioner.stackNames(),
    endpoints: () => services.flatMap((each) => each.endpoints?.() ?? []),
    apply: async () => {
      await provisioner.apply(progress);
      await startServices();
    },
    whenApplied: (run) => { onApplied = run; },
    stop: async () => {
      server.closeAllConnections();
      server.close();
      for (const service of services.toReversed()) await service.stop?.();
      unlock();
    },
  };

  const startServices = async (): Promise<void> => {
    if (options.isStandby === true) return;
    for (const service of services) await service.start?.();
  };

  const administer = async (method: string, path: string, body: unknown, token: string | undefined): Promise<unknown> => {
    if (path === '/health') return { status: 'pass', stacks: provisioner.stackNames() };
    if (token !== settings.value.adminToken) throw new AwsError('AccessDenied', 'the admin token of .bedside/endpoints.json is wanted as bearer token', 403);
    // Time does not jump while stacks are brought up: people sign there, and a sign-in would be old at once.
    if (path === '/clock' && method === 'POST') await applying.catch(() => undefined);
    if (path === '/clock' && method === 'POST') return { offsetMs: clock.advance(Number((body as Readonly<{ advanceMs?: unknown }> | undefined)?.advanceMs)), now: clock.now() };
    if (path === '/clock') return { offsetMs: clock.offsetMs, now: clock.now() };
    if (path === '/apply' && method === 'POST') {
      applying = applying.catch(() => undefined).then(() => cloud.apply()).then(() => onApplied());
      await applying;
      return { stacks: provisioner.stackNames() };
    }
    throw new AwsError('NotFound', `no ${method} /_local${path}`, 404);
  };
  let onApplied = async (): Promise<void> => Promise.resolve();
  let applying = Promise.resolve();

  /** A role's policies as they stand now: some are attached after the role's function exists. */
  const currentPrincipal = (principal: Principal | undefined): Principal | undefined => (principal === undefined || principal.admin ? principal : provisioner.roles.principalOf(principal.arn));

  const server: Server = createEndpoint({
    principalByAccessKey: (key) => currentPrincipal(accessKeys.get(key)), serviceBySigningName: (name) => services.find(({ signingNames }) => signingNames.includes(name)), administer, log: (message, facts) => { log('endpoint', message, facts); },
  });
  try {
    services.push(...options.services.map((create) => create(cloud)));
    provisioner.requireKnownTypes();
    await listen(server, Number(new URL(endpointUrl).port));
    for (const service of services) await service.prepare?.();
    await cloud.apply();
  } catch (error) {
    await cloud.stop();
    if (isNew) rmSync(settingsFile, { force: true });
    throw explained(error, isNew);
  }
  return cloud;
};

const listen = (server: Server, port: number): Promise<void> => new Promise((resolve, reject) => {
  server.once('error', reject);
  server.listen(port, '127.0.0.1', () => { resolve(); });
});

/** Write a file as a whole or not at all. */
export const writeAtomically = (path: string, text: string): void => {
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  renameSync(`${path}.new`, path);
};

/** For services: does a resource policy let this AWS service act? @throws AwsError 403 */
export const requireServiceAllowed = (service: string, action: string, resource: string, policy: Parameters<typeof isServiceAllowed>[3], sourceArn: string): void => {
  if (!isServiceAllowed(service, action, resource, policy, { 'aws:SourceArn': sourceArn, 'aws:SourceAccount': sourceArn.split(':')[4] ?? '' })) {
    throw new AwsError('AccessDeniedException', `${service} (for ${sourceArn}) is not authorized to perform ${action} on ${resource}`, 403);
  }
};

export type { Assembly };
