import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { LapseClock } from '../../../infra/local/core/clock.ts';
import type { AwsError, Cloud, LocalService, Principal, ResourceDeclaration, SdkRequest, SdkResponse } from '../../../infra/local/core/contracts.ts';
import { requireAllowed, statementsOf } from '../../../infra/local/core/iam.ts';

export const ACCOUNT = '111111111111';
export const REGION = 'eu-west-1';
export const ADMIN: Principal = { arn: 'arn:aws:iam::111111111111:user/admin', account: ACCOUNT, region: REGION, policies: [], admin: true };

/** A role with these statements, written as in a template. */
export const roleWith = (statements: readonly unknown[], account = ACCOUNT): Principal => ({ arn: `arn:aws:iam::${account}:role/function`, account, region: REGION, policies: statementsOf({ Statement: statements }), admin: false });

export type Delivery = Readonly<{ targetArn: string; payload: unknown }>;

/** A cloud of one folder: real clock, real access rules, the services a test gives it; what is delivered elsewhere is kept. */
export const testCloud = (folder: string, more: Partial<Cloud> = {}) => {
  const deliveries: Delivery[] = [];
  const services = new Map<string, LocalService>();
  const logs: string[] = [];
  const clock = new LapseClock(30 * 86_400_000, () => undefined);
  const cloud: Cloud = {
    clock, endpointUrl: 'http://127.0.0.1:1', certificateFolder: folder,
    stateFolder: (service) => {
      mkdirSync(join(folder, service), { recursive: true });
      return join(folder, service);
    },
    authorize: (principal, action, resource, options = {}) => { requireAllowed({ principal, action, resource, ...options }); },
    principalOf: () => ADMIN,
    deliver: (targetArn, payload) => {
      deliveries.push({ targetArn, payload });
      return Promise.resolve(undefined);
    },
    service: <Service extends LocalService>(name: string) => services.get(name) as Service,
    environmentFor: () => ({}), portFor: () => 0, log: (service, message) => { logs.push(`${service}: ${message}`); }, ...more,
  };
  return { cloud, clock, services, deliveries, logs };
};

export const declaration = (type: string, properties: Readonly<Record<string, unknown>> = {}, logicalId = 'It', account = ACCOUNT): ResourceDeclaration => ({ stack: { name: 'Node', account, region: REGION }, logicalId, type, properties, assetByKey: new Map() });

/** A call in a JSON protocol; `body` is JSON unless it is bytes. */
export const request = (more: Partial<Omit<SdkRequest, 'body' | 'query'>> & Readonly<{ body?: unknown; query?: Readonly<Record<string, string>> }>): SdkRequest => ({
  service: 'test', method: 'POST', path: '/', headers: {}, operation: undefined, principal: ADMIN, ...more, query: new URLSearchParams(more.query), body: Buffer.isBuffer(more.body) ? more.body : Buffer.from(JSON.stringify(more.body ?? {})),
});

export const jsonOf = <Answer = Readonly<Record<string, unknown>>>({ body }: SdkResponse): Answer => JSON.parse(String(body)) as Answer;

/** Code of the error a call ends in, or `none`. */
export const codeOf = async (run: () => unknown): Promise<string> => {
  try {
    await run();
    return 'none';
  } catch (error) {
    return (error as AwsError).code;
  }
};
