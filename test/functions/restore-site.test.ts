import fc from 'fast-check';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { targetOf, type Target } from '../../scripts/restore/target.ts';
import { UsageError } from '../../scripts/run-script.ts';
import { restore } from '../../functions/_platform/restore/restore.ts';
import { formatCheckpoint } from '../../shared/audit-log/checkpoint.ts';
import { logOriginOf, SITE_ID, siteOfOrigin } from '../../shared/audit-log/directory.ts';
import { formatNote, signNote } from '../../shared/audit-log/note.ts';
import { formatVerifierKey } from '../../shared/audit-log/verifier-key.ts';
import { createLog } from '../support/log.ts';
import { createMemoryObjectStore } from '../support/memory/object-store.ts';
import { createMemoryOperationsStore } from '../support/memory/operations-store.ts';
import { createNode } from '../support/node.ts';
import { restorePorts } from '../support/restore/memory-table.ts';
import { trustOf } from '../support/sequence.ts';

const keyOf = (origin: string): string => formatVerifierKey(createLog(createMemoryOperationsStore(), origin).key);
/** A log whose checkpoint says it is of `origin`, and is signed by that name. */
const logOf = async (origin: string) => {
  const objects = createMemoryObjectStore();
  const { signer } = createLog(createMemoryOperationsStore(), origin);
  await objects.put('checkpoint', formatNote(await signNote(formatCheckpoint({ origin, size: 0, root: new Uint8Array(32) }), [signer])));
  return objects;
};

let state: string;
beforeAll(() => {
  state = mkdtempSync(join(tmpdir(), 'restore-site-'));
  const site = (name: string) => ({ environment: {}, outputs: { RecordTableName: `${name}-record`, OperationsTableName: `${name}-operations`, LogBucketName: `${name}-log`, ...(name === 'control' ? {} : { TelemetryBucketName: `${name}-telemetry` }) } });
  writeFileSync(join(state, 'endpoints.json'), JSON.stringify({ network: site('control'), nodes: { north: site('north'), hill: site('hill') }, sdk: { environment: {} } }));
});
afterAll(() => { rmSync(state, { recursive: true, force: true }); });

const DEPLOYED = { 'record-table': 'r', 'operations-table': 'o', 'log-bucket': 'l' };
type Given = Readonly<Record<string, string | boolean>>;
const restoring = async (origin: string, given: Given = {}): Promise<Target> => {
  const objects = await logOf(origin);
  return targetOf({ 'control-site': false, state, key: keyOf(origin), ...given }, 'the-copy', () => objects);
};
const refused = async (origin: string, given: Given, why: RegExp): Promise<void> => {
  await expect(restoring(origin, given)).rejects.toThrow(UsageError);
  await expect(restoring(origin, given)).rejects.toThrow(why);
};

describe('the site that is restored', () => {
  it.each([['north', 'north-record'], ['hill', 'hill-record'], ['control', 'control-record']])('is %s where the log is its own and nobody named one', async (siteId, recordTable) => {
    expect(await restoring(logOriginOf(siteId))).toMatchObject({ siteId, recordTable, isTakenFromLog: true });
  });
  it('is the one that was named, whose log it must be', async () => {
    expect(await restoring('bedside.network/hill', { node: 'hill' })).toMatchObject({ siteId: 'hill', recordTable: 'hill-record', isTakenFromLog: false });
    expect(await restoring('bedside.network/control', { 'control-site': true })).toMatchObject({ siteId: 'control', isTakenFromLog: false });
    await refused('bedside.network/hill', { node: 'north' }, /got a log of bedside\.network\/hill, want one of bedside\.network\/north, the site that was named\. Nothing was written/);
    await refused('bedside.network/hill', { 'control-site': true }, /got a log of bedside\.network\/hill, want one of bedside\.network\/control/);
    await refused('bedside.network/control', { node: 'north' }, /got a log of bedside\.network\/control, want one of bedside\.network\/north/);
  });
  it.each(['bedside.network/harbour', 'elsewhere.example/north', 'bedside.network/north/more', 'bedside.network/', 'bedside.network/witness/north'])('is none where the log is of %s, and the names that would do are told', async (origin) => {
    const objects = await logOf(origin);
    await expect(targetOf({ 'control-site': false, state }, 'the-copy', () => objects)).rejects.toThrow(new UsageError(`--from: got a log of ${origin}, want one of bedside.network/control, bedside.network/north, bedside.network/hill. Nothing was written`));
  });
  it('is none where there is no checkpoint, or none that can be read', async () => {
    const objects = createMemoryObjectStore();
    const ask = () => targetOf({ 'control-site': false, state }, 'the-copy', () => objects);
    await expect(ask()).rejects.toThrow(/--from: the-copy holds no 'checkpoint'/);
    await objects.put('checkpoint', Buffer.from('bedside.network/north\n'));
    await expect(ask()).rejects.toMatchObject({ code: 'note-malformed' });
  });
  it('deployed, is taken from the log too, and its key has to be given', async () => {
    const hospital = { ...DEPLOYED, 'telemetry-bucket': 't' };
    expect(await restoring('bedside.network/harbour', hospital)).toMatchObject({ siteId: 'harbour', recordTable: 'r', telemetryBucket: 't', isTakenFromLog: true });
    expect(await restoring('bedside.network/control', DEPLOYED)).toMatchObject({ siteId: 'control', recordTable: 'r', isTakenFromLog: true });
    await refused('bedside.network/harbour', { ...hospital, key: keyOf('bedside.network/north') }, /--key: got a key of another log, want one of bedside\.network\/harbour/);
    await refused('bedside.network/harbour', DEPLOYED, /--telemetry-bucket: want all four/);
    await refused('bedside.network/control', hospital, /the control site has neither personal data nor telemetry/);
    await refused('elsewhere.example/north', hospital, /got a log of elsewhere\.example\/north, want one of bedside\.network\/<site>\./);
  });
  it('is one, and the control site by its own option', async () => {
    await refused('bedside.network/north', { node: 'north', 'control-site': true }, /got both, want one/);
    await refused('bedside.network/control', { node: 'control' }, /want --control-site/);
  });
  it('is not believed to be the one whose name the log bears: the key of that site must have signed it', async () => {
    const [forged, node] = [await logOf('bedside.network/north'), createNode()];
    const { key } = createLog(createMemoryOperationsStore(), 'bedside.network/north');
    const other = { ...key, publicKey: new Uint8Array(32).fill(9) };
    await expect(restore(restorePorts(node, forged), { trust: { ...trustOf(node), logKeys: [other] }, isDryRun: false, withUnsigned: false })).rejects.toMatchObject({ code: 'note-unverified' });
    expect([node.table.size, node.operations.items.size]).toEqual([0, 0]);
  });
});

describe('the origin of a log', () => {
  it('names one site, and of no other text is a site made', () => {
    fc.assert(fc.property(fc.stringMatching(SITE_ID), (siteId) => { expect(siteOfOrigin(logOriginOf(siteId))).toBe(siteId); }));
    fc.assert(fc.property(fc.string(), (origin) => {
      const siteId = siteOfOrigin(origin);
      expect(siteId === undefined || logOriginOf(siteId) === origin).toBe(true);
    }));
  });
});
