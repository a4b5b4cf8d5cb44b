import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type RunningNetwork } from '../running-network.ts';

type Typed = Readonly<{ code: unknown; text: string }>;

/** Any that is not the answer to who came too early, or looked at a version that has passed: the page says to try again. */
const PROBLEMS = /\/problems\/(?!version-conflict|telemetry-value-missing|record-not-published|release-review-missing)[\w-]+/g;

/** Every command of the page, in one shell, as it stands. */
const type = async (network: RunningNetwork): Promise<Typed> => {
  const commands = [...readFileSync('docs/users/operator.md', 'utf8').matchAll(/^```sh\n([^`]*)^```$/gm)].map(([, block]) => block).join('\n');
  const child = spawn('bash', ['-euo', 'pipefail', '-c', commands], { env: { ...process.env, BEDSIDE_STATE: network.state, PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}` }, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => { text += part.toString(); });
  // What it printed may be read after it has gone; what goes on beside it has no part in that.
  const [code] = await Promise.all([new Promise((resolve) => { child.once('exit', resolve); }), new Promise((resolve) => { child.stdout.once('end', resolve); })]);
  return { code, text };
};

/** What the page for operators tells a new user to type, to the certificate. */
export const operatorsPage = (network: RunningNetwork): void => {
  describe('the operator\'s page', () => {
    it('takes a batch by curl from its first phase to the certificate, as written', async () => {
      const { code, text } = await type(network);
      expect(code, text).toBe(0);
      expect(text).toMatch(/Amara Okafor \| .*receive-leukapheresis/);
      expect(text).toMatch(/Batch certified for release \(staged\)/);
      expect(text.match(PROBLEMS) ?? []).toEqual([]);
      const [certificateId, batchId] = /^CERT-(hill-[\w-]+)$/m.exec(text) ?? [];
      expect(JSON.parse(readFileSync(`${network.state}/certificate-${batchId}.json`, 'utf8'))).toMatchObject({ certificateId, batchId, deviations: [], outstandingTests: ['sterility'] });
    });
  });
};
