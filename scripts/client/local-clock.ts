import type { Endpoints } from './endpoints.ts';

/** The local cloud's clock, through its administration route. A deployed network has no such thing. */
export class LocalClock {
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;
  #offsetMs = 0;

  constructor({ sdk }: Pick<Endpoints, 'sdk'>) {
    this.#url = `${sdk.endpointUrl}/_local/clock`;
    this.#headers = { authorization: `Bearer ${sdk.adminToken}`, 'content-type': 'application/json' };
  }

  async #ask(init: RequestInit): Promise<Readonly<{ now: number; offsetMs: number }>> {
    const response = await fetch(this.#url, { ...init, headers: this.#headers });
    if (!response.ok) throw new Error(`the local cloud's clock answered ${response.status}: ${await response.text()}`);
    const answer = (await response.json()) as Readonly<{ now: number; offsetMs: number }>;
    this.#offsetMs = answer.offsetMs;
    return answer;
  }

  /** The cloud's time, epoch ms, by what this clock heard last: as long as nobody else moves it. */
  now(): number {
    return Date.now() - this.#offsetMs;
  }

  read(): Promise<Readonly<{ now: number; offsetMs: number }>> {
    return this.#ask({});
  }

  /** Jump forward; the clock never passes real time. @returns the new time, epoch ms */
  async advance(advanceMs: number): Promise<number> {
    return (await this.#ask({ method: 'POST', body: JSON.stringify({ advanceMs }) })).now;
  }
}
