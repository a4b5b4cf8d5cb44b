import type { BatchEvent } from '../../shared/batch/events.ts';
import { DomainError } from '../../shared/errors.ts';
import { CLOCK_TOLERANCE_MS, observedAnswer, TELEMETRY_LAG_MS } from '../../shared/prediction-governance/confirm.ts';
import { acknowledgeAction, pendingActions, refuseAction, sendAction, timeOutActions, type Pending } from '../../shared/prediction-governance/intervene.ts';
import type { Intervention, Ledger } from '../../shared/prediction-governance/ledger.ts';
import type { LedgerEvent } from '../../shared/prediction-governance/ledger-events.ts';
import { keyOf, TABLE } from '../../shared/storage/keys.ts';
import { task } from '../_platform/batch.ts';
import { inForce, type GovernancePorts, type GovernedBatch } from '../_platform/governed-batches.ts';
import { logger } from '../_platform/log.ts';
import type { OperationsStore } from '../_platform/ports.ts';
import type { TelemetryReader } from '../_platform/telemetry-reader.ts';
import { walk } from '../_platform/walk.ts';

type Sent = Extract<LedgerEvent, Readonly<{ type: 'intervention-sent' }>>;
export type CommanderPorts = GovernancePorts & Readonly<{
  operations: Pick<OperationsStore, 'list' | 'put'>;
  reader: TelemetryReader;
  /** Write the command to the equipment. */
  publish(command: Sent): Promise<void>;
}>;

const ACTOR = { actor: { kind: 'system', id: 'intervention-commander', version: '1' } } as const;
/** A late confirmation is looked for this long after its time. */
const WATCHED_MS = 24 * 3_600_000;
/** Of telemetry before a command, to know the value it had. */
const BEFORE_MS = CLOCK_TOLERANCE_MS + 3_600_000;
const KEPT_SECONDS = 86_400;

type Governor = Awaited<ReturnType<typeof inForce>>;

const awaited = ({ interventions }: Ledger, nowEpochMs: number): readonly Intervention[] =>
  [...interventions.values()].filter(({ acknowledged, acknowledgeBy }) => acknowledged === undefined && nowEpochMs <= Date.parse(acknowledgeBy) + WATCHED_MS);

/** Look in the telemetry for the answer to each command. */
const confirm = async ({ batches, reader, now }: CommanderPorts, batchId: string, { ledger }: GovernedBatch): Promise<void> => {
  for (const intervention of awaited(ledger, now().getTime())) {
    const { interventionId, edgeNodeId, deviceId, metric, sentAt } = intervention;
    const nowEpochMs = now().getTime();
    const [reported] = await reader.series([{ edgeNodeId, ...(deviceId !== undefined && { deviceId }), fromEpochMs: Date.parse(sentAt) - BEFORE_MS, toEpochMs: nowEpochMs + CLOCK_TOLERANCE_MS }], [metric]);
    const observed = reported === undefined ? undefined : observedAnswer(intervention, reported, nowEpochMs);
    if (observed !== undefined) await batches.change(batchId, ({ state }) => (state === undefined ? [] : acknowledgeAction(state.ledger, interventionId, observed)), ACTOR);
  }
};

/** What may happen to one accepted action now: it is sent, waits, or is given up. */
const decide = (govern: Governor, state: GovernedBatch, pending: Pending): readonly BatchEvent[] => {
  const isPending = pendingActions(state.ledger).some(({ recommendationId, index }) => recommendationId === pending.recommendationId && index === pending.index);
  if (!isPending) return [];
  try {
    return sendAction(govern(state), pending.recommendationId, pending.index);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return refuseAction(state, pending, error);
  }
};

/** On record first, then on its way: a command that was lost shows as not confirmed, and none is sent twice. */
const send = async (ports: CommanderPorts, batchId: string, { batch, ledger }: GovernedBatch): Promise<void> => {
  const pending = pendingActions(ledger);
  if (pending.length === 0) return;
  for (const each of pending) {
    // Looked up anew for each: what is behind a gateway may be another patient's by now.
    const govern = await inForce(ports, batch);
    const { recorded } = await ports.batches.change(batchId, ({ state }) => (state === undefined ? [] : decide(govern, state, each)), ACTOR);
    for (const { event } of recorded) if (event.type === 'intervention-sent') await ports.publish(event);
  }
};

const isOpen = ({ ledger }: GovernedBatch, nowEpochMs: number): boolean => pendingActions(ledger).length > 0 || awaited(ledger, nowEpochMs).length > 0;

/** Take a batch from those that are open, unless something was accepted since. */
const close = ({ operations, now }: CommanderPorts, batchId: string, version: number): Promise<boolean> =>
  operations.put(keyOf.interventionsOpen(batchId), { batchId, version, closed: true, [TABLE.timeToLive]: Math.floor(now().getTime() / 1000) + KEPT_SECONDS }, { onlyIfVersion: version });

const load = async ({ batches }: CommanderPorts, batchId: string): Promise<GovernedBatch> => {
  const { state } = await batches.load(batchId);
  if (state === undefined) throw new DomainError('batch-not-found', `no batch ${batchId}`, { batchId });
  return state;
};

const attend = async (ports: CommanderPorts, batchId: string): Promise<GovernedBatch> => {
  await confirm(ports, batchId, await load(ports, batchId));
  await ports.batches.change(batchId, ({ state }) => (state === undefined ? [] : timeOutActions(state.ledger, ports.now().getTime() - TELEMETRY_LAG_MS)), ACTOR);
  await send(ports, batchId, await load(ports, batchId));
  return load(ports, batchId);
};

type Open = Readonly<{ batchId: string; version: number; closed?: boolean }>;

/** @returns what went wrong with one batch; the others are attended to all the same */
const attendOpen = async (ports: CommanderPorts, { batchId, version }: Open): Promise<readonly unknown[]> => {
  try {
    if (!isOpen(await attend(ports, batchId), ports.now().getTime())) await close(ports, batchId, version);
    return [];
  } catch (error) {
    logger.error('interventions could not be attended to', { batchId, cause: String(error) });
    return [error];
  }
};

/**
 * Each minute, and at once when something was accepted: send what was accepted and not sent, look for what the equipment answers, put on record what it did not. A batch is left
 * when nothing of it is open.
 */
export const createHandler = (ports: CommanderPorts) => task(async ({ batchId }: Readonly<{ batchId?: string }>) => {
  if (batchId !== undefined) {
    await attend(ports, batchId);
    return { attended: 1 };
  }
  const [open, failures]: [Open[], unknown[]] = [[], []];
  for await (const each of walk<Open>(ports.operations, keyOf.interventionsOpen('-').pk)) if (each.closed !== true) open.push(each);
  for (const each of open) failures.push(...await attendOpen(ports, each));
  if (failures.length > 0) throw new AggregateError(failures, `interventions of ${failures.length} of ${open.length} batches could not be attended to`);
  return { attended: open.length };
});
