import { setTimeout as pause } from 'node:timers/promises';
import { parseVerifierKey, SIGNATURE_TYPE } from '../../shared/audit-log/verifier-key.ts';

/** How often a machine that is busy with starting is asked again. */
const ASKS = 5;
const PAUSE_MS = 500;

type Ports = Readonly<{ ask(url: string): Promise<Readonly<{ ok: boolean; status: number; text(): Promise<string> }>>; rest(milliseconds: number): Promise<unknown> }>;

/**
 * The key of a hospital's witness, `<name>+<key id>+<base64>`; a server that failed is asked again, a bounded number of times.
 *
 * @throws Error with what was answered instead; DomainError `verifier-key-malformed` on what is no key: neither is ever taken for one
 */
export const witnessKeyAt = async (apiUrl: string, { ask, rest }: Ports = { ask: fetch, rest: pause }): Promise<string> => {
  const url = `${apiUrl}/v1/log/witness/key`;
  for (let asked = 1; ; asked += 1) {
    const answer = await ask(url);
    const text = (await answer.text()).trim();
    if (answer.ok) {
      if (parseVerifierKey(text).type !== SIGNATURE_TYPE.cosignature) throw new Error(`GET ${url} answered the key of a log, want that of a witness: ${text}`);
      return text;
    }
    if (asked === ASKS || answer.status < 500) throw new Error(`GET ${url} answered ${answer.status}: ${text}`);
    await rest(PAUSE_MS * asked);
  }
};
