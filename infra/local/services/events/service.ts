import { randomUUID } from 'node:crypto';
import { AwsError, type Cloud, type LocalService, type LocalServiceFactory, type PolicyStatement, type Principal, type ProvisionedResource, type ResourceDeclaration, type SdkRequest, type SdkResponse } from '../../core/contracts.ts';
import { statementsOf } from '../../core/iam.ts';
import { matchesEvent, parsePattern } from './pattern.ts';
import { nextAfter, parseSchedule, type ScheduleExpression } from './schedule.ts';
import { Turns } from './turns.ts';

type Target = Readonly<{ Arn: string; Input?: string; RoleArn?: string; DeadLetterConfig?: Readonly<{ Arn: string }>; RetryPolicy?: Readonly<{ MaximumRetryAttempts?: number }> }>;
type Rule = Readonly<{ name: string; arn: string; busArn: string; pattern: unknown; schedule: ScheduleExpression | undefined; targets: readonly Target[]; account: string; region: string }>;
type Entry = Readonly<{ EventBusName?: string; Source?: string; DetailType?: string; Detail?: string }>;

/** A rule rests so long in real time after it has fired; what fell due in between is one firing (ADR 0006). */
const REST_MS = 1000;
/** One that is due each quarter of an hour or less often. */
const LONG_REST_MS = 4000;
const LONG_PERIOD_MS = 15 * 60_000;
/** Schedules that run at once: on a machine that is busy each waits for its turn, and those who are waited for go on. */
const SCHEDULES_AT_ONCE = 3;
const RETRY_MS = 500;
const DEFAULT_ATTEMPTS = 3;
const LARGEST_BATCH = 10;

const restAfter = (schedule: ScheduleExpression): number => (schedule.kind === 'rate' && schedule.periodMs < LONG_PERIOD_MS ? REST_MS : LONG_REST_MS);

/** Why a bus takes an entry not, as the code of its answer. */
const faultOf = ({ Source, DetailType, Detail }: Entry): string | undefined => {
  if (Source === undefined || DetailType === undefined || Detail === undefined) return 'InvalidArgument';
  try {
    const detail: unknown = JSON.parse(Detail);
    return typeof detail === 'object' && detail !== null && !Array.isArray(detail) ? undefined : 'MalformedDetail';
  } catch {
    return 'MalformedDetail';
  }
};

/** EventBridge: buses with patterns, schedules on the cloud's clock. */
export class EventsService implements LocalService {
  readonly name = 'events';
  readonly signingNames = ['events'];
  readonly resourceTypes = ['AWS::Events::EventBus', 'AWS::Events::EventBusPolicy', 'AWS::Events::Rule'];
  readonly deliverPrefixes = ['arn:aws:events:'];
  readonly #cloud: Cloud;
  readonly #rules = new Map<string, Rule>();
  readonly #policies = new Map<string, PolicyStatement[]>();
  readonly #running = new Map<string, AbortController>();
  readonly #turns = new Turns(SCHEDULES_AT_ONCE);

  constructor(cloud: Cloud) {
    this.#cloud = cloud;
  }

  provision({ stack, logicalId, type, properties }: ResourceDeclaration): ProvisionedResource {
    const name = `${stack.name}-${logicalId}`;
    const home = `arn:aws:events:${stack.region}:${stack.account}`;
    if (type === 'AWS::Events::EventBus') {
      this.#policies.set(`${home}:event-bus/${name}`, []);
      return { physicalId: name, attributes: { Arn: `${home}:event-bus/${name}`, Name: name } };
    }
    if (type === 'AWS::Events::EventBusPolicy') {
      const bus = `${home}:event-bus/${String(properties['EventBusName'])}`;
      const statement = properties['Statement'];
      this.#policies.set(bus, [...this.#policies.get(bus) ?? [], ...statementsOf({ Statement: statement })]);
      return { physicalId: name, attributes: {} };
    }
    const arn = `${home}:rule/${name}`;
    const schedule = properties['ScheduleExpression'];
    const busName = properties['EventBusName'];
    const targets = (properties['Targets'] ?? []) as readonly Target[];
    const shaped = targets.find((target) => 'InputTransformer' in target || 'InputPath' in target);
    if (shaped !== undefined) throw new Error(`${stack.name}/${logicalId}: the local cloud hands events over whole or as Input, not by InputTransformer or InputPath`);
    if (properties['State'] === 'DISABLED') return { physicalId: name, attributes: { Arn: arn } };
    this.#rules.set(arn, {
      name, arn, busArn: busName === undefined ? `${home}:event-bus/default` : String(busName).startsWith('arn:') ? String(busName) : `${home}:event-bus/${String(busName)}`, pattern: properties['EventPattern'] === undefined ? undefined : parsePattern(properties['EventPattern']), account: stack.account, region: stack.region,
      schedule: schedule === undefined ? undefined : parseSchedule(String(schedule)), targets,
    });
    return { physicalId: name, attributes: { Arn: arn } };
  }

  start(): Promise<void> {
    for (const rule of this.#rules.values()) {
      if (rule.schedule === undefined || this.#running.has(rule.arn)) continue;
      const stopping = new AbortController();
      this.#running.set(rule.arn, stopping);
      void this.#keepTime(rule, rule.schedule, stopping.signal);
    }
    return Promise.resolve();
  }

  stop(): Promise<void> {
    for (const stopping of this.#running.values()) stopping.abort();
    return Promise.resolve();
  }

  async #keepTime(rule: Rule, schedule: ScheduleExpression, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const due = nextAfter(schedule, this.#cloud.clock.now());
      try {
        await this.#cloud.clock.until(due, signal);
      } catch {
        return;
      }
      await this.#turns.run(() => this.#fire(rule, { version: '0', id: randomUUID(), source: 'aws.events', 'detail-type': 'Scheduled Event', account: rule.account, region: rule.region, time: new Date(this.#cloud.clock.now()).toISOString(), resources: [rule.arn], detail: {} }));
      await new Promise((resolve) => { setTimeout(resolve, restAfter(schedule)); });
    }
  }

  async #fire(rule: Rule, event: unknown): Promise<void> {
    await Promise.all(rule.targets.map((target) => this.#deliver(rule, target, target.Input === undefined ? event : JSON.parse(target.Input) as unknown)));
  }

  async #deliver(rule: Rule, target: Target, payload: unknown): Promise<void> {
    const from = target.RoleArn === undefined ? { service: 'events.amazonaws.com', sourceArn: rule.arn } : this.#cloud.principalOf(target.RoleArn);
    const attempts = 1 + Math.min(target.RetryPolicy?.MaximumRetryAttempts ?? DEFAULT_ATTEMPTS, DEFAULT_ATTEMPTS);
    for (let attempt = 1; attempt <= attempts; attempt += 1) {
      try {
        await this.#cloud.deliver(target.Arn, payload, from);
        return;
      } catch (error) {
        this.#cloud.log('events', 'delivery failed', { rule: rule.name, target: target.Arn, attempt, error: error instanceof Error ? error.message : String(error) });
        await new Promise((resolve) => { setTimeout(resolve, RETRY_MS * attempt); });
      }
    }
    if (target.DeadLetterConfig !== undefined) await this.#cloud.deliver(target.DeadLetterConfig.Arn, payload, from).catch((error: unknown) => { this.#cloud.log('events', 'dead letter lost', { rule: rule.name, error: String(error) }); });
  }

  async handle({ operation, body, principal }: SdkRequest): Promise<SdkResponse> {
    if (operation !== 'PutEvents') throw new AwsError('UnknownOperationException', `the local cloud does not serve EventBridge ${operation ?? ''}`);
    const { Entries } = JSON.parse(body.toString('utf8')) as Readonly<{ Entries: readonly Entry[] }>;
    if (Entries.length === 0 || Entries.length > LARGEST_BATCH) throw new AwsError('ValidationException', `got ${Entries.length} entries, want 1 to ${LARGEST_BATCH}`);
    const accepted = Entries.map((entry) => {
      const fault = faultOf(entry);
      return fault === undefined ? this.#accept(entry, principal.region, principal.account, (busArn) => { this.#authorizePut(principal, entry, busArn); }) : { fault };
    });
    await Promise.all(accepted.flatMap((each) => ('fault' in each ? [] : [each.deliver()])));
    const answers = accepted.map((each) => ('fault' in each ? { ErrorCode: each.fault, ErrorMessage: each.fault } : { EventId: each.id }));
    return { status: 200, headers: { 'content-type': 'application/x-amz-json-1.1' }, body: JSON.stringify({ FailedEntryCount: accepted.filter((each) => 'fault' in each).length, Entries: answers }) };
  }

  #authorizePut(principal: Principal, { Source = '', DetailType = '' }: Entry, busArn: string): void {
    this.#cloud.authorize(principal, 'events:PutEvents', busArn, { resourcePolicy: this.#policies.get(busArn) ?? [], resourceAccount: busArn.split(':')[4] ?? '', context: { 'events:source': Source, 'events:detail-type': DetailType } });
  }

  /** What AWS itself tells on the default bus of an account, e.g. CloudTrail; resolves when every rule that takes it has delivered. */
  async announce({ region, account }: Readonly<{ region: string; account: string }>, entry: Entry): Promise<void> {
    await this.#accept(entry, region, account, () => undefined).deliver();
  }

  /** An entry put on a bus by another service, with the caller's role. */
  async receive(targetArn: string, payload: unknown, from: Principal | Readonly<{ service: string; sourceArn: string }>): Promise<unknown> {
    if ('service' in from) throw new AwsError('AccessDeniedException', 'an event is put on a bus with a role', 403);
    const entry = { ...(payload as Entry), EventBusName: targetArn };
    const { id, deliver } = this.#accept(entry, from.region, from.account, (busArn) => { this.#authorizePut(from, entry, busArn); });
    await deliver();
    return { EventId: id };
  }

  #accept({ EventBusName = 'default', Source = '', DetailType = '', Detail = '{}' }: Entry, region: string, account: string, authorize: (busArn: string) => void) {
    const busArn = EventBusName.startsWith('arn:') ? EventBusName : `arn:aws:events:${region}:${account}:event-bus/${EventBusName}`;
    authorize(busArn);
    const id = randomUUID();
    const event = { version: '0', id, source: Source, 'detail-type': DetailType, account, region, time: new Date(this.#cloud.clock.now()).toISOString(), resources: [], detail: JSON.parse(Detail) as unknown };
    const matching = [...this.#rules.values()].filter((rule) => rule.busArn === busArn && rule.pattern !== undefined && matchesEvent(rule.pattern, event));
    return { id, deliver: async () => { for (const rule of matching) await this.#fire(rule, event); } };
  }
}

export const createEventsService: LocalServiceFactory = (cloud) => new EventsService(cloud);
