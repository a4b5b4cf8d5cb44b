import { parseVerifierKey } from '../../shared/audit-log/verifier-key.ts';
import type { Witness } from '../../shared/audit-log/witness-client.ts';

const TIMEOUT_MS = 10_000;

/**
 * A witness at a site's interface. Its key is read from the site itself: that is enough to collect its cosignatures; who verifies them later has the key by another way.
 *
 * @throws Error when the site does not answer with its key
 */
export const openWitness = async (apiUrl: string): Promise<Witness> => {
  const prefix = `${apiUrl}/v1/log/witness`;
  const answer = await fetch(`${prefix}/key`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (!answer.ok) throw new Error(`the witness at ${prefix} answered ${answer.status} when asked for its key`);
  return {
    key: parseVerifierKey((await answer.text()).trim()),
    addCheckpoint: async (body) => {
      const response = await fetch(`${prefix}/add-checkpoint`, { method: 'POST', headers: { 'content-type': 'text/plain; charset=utf-8' }, body: Buffer.from(body), signal: AbortSignal.timeout(TIMEOUT_MS) });
      return { status: response.status, contentType: response.headers.get('content-type') ?? '', body: await response.text() };
    },
  };
};
