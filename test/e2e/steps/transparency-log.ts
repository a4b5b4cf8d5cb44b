import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { signIn } from '../../../scripts/client/api-client.ts';
import { signInAs } from '../../../scripts/example/seed-network.ts';
import { verifyProof, type ProofOfInclusion, type Receipt } from '../../../shared/audit-log/receipt.ts';
import { parseVerifierKey } from '../../../shared/audit-log/verifier-key.ts';
import { alterRecord } from '../altered-record.ts';
import { type Directory, type RunningNetwork } from '../running-network.ts';

/** After the example: its record is in the log by then. */
export const transparencyLog = (network: RunningNetwork): void => {
  describe('the transparency log', () => {
    const batchId = (): string => network.exampleOf('batchId');
    const verify = async (): Promise<{ code: number; text: string }> => {
      const token = await signIn(network.north, network.north.logins.find(({ username }) => username === 'regulator')!);
      const { key } = await (await signInAs(network.north, 'regulator')).get('/v1/log/key') as { key: string };
      const { sites } = await (await signInAs(network.endpoints.network, 'coordinator')).get('/v1/directory') as Directory;
      const { quorum = 0 } = sites.find(({ siteId }) => siteId === 'north') ?? {};
      const witnesses = sites.filter(({ siteId }) => siteId !== 'north').flatMap(({ witnessKey }) => ['--witness', witnessKey]);
      return network.script({ BEDSIDE_TOKEN: token }, 'verify', `${network.north.apiUrl}/v1/audit/log`, '--key', key, ...witnesses, '--quorum', String(quorum));
    };
    const entriesOf = (bundle: Buffer): Buffer[] => {
      const entries: Buffer[] = [];
      for (let at = 0; at < bundle.length; at += 2 + bundle.readUInt16BE(at)) entries.push(bundle.subarray(at + 2, at + 2 + bundle.readUInt16BE(at)));
      return entries;
    };
    const bundled = (entries: readonly Buffer[]): Buffer => Buffer.concat(entries.flatMap((entry) => [Buffer.of(entry.length >> 8, entry.length & 255), entry]));

    it('proves every event of a released batch, and verifies offline', async () => {
      const regulator = await signInAs(network.north, 'regulator');
      // Its last event is the erasure, which is under a published checkpoint within a minute.
      await network.until('a checkpoint that covers the last event', async () => (await regulator.request('GET', `/v1/batches/${batchId()}/proof`)).status === 200);
      const { receipt, ...proof } = await regulator.get(`/v1/batches/${batchId()}/proof`) as ProofOfInclusion & { receipt: Receipt };
      const { key } = await regulator.get('/v1/log/key') as { key: string };
      expect(receipt.version).toBe((await regulator.get(`/v1/batches/${batchId()}/record?limit=1`) as { version: number }).version);
      const logKey = parseVerifierKey(key);
      expect(verifyProof(receipt.leafHash, proof, { origin: logKey.name, logKeys: [logKey], witnessKeys: [], quorum: 0 }).checkpoint.size).toBeGreaterThan(proof.index);
      const { code, text } = await verify();
      expect(code, text).toBe(0);
      // The fourth hospital did not come back after everything was killed: its witness is off, and the quorum of three is there without it.
      expect(text).toMatch(/witnesses +3 of 4, 3 wanted/);
      expect(text).toMatch(/note +no cosignature of bedside\.network\/witness\/e2e-fourth .*; 3 of 4 are there, 3 are wanted/);
      expect(text).toContain('bedside.network/north');
      const { items } = await (await signInAs(network.endpoints.network, 'coordinator')).get('/v1/nodes/north/checkpoints') as { items: { size: number }[] };
      expect(items[0]!.size).toBeGreaterThan(proof.index);
    });
    it('names the event that someone with full access to the record table has replaced, chain made again and all', async () => {
      const regulator = await signInAs(network.north, 'regulator');
      const altered = await alterRecord(network.north, batchId(), 'test-result-recorded');
      try {
        const { status, body } = await regulator.request('GET', `/v1/batches/${batchId()}/proof?version=${altered.version}`);
        expect([status, JSON.parse(JSON.stringify(body)) as unknown]).toEqual([500, expect.objectContaining({ type: '/problems/record-differs-from-log', id: batchId(), version: altered.version }) as unknown]);
        // The record answers with the forged value, and the log is sound: it holds what was accepted.
        expect((await verify()).code).toBe(0);
      } finally {
        await altered.putRight();
      }
      expect((await regulator.request('GET', `/v1/batches/${batchId()}/proof?version=${altered.version}`)).status).toBe(200);
    });
    it('names the batch and the event that someone with full access to the store has altered', async () => {
      const { environment, outputs } = network.north;
      const s3 = new S3Client({ endpoint: environment['AWS_ENDPOINT_URL']!, region: environment['AWS_REGION']!, forcePathStyle: true, credentials: { accessKeyId: environment['AWS_ACCESS_KEY_ID']!, secretAccessKey: 'local', sessionToken: 'local' } });
      const Bucket = outputs['LogBucketName']!;
      const size = Number((await (await s3.send(new GetObjectCommand({ Bucket, Key: 'checkpoint' }))).Body!.transformToString()).split('\n')[1]);
      for (let first = 0; first < size; first += 256) {
        const index = String(first / 256).padStart(3, '0');
        const Key = size - first >= 256 ? `tile/entries/${index}` : `tile/entries/${index}.p/${size - first}`;
        const entries = entriesOf(Buffer.from(await (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body!.transformToByteArray()));
        const at = entries.findIndex((entry) => entry.includes(batchId()) && entry.includes('"type":"test-result-recorded"'));
        if (at < 0) continue;
        const { version } = JSON.parse(entries[at]!.toString('utf8')) as { version: number };
        entries[at] = Buffer.from(entries[at]!.toString('utf8').replace(/"value":(\d)/, (_, digit: string) => `"value":${(Number(digit) + 1) % 9 + 1}`));
        await s3.send(new PutObjectCommand({ Bucket, Key, Body: bundled(entries) }));
        const { code, text } = await verify();
        expect(code, text).toBe(1);
        expect(text).toContain(batchId());
        expect(text).toMatch(new RegExp(`\\b${version}\\b`));
        return;
      }
      throw new Error('the log holds no test result of the example batch');
    });
  });
};
