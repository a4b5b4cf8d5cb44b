import diagnostics from 'node:diagnostics_channel';
import type { Endpoints } from '../../scripts/client/endpoints.ts';
import { LocalClock } from '../../scripts/client/local-clock.ts';
import { playExampleBatch } from '../../scripts/example/example-batch.ts';
import { EXAMPLE_DEVICE, EXAMPLE_GATEWAY } from '../../scripts/example/seed-network.ts';
import type { CloudProcess } from '../support/local/cloud-process.ts';
import { percentile, row, type Row } from './row.ts';
import { hoursOf, minutesOf, openSegments } from './stored.ts';

const NODE = 'north';
type UndiciRequest = Readonly<{ method: string; path: string }>;
type Timed = Readonly<{ path: string; ms: number }>;

/** Times every POST that this process makes, from the request to the head of its answer. */
const timingPosts = async (run: () => Promise<unknown>): Promise<readonly Timed[]> => {
  const began = new WeakMap<object, number>();
  const timed: Timed[] = [];
  const onCreate = (message: unknown): void => { began.set((message as { request: object }).request, performance.now()); };
  const onHeaders = (message: unknown): void => {
    const { request } = message as { request: UndiciRequest };
    if (request.method === 'POST') timed.push({ path: request.path, ms: performance.now() - (began.get(request) ?? Number.NaN) });
  };
  diagnostics.subscribe('undici:request:create', onCreate);
  diagnostics.subscribe('undici:request:headers', onHeaders);
  try {
    await run();
  } finally {
    diagnostics.unsubscribe('undici:request:create', onCreate);
    diagnostics.unsubscribe('undici:request:headers', onHeaders);
  }
  return timed;
};

/** Time of all commands on one phase, for each phase. */
const phasesOf = (timed: readonly Timed[]): readonly number[] => {
  const byPhase = new Map<string, number>();
  for (const { path, ms } of timed) {
    const phase = /\/phases\/([^/]+)\//.exec(path)?.[1];
    if (phase !== undefined) byPhase.set(phase, (byPhase.get(phase) ?? 0) + ms);
  }
  return [...byPhase.values()];
};

/** One batch of the shipped process, from collection to certificate: how long its commands take, and what its telemetry weighs. */
export const measureExample = async (cloud: CloudProcess, endpoints: Endpoints, say: (text: string) => void): Promise<readonly Row[]> => {
  let shown = 0;
  const onProgress = (text: string, share: number): void => {
    if (Math.floor(share * 10) <= shown) return;
    shown = Math.floor(share * 10);
    say(`${Math.round(share * 100)} %: ${text}`);
  };
  const began = performance.now();
  const timed = await timingPosts(() => playExampleBatch({ endpoints, nodeId: NODE, stateFolder: cloud.stateFolder, onProgress, signal: new AbortController().signal }));
  const seconds = (performance.now() - began) / 1000;
  const node = endpoints.nodes[NODE];
  if (node === undefined) throw new Error(`no node ${NODE}`);
  const clock = new LocalClock(endpoints);
  await cloud.until('all segments to be sealed', async () => {
    await clock.advance(60_000);
    return (await openSegments(node)) === 0;
  });
  const [minutes, hours] = [await minutesOf(node, EXAMPLE_GATEWAY, EXAMPLE_DEVICE), await hoursOf(node, EXAMPLE_GATEWAY, EXAMPLE_DEVICE)];
  const commands = timed.filter(({ path }) => /\/phases\/[^/]+\//.test(path)).map(({ ms }) => ms);
  const empty = timed.filter(({ path }) => path === '/').map(({ ms }) => ms);
  const phases = phasesOf(timed);
  const reference = percentile(empty, 0.5);
  return [
    row('example batch: collection to certificate', seconds, 's', 180, 'expectation, at most'),
    row('example batch: stored, minute chunks', minutes.bytes / minutes.samples, 'B/sample', 2.5, 'target, at most'),
    row('example batch: stored, minute chunks and hour copies', (minutes.bytes + hours.bytes) / minutes.samples, 'B/sample', 2.5, 'target, at most'),
    row('phase: one command, p50', percentile(commands, 0.5), 'ms', reference, 'a sign-in, p50'),
    row('phase: one command, p99', percentile(commands, 0.99), 'ms', reference, 'a sign-in, p50'),
    row('phase: executing one whole, p50', percentile(phases, 0.5), 'ms', reference, 'a sign-in, p50'),
    row('phase: executing one whole, p99', percentile(phases, 0.99), 'ms', reference, 'a sign-in, p50'),
  ];
};
