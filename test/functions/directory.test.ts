import type { Context } from 'aws-lambda';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { createHandler as createIntake } from '../../functions/directory-intake/handler.ts';
import { DIRECTORY_OBJECT, readSites, witnessTableKey } from '../../functions/_platform/directory.ts';
import { networkKeyOf, type NodeKeysMessage } from '../../functions/_platform/network-status.ts';
import type { DirectoryEntry } from '../../shared/audit-log/directory.ts';
import { createControlSite, type ControlSite } from '../support/control-site.ts';
import { createMemoryOperationsStore } from '../support/memory/operations-store.ts';
import { PEOPLE } from '../support/people.ts';
import { siteKeys } from '../support/site-keys.ts';

const AT = '2026-03-02T14:05:09.120Z';
const CONTEXT = { awsRequestId: 'r-1' } as Context;
const keysOf = (nodeId: string): NodeKeysMessage => ({ nodeId, ...siteKeys(nodeId), apiUrl: `https://${nodeId}.example` });
const REGISTER = 'POST /v1/nodes/{nodeId}/registration';

/** One hospital's side: its witness table, and what it announced. */
const createHospital = (nodeId: string, directory: () => Uint8Array | undefined) => {
  const table = createMemoryOperationsStore();
  const announced: NodeKeysMessage[] = [];
  const counted: number[] = [];
  const handler = createIntake({
    table, own: () => Promise.resolve(keysOf(nodeId)), announce: (keys) => { announced.push(keys); return Promise.resolve(); }, directory: () => Promise.resolve(directory()),
    count: (_, value) => { counted.push(value); }, now: () => new Date(AT),
  });
  return { table, announced, counted, run: () => handler({}, CONTEXT), sites: async () => (await readSites(table)).map(({ siteId }) => siteId), site: async (siteId: string) => (await readSites(table)).find((each) => each.siteId === siteId) };
};

describe('the coordinator registers a hospital\'s keys', () => {
  let site: ControlSite;
  const announce = (keys: NodeKeysMessage) => site.operations.put(networkKeyOf.announced(keys.nodeId), { ...keys, at: AT });
  const register = (nodeId: string, body: object = siteKeys(nodeId)) => site.call(PEOPLE.coordinator, REGISTER, { path: { nodeId }, body });
  const published = () => (JSON.parse(Buffer.from(site.library.objects.get(DIRECTORY_OBJECT) ?? Buffer.from('{}')).toString()) as { sites?: DirectoryEntry[] }).sites?.map(({ siteId }) => siteId);
  beforeEach(() => { site = createControlSite(); });

  it('that its account announced and the hospital itself gave, and tells every hospital', async () => {
    await announce(keysOf('north'));
    expect((await site.call(PEOPLE.coordinator, 'GET /v1/directory')).body).toEqual({ sites: [], announced: [{ ...keysOf('north'), at: AT }] });
    expect(await register('north')).toMatchObject({ status: 200, body: { siteId: 'north', ...siteKeys('north'), apiUrl: 'https://north.example', witnesses: 1, quorum: 1, registeredBy: PEOPLE.coordinator.id } });
    await announce(keysOf('hill'));
    await register('hill');
    expect(published()).toEqual(['control', 'hill', 'north']);
    expect((await site.call(PEOPLE.coordinator, 'GET /v1/directory')).body).toMatchObject({ sites: [{ siteId: 'control', witnessKey: siteKeys('control').witnessKey }, { siteId: 'hill', quorum: 2 }, { siteId: 'north', witnesses: 2, quorum: 2 }], announced: [] });
  });
  it('and nothing before it announced them, nothing else than it announced, nothing of another, nothing twice', async () => {
    expect((await register('north')).code).toBe('node-not-announced');
    await announce(keysOf('north'));
    expect((await register('north', siteKeys('north', 2))).code).toBe('node-key-refused');
    expect((await register('nowhere')).code).toBe('node-not-found');
    await announce({ ...keysOf('hill'), logKey: siteKeys('north').logKey });
    expect((await register('hill', { ...siteKeys('hill'), logKey: siteKeys('north').logKey })).code).toBe('node-key-refused');
    expect(published()).toBeUndefined();
    await register('north');
    await announce({ ...keysOf('north'), ...siteKeys('north', 2) });
    expect((await register('north', siteKeys('north', 2))).code).toBe('node-key-changed');
    expect(await readSites(site.witnessTable)).toMatchObject([{ siteId: 'control' }, { siteId: 'north', ...siteKeys('north') }]);
  });
  it('and takes a URL that moved, with the first registration\'s time and name', async () => {
    await announce(keysOf('north'));
    await register('north');
    site.time.epochMs += 60_000;
    await announce({ ...keysOf('north'), apiUrl: 'https://moved.example' });
    const first = (await readSites(site.witnessTable)).find(({ siteId }) => siteId === 'north');
    expect((await register('north')).body).toMatchObject({ apiUrl: 'https://moved.example', registeredAt: first?.registeredAt });
  });
  it('at once with another, and neither is lost', async () => {
    await Promise.all(['north', 'hill'].map((nodeId) => announce(keysOf(nodeId))));
    await Promise.all(['north', 'hill'].map((nodeId) => register(nodeId)));
    expect(published()).toEqual(['control', 'hill', 'north']);
  });
});

describe('a hospital takes the network\'s directory', () => {
  const entry = (siteId: string): DirectoryEntry => ({ siteId, witnessKey: siteKeys(siteId).witnessKey, ...(siteId === 'control' ? {} : { logKey: siteKeys(siteId).logKey, apiUrl: `https://${siteId}.example` }) });
  const bytesOf = (...sites: readonly unknown[]): Uint8Array => Buffer.from(JSON.stringify({ formatVersion: 1, sites }));
  let directory: Uint8Array | undefined;
  const hospital = () => createHospital('north', () => directory);
  beforeEach(() => { directory = bytesOf(entry('control'), entry('hill'), entry('north')); });

  it('and announces its own keys until it is in it', async () => {
    const { run, announced, sites } = hospital();
    directory = undefined;
    expect(await run()).toEqual({ sites: 0, refused: [], announced: true });
    directory = bytesOf(entry('control'), entry('north'));
    await run();
    expect(await run()).toEqual({ sites: 2, refused: [], announced: false });
    expect([announced.length, announced[0]]).toEqual([2, keysOf('north')]);
    expect(await sites()).toEqual(['control', 'north']);
  });
  it('and keeps each key it took: one that changes is refused and named, the others are taken', async () => {
    const { run, counted, site } = hospital();
    await run();
    directory = bytesOf(entry('control'), { ...entry('hill'), logKey: siteKeys('hill', 2).logKey }, entry('harbour'));
    expect(await run()).toMatchObject({ refused: ['hill'], sites: 4 });
    expect(counted).toEqual([0, 1]);
    expect(await site('hill')).toMatchObject(siteKeys('hill'));
    directory = bytesOf({ siteId: 'control', witnessKey: siteKeys('control', 2).witnessKey });
    expect(await run()).toMatchObject({ refused: ['control'] });
  });
  it('but nothing about itself that is not so, from the first time on', async () => {
    directory = bytesOf(entry('control'), { ...entry('north'), logKey: siteKeys('north', 2).logKey });
    const { run, sites } = hospital();
    expect(await run()).toMatchObject({ refused: ['north'], announced: true });
    expect(await sites()).toEqual(['control']);
  });
  it('and forgets nobody: a shorter directory, or none, leaves the quorum as it was', async () => {
    const { run, sites } = hospital();
    await run();
    for (const less of [bytesOf(entry('control')), bytesOf(), undefined]) {
      directory = less;
      await run();
      expect(await sites()).toEqual(['control', 'hill', 'north']);
    }
  });
  it('and follows a site whose interface moved', async () => {
    const { run, site } = hospital();
    await run();
    directory = bytesOf({ ...entry('hill'), apiUrl: 'https://moved.example' });
    await run();
    expect((await site('hill'))?.apiUrl).toBe('https://moved.example');
  });
  it.each([['no JSON', Buffer.from('{')], ['another format', Buffer.from('{"formatVersion":2,"sites":[]}')], ['a field too many', bytesOf({ ...entry('hill'), rows: [] })], ['a path in a URL', bytesOf({ ...entry('hill'), apiUrl: 'https://x.example/v1' })]])('not from %s; what it holds stays', async (_, wrong) => {
    const { run, sites } = hospital();
    await run();
    directory = wrong;
    await expect(run()).rejects.toThrow();
    expect(await sites()).toEqual(['control', 'hill', 'north']);
  });
  it('and never holds a key other than the first, whatever directories come', async () => {
    const siteOf = fc.record({ siteId: fc.constantFrom('hill', 'harbour', 'east'), generation: fc.constantFrom(1, 2), from: fc.constantFrom('hill', 'harbour', 'east') });
    await fc.assert(fc.asyncProperty(fc.array(fc.array(siteOf, { maxLength: 4 }), { maxLength: 5 }), async (directories) => {
      const { run, table } = hospital();
      const first = new Map<string, string>();
      for (const sites of directories) {
        directory = bytesOf(...sites.map(({ siteId, generation, from }) => ({ siteId, ...siteKeys(from, generation), apiUrl: `https://${siteId}.example` })));
        await run();
        for (const { siteId, logKey = '', witnessKey } of await readSites(table)) {
          const held = `${logKey} ${witnessKey}`;
          expect(first.get(siteId) ?? held).toBe(held);
          expect(logKey).toContain(`bedside.network/${siteId}+`);
          first.set(siteId, held);
        }
        for (const siteId of first.keys()) expect(await table.get(witnessTableKey.site(siteId))).toBeDefined();
      }
    }), { numRuns: 60 });
  });
});
