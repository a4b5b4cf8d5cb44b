import { describe, expect, it } from 'vitest';
import { witnessKeyAt } from '../../../scripts/example/witness-key.ts';
import { formatVerifierKey, SIGNATURE_TYPE, verifierKeyOf, type SignatureType } from '../../../shared/audit-log/verifier-key.ts';
import { codeOfAsync } from '../../support/error-code.ts';

const keyOf = (type: SignatureType): string => formatVerifierKey(verifierKeyOf('bedside.network/north', type, new Uint8Array(32).fill(7)));
const KEY = keyOf(SIGNATURE_TYPE.cosignature);
const TIMED_OUT = [503, '{"message":"Service Unavailable"}'] as const;

/** A hospital that answers in this order; the last answer stays. @returns the key, and how it was asked */
const askOf = async (...answers: readonly (readonly [number, string])[]) => {
  const urls: string[] = [], rests: number[] = [];
  const ask = (url: string) => {
    urls.push(url);
    const [status, text] = answers[Math.min(urls.length, answers.length) - 1]!;
    return Promise.resolve({ ok: status < 300, status, text: () => Promise.resolve(text) });
  };
  const rest = (milliseconds: number): Promise<void> => Promise.resolve(void rests.push(milliseconds));
  const settled = await witnessKeyAt('http://north', { ask, rest }).catch((error: unknown) => error);
  return { settled, urls, rests };
};

describe('the key of a witness', () => {
  it('is what the hospital answers, without the line end', async () => {
    expect(await askOf([200, `${KEY}\n`])).toEqual({ settled: KEY, urls: ['http://north/v1/log/witness/key'], rests: [] });
  });
  it('is asked for again, after a longer rest each time, while the witness times out', async () => {
    const { settled, rests } = await askOf(TIMED_OUT, TIMED_OUT, [200, KEY]);
    expect([settled, rests]).toEqual([KEY, [500, 1000]]);
  });
  it('is never the text of an error: a witness that keeps timing out is named, with what it answered', async () => {
    const { settled, urls } = await askOf(TIMED_OUT);
    expect(settled).toEqual(new Error('GET http://north/v1/log/witness/key answered 503: {"message":"Service Unavailable"}'));
    expect(urls).toHaveLength(5);
  });
  it('is not asked for again where the hospital refuses', async () => {
    const { settled, urls } = await askOf([404, 'no such route'], [200, KEY]);
    expect([settled, urls.length]).toEqual([new Error('GET http://north/v1/log/witness/key answered 404: no such route'), 1]);
  });
  it.each([['the text of an error', '{"message":"Service Unavailable"}'], ['nothing', ''], ['cut off', KEY.slice(0, -2)]])('is not %s that came as an answer', async (_, text) => {
    expect(await codeOfAsync(async () => { throw (await askOf([200, text])).settled; })).toBe('verifier-key-malformed');
  });
  it('is not the key of the log', async () => {
    expect((await askOf([200, keyOf(SIGNATURE_TYPE.ed25519)])).settled).toMatchObject({ message: expect.stringContaining('answered the key of a log, want that of a witness') as string });
  });
});
