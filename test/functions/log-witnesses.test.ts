import type { Context } from 'aws-lambda';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { createHandler as createSequencer } from '../../functions/log-sequencer/handler.ts';
import { createHandler as createWitness } from '../../functions/log-witness/handler.ts';
import { witnessTableKey } from '../../functions/_platform/directory.ts';
import { witnessAt } from '../../functions/_platform/witness-client.ts';
import { quorumOf, type DirectoryEntry } from '../../shared/audit-log/directory.ts';
import { MAXIMUM_MERGE_SECONDS, OVERHEAD_SECONDS, RUN_EVERY_SECONDS, TAKE_IN_SECONDS, WITNESS_SECONDS } from '../../shared/audit-log/merge-delay.ts';
import { parseNote, signNote, formatNote } from '../../shared/audit-log/note.ts';
import { formatCheckpoint } from '../../shared/audit-log/checkpoint.ts';
import { formatAddCheckpoint } from '../../shared/audit-log/witness-request.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { createJourney, equip } from '../support/journey.ts';
import { createMemoryOperationsStore } from '../support/memory/operations-store.ts';
import { createNode, type TestNode } from '../support/node.ts';
import { siteKeys, siteSigners } from '../support/site-keys.ts';
import { entriesOf, naiveConsistency, naiveRoot, seedOf } from '../unit/audit-log/reference.ts';

const CONTEXT = { awsRequestId: 'r-1' } as Context;
const NOW = new Date('2026-03-02T14:05:09.120Z');
const entryOf = (siteId: string): DirectoryEntry => ({ siteId, witnessKey: siteKeys(siteId).witnessKey, ...(siteId === 'control' ? {} : { logKey: siteKeys(siteId).logKey }) });

/** A site's witness over a table of its own, which knows these sites. */
const createSite = (siteId: string, sites: readonly DirectoryEntry[]) => {
  const table = createMemoryOperationsStore();
  for (const site of sites) table.items.set(site.siteId, { ...witnessTableKey.site(site.siteId), ...site });
  const { witness } = siteSigners(siteId);
  const handler = createWitness({ table, identity: () => Promise.resolve(witness), now: () => NOW });
  const ask = async (body: Uint8Array) => {
    const { statusCode = 0, headers = {}, body: text = '' } = await handler({ routeKey: 'POST /v1/log/witness/add-checkpoint', body: Buffer.from(body).toString('base64'), isBase64Encoded: true }, CONTEXT);
    return { status: statusCode, contentType: String(headers['content-type']), body: text };
  };
  return { table, ask, witness: { key: witness.key, addCheckpoint: ask } };
};
/** A checkpoint of a hospital's log, asked to be cosigned. */
const bodyOf = async (siteId: string, oldSize: number, size: number, signers = siteSigners(siteId)): Promise<Uint8Array> => {
  const entries = entriesOf(size);
  return formatAddCheckpoint(oldSize, naiveConsistency(oldSize, entries), formatNote(await signNote(formatCheckpoint({ origin: signers.log.key.name, size, root: naiveRoot(entries) }), [signers.log.signer])));
};

describe('the witness of a hospital', () => {
  const network = ['control', 'north', 'hill'].map(entryOf);
  it('cosigns the logs of the other hospitals, each apart, and not its own', async () => {
    const { ask, table } = createSite('north', [...network, entryOf('harbour')]);
    expect((await ask(await bodyOf('hill', 0, 7))).status).toBe(200);
    expect((await ask(await bodyOf('harbour', 0, 3))).status).toBe(200);
    expect((await ask(await bodyOf('hill', 7, 9))).status).toBe(200);
    expect((await ask(await bodyOf('north', 0, 3))).status).toBe(404);
    expect(await table.get(witnessTableKey.state('bedside.network/hill'))).toMatchObject({ size: 9 });
    expect(await table.get(witnessTableKey.state('bedside.network/harbour'))).toMatchObject({ size: 3 });
    expect((await table.list(witnessTableKey.checkpoint('hill', 0).pk, { limit: 9 })).items).toMatchObject([{ size: 7 }, { size: 9 }]);
  });
  it('does not cosign for a site that is not registered, nor for one under another key, and stores nothing', async () => {
    const { ask, table } = createSite('north', network);
    const before = structuredClone([...table.items.entries()]);
    expect((await ask(await bodyOf('harbour', 0, 3))).status).toBe(404);
    expect((await ask(await bodyOf('hill', 0, 3, siteSigners('hill', 2)))).status).toBe(403);
    expect([...table.items.entries()]).toEqual(before);
  });
  it('cosigns one of two histories that come at the same time', async () => {
    const { ask } = createSite('north', network);
    const { log } = siteSigners('hill');
    const fork = formatAddCheckpoint(0, [], formatNote(await signNote(formatCheckpoint({ origin: log.key.name, size: 7, root: seedOf('fork') }), [log.signer])));
    const answers = await Promise.all([ask(await bodyOf('hill', 0, 7)), ask(fork)]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409]);
  });
});

describe('a site that is asked over the network', () => {
  /** For what hangs: a busy machine may take its time. */
  const WAIT_MS = 120_000;
  const site = { ...entryOf('hill'), apiUrl: '' };
  const serve = async (answer: Parameters<typeof createServer>[1]): Promise<string> => {
    const server = createServer(answer).listen(0, '127.0.0.1');
    await new Promise((resolve) => { server.once('listening', resolve); });
    onTestFinished(() => { server.closeAllConnections(); server.close(); });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const askAt = (apiUrl: string, ms = WAIT_MS) => witnessAt({ ...site, apiUrl }, 'http://127.0.0.1:1', AbortSignal.timeout(ms)).addCheckpoint(Buffer.from('old 0\n'));
  it('answers as it does', async () => {
    const url = await serve((_, response) => { response.writeHead(409, { 'content-type': 'text/x.tlog.size' }).end('7\n'); });
    expect(await askAt(url)).toEqual({ status: 409, contentType: 'text/x.tlog.size', body: '7\n' });
  });
  it('is given up when it hangs, when its answer does not end, and when it sends the caller elsewhere', async () => {
    await expect(askAt(await serve(() => undefined), 200)).rejects.toThrow('timeout');
    await expect(askAt(await serve((_, response) => { response.writeHead(200); const more = setInterval(() => response.write('x'.repeat(8000)), 1); response.on('close', () => { clearInterval(more); }); }))).rejects.toThrow('16384');
    let asked = 0;
    const elsewhere = await serve((_, response) => { asked += 1; response.end('ok'); });
    await expect(askAt(await serve((_, response) => { response.writeHead(307, { location: elsewhere }).end(); }))).rejects.toThrow();
    expect(asked).toBe(0);
  });
  it('is the control site at the interface this hospital was deployed with', async () => {
    const url = await serve((_, response) => { response.end('control'); });
    expect((await witnessAt({ ...entryOf('control'), apiUrl: 'http://127.0.0.1:1' }, url, AbortSignal.timeout(WAIT_MS)).addCheckpoint(Buffer.from(''))).body).toBe('control');
  });
});

describe('the sequencer of a hospital with several witnesses', () => {
  let node: TestNode;
  beforeEach(async () => {
    node = createNode();
    await equip(node);
    await createJourney(node);
  });
  const network = (): DirectoryEntry[] => ['control', 'hill', 'harbour'].map(entryOf);
  /** North's log has the key of its test node. */
  const createWitnesses = () => ['control', 'hill', 'harbour'].map((siteId) => createSite(siteId, network().map((each) => each)));
  const createRuns = (witnesses: readonly Readonly<{ witness: { key: ReturnType<typeof siteSigners>['witness']['key']; addCheckpoint: ReturnType<typeof createSite>['ask'] } }>[], tick = 0) => {
    const counted: Record<string, number> = {};
    const clock = { epochMs: NOW.getTime() };
    const handler = createSequencer({
      store: node.log.store, operations: node.operations, leaves: node.leaves, places: node.log.places, now: () => new Date(clock.epochMs += tick), count: (name, value) => { counted[name] = (counted[name] ?? 0) + value; },
      identity: () => Promise.resolve({ key: node.log.key, signer: node.log.signer, witnesses: witnesses.map(({ witness }) => witness), quorum: quorumOf(witnesses.length) }),
    });
    return { counted, run: () => handler({}, CONTEXT) };
  };
  const knowNorth = (sites: ReturnType<typeof createWitnesses>): void => {
    const { key: { name, keyId, type, publicKey } } = node.log;
    const logKey = `${name}+${keyId.toString(16).padStart(8, '0')}+${Buffer.concat([Uint8Array.of(type), publicKey]).toString('base64')}`;
    for (const { table } of sites) table.items.set('north', { ...witnessTableKey.site('north'), siteId: 'north', witnessKey: siteKeys('north').witnessKey, logKey });
  };

  it('publishes with quorum 2 of 3 while one hospital\'s witness is off, counts it, and adds its cosignature when it is back', async () => {
    const sites = createWitnesses();
    knowNorth(sites);
    const off = { witness: { ...sites[1]!.witness, addCheckpoint: () => Promise.reject(new Error('no route')) } };
    const without = createRuns([sites[0]!, off, sites[2]!]);
    expect(await without.run()).toMatchObject({ checkpoint: 'published' });
    expect(without.counted).toMatchObject({ WitnessesMissing: 1, CheckpointsWaiting: 0 });
    expect(await createRuns(sites).run()).toMatchObject({ checkpoint: 'completed', entries: 0 });
    expect(parseNote((await node.log.store.readCheckpoint())!.bytes).signatures.map(({ name }) => name)).toEqual(['bedside.network/north', ...['control', 'harbour', 'hill'].map((siteId) => `bedside.network/witness/${siteId}`)]);
  });
  it('waits while two are off, loses nothing, and publishes when one is back', async () => {
    const sites = createWitnesses();
    knowNorth(sites);
    const off = { witness: { ...sites[1]!.witness, addCheckpoint: () => Promise.reject(new Error('no route')) } };
    const { run, counted } = createRuns([sites[0]!, off, { witness: { ...off.witness, key: sites[2]!.witness.key } }]);
    const { entries, checkpoint } = await run();
    expect([checkpoint, counted['CheckpointsWaiting'], await node.log.store.readCheckpoint()]).toEqual(['waiting', 1, undefined]);
    expect(await createRuns([sites[0]!, off, sites[2]!]).run()).toEqual({ checkpoint: 'published', size: entries, entries: 0, isWhole: true });
  });
  it('publishes nothing while no witness is registered', async () => {
    expect(await createRuns([]).run()).toMatchObject({ checkpoint: 'waiting' });
    expect(await node.log.store.readCheckpoint()).toBeUndefined();
  });
  it('stops taking in after its time, publishes what it has, says that it is behind, and the next run takes the rest', async () => {
    const sites = createWitnesses();
    knowNorth(sites);
    const [pending] = (await node.operations.list<{ pk: string; sk: string }>(keyOf.logPending('-', '-', '-', 0).pk, { limit: 1 })).items;
    for (let copy = 0; copy < 1100; copy += 1) await node.operations.put({ pk: pending!.pk, sk: `${pending!.sk}~${String(copy).padStart(4, '0')}` }, pending!);
    const slow = createRuns(sites, TAKE_IN_SECONDS * 1000);
    expect(await slow.run()).toMatchObject({ checkpoint: 'published' });
    expect(slow.counted['LogBehind']).toBe(1);
    const next = createRuns(sites);
    await next.run();
    expect(next.counted['LogBehind']).toBe(0);
    expect((await node.operations.list(pending!.pk, { limit: 1 })).items).toEqual([]);
  });
  it('merges within 60 s: what an event waits for a run, a run takes in and waits for its witnesses leaves time for the rest', () => {
    expect(MAXIMUM_MERGE_SECONDS).toBe(60);
    expect(RUN_EVERY_SECONDS + TAKE_IN_SECONDS + WITNESS_SECONDS + OVERHEAD_SECONDS).toBeLessThanOrEqual(60);
    expect(OVERHEAD_SECONDS).toBeGreaterThanOrEqual(5);
    for (let acceptedSecond = 0; acceptedSecond < 60; acceptedSecond += 1) {
      const begins = [0, RUN_EVERY_SECONDS, 60].find((second) => second >= acceptedSecond)!;
      expect(begins + TAKE_IN_SECONDS + WITNESS_SECONDS + OVERHEAD_SECONDS - acceptedSecond).toBeLessThanOrEqual(60);
    }
  });
});
