import type { Damage, Findings } from './damage.ts';

/**
 * Erasures of personal data: the event of a batch repeats the request and the confirmation that two people signed, and both stand in the record of the therapy event. Only a
 * whole log holds both records.
 *
 * @see 21 CFR 11.70 (a signature can not be taken to another record)
 */

type Json = Readonly<Record<string, unknown>>;
type Place = Omit<Damage, 'message'>;
type Order = Readonly<{ event: Json; place: Place }>;
const PARTS = [['request', 'erasure-requested'], ['confirmation', 'erasure-confirmed']] as const;

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

export class Erasures {
  readonly #findings: Findings;
  /** Signed events of therapy events by id and version. */
  readonly #signed = new Map<string, Json>();
  readonly #orders: Order[] = [];

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  noteSigned(chainOfIdentityId: string, version: number, event: Json): void {
    this.#signed.set(`${chainOfIdentityId}#${version}`, event);
  }

  noteOrder(event: Json, place: Place): void {
    this.#orders.push({ event, place });
  }

  /** After the last entry: the record of a therapy event may come after a batch's. */
  compare(): void {
    for (const { event, place } of this.#orders) for (const message of this.#faultsOf(event)) this.#findings.damage({ ...place, message });
  }

  /** Each part is in the canonical order of its members, here and there. */
  #faultsOf(event: Json): readonly string[] {
    const { chainOfIdentityId, request, confirmation } = event;
    if (isObject(request) && isObject(confirmation) && request['signerId'] === confirmation['signerId']) return ['one person both requested and confirmed the erasure'];
    return PARTS.flatMap(([part, type]) => {
      const signature = event[part];
      const signed = isObject(signature) ? this.#signed.get(`${String(chainOfIdentityId)}#${Number(signature['signedVersion']) + 1}`) : undefined;
      return signed?.['type'] === type && JSON.stringify(signed['signature']) === JSON.stringify(signature) ? [] : [`it names a ${part} of the erasure that the record of therapy event ${String(chainOfIdentityId)} does not hold`];
    });
  }
}
