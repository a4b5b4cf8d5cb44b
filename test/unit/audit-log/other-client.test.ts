import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { integrate } from '../../../shared/audit-log/log-writer.ts';
import { publishCheckpoint, type LogIdentity } from '../../../shared/audit-log/publish.ts';
import { formatVerifierKey, SIGNATURE_TYPE } from '../../../shared/audit-log/verifier-key.ts';
import { buildClient, GO_NOTICE, hasGo, runClient } from '../../support/tlog-client.ts';
import { LogStorage } from './memory-log-store.ts';
import { entriesOf, flipBit, keyPairOf, seedOf } from './reference.ts';

const log = keyPairOf('bedside.network/north', SIGNATURE_TYPE.ed25519, seedOf('north'));
const identity: LogIdentity = { ...log, witnesses: [], quorum: 0 };
/** Two levels of full tiles and the beginning of a third. */
const LARGE = 65_800;
/** As many entries as the earlier checkpoint has, or a little more, for the partial tiles of both. */
const SIZES = [1, 2, 255, 256, 257, 512, 700, LARGE];

describe.skipIf(!hasGo)(`another client of tlog-tiles (${GO_NOTICE})`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'other-client-'));
  let program: string;
  beforeAll(() => { program = buildClient(folder); });
  afterAll(() => { rmSync(folder, { recursive: true, force: true }); });

  const put = (place: string, path: string, bytes: Uint8Array): void => {
    mkdirSync(dirname(join(folder, place, path)), { recursive: true });
    writeFileSync(join(folder, place, path), bytes);
  };
  const read = (place: string, earlier?: string) => runClient(program, [join(folder, place), formatVerifierKey(log.key), ...(earlier === undefined ? [] : [join(folder, earlier, 'checkpoint')])]);

  it('reads every entry of our log at each size, with proofs, and finds it consistent with each earlier checkpoint', async () => {
    const storage = new LogStorage();
    let [size, earlier] = [0, undefined as string | undefined];
    for (const next of SIZES) {
      await integrate(storage.open(), entriesOf(next).slice(size));
      await publishCheckpoint(storage.open(), identity);
      const place = `at-${next}`;
      for (const [path, bytes] of storage.objects) put(place, path, bytes);
      put(place, 'checkpoint', storage.checkpoint!.bytes);
      expect(read(place, earlier)).toEqual({ code: 0, said: `${next} entries, ${Math.ceil(next / 256)} inclusion proofs, 0 other signatures, ${earlier === undefined ? 'no earlier checkpoint' : `consistent with ${size}`}` });
      [size, earlier] = [next, place];
    }
  });

  it('refuses what we refuse: an entry, a tile or a checkpoint with a bit turned', async () => {
    const storage = new LogStorage();
    await integrate(storage.open(), entriesOf(300));
    await publishCheckpoint(storage.open(), identity);
    const sound = new Map([...storage.objects, ['checkpoint', storage.checkpoint!.bytes] as const]);
    for (const [path, bytes] of sound) {
      for (const [each, content] of sound) put('damaged', each, each === path ? flipBit(bytes, 200) : content);
      expect([path, read('damaged').code]).toEqual([path, 1]);
    }
  });
});
