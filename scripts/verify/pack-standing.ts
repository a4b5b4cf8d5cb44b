import type { BatchPlace, Findings } from './damage.ts';
import { PEOPLE, type PersonEvent } from './pack-people.ts';
import type { Proof } from './pack-proofs.ts';
import type { Order } from './order.ts';
import { RECORD, type PackEvent } from './pack-record.ts';
import { Standing, type Act } from './standing.ts';

/**
 * Who might sign, as far as a pack can show it: its signatures and the records of its signers, put in the order of the log by their proofs. Inclusion proves that events are there, not that none
 * comes after them: a record may have been cut short by who made the pack, and then only the whole log shows it.
 */
type Proven = Readonly<{ batch: readonly PackEvent[]; proofs: ReadonlyMap<number, Proof>; people: readonly PersonEvent[] }>;

const nameOf = ({ kind, id, version }: BatchPlace): string => `${kind} ${id} ${version}`;

const indicesOf = ({ batch, proofs, people }: Proven): ReadonlyMap<string, number> => new Map([
  ...batch.map(({ batch: place }) => [nameOf(place), proofs.get(place.version)?.index] as const),
  ...people.map(({ person, proof }) => [nameOf(person), proof?.index] as const),
].flatMap(([name, index]) => (index === undefined ? [] : [[name, index] as const])));

type DatedEvent = Readonly<{ file: string; place: BatchPlace; index: number; recordedAt: string }>;

/** Every proven event by its place in the log. */
const datesOf = ({ batch, people }: Proven, indices: ReadonlyMap<string, number>): readonly DatedEvent[] => [
  ...batch.map(({ batch: place, entry }) => ({ file: RECORD, place, entry })), ...people.map(({ person: place, entry }) => ({ file: PEOPLE, place, entry })),
].flatMap(({ file, place, entry }) => {
  const index = indices.get(nameOf(place));
  return index === undefined || entry === undefined ? [] : [{ file, place, index, recordedAt: entry.recordedAt }];
}).sort((a, b) => a.index - b.index);

/** Collects what events say of standing, in any order, and weighs it in that of the log. */
export class PackStanding {
  readonly #findings: Findings;
  readonly #acts: Act[] = [];

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  note(act: Act): void {
    this.#acts.push(act);
  }

  /** Signers of the batch, and the version of their first signature. */
  get #signers(): ReadonlyMap<string, number> {
    const signers = new Map<string, number>();
    for (const { signerId, place } of this.#acts) if (signerId !== undefined && place.batch?.kind === 'batch' && !signers.has(signerId)) signers.set(signerId, place.batch.version);
    return signers;
  }

  /**
   * What a pack without the file of people does not show. Nothing in a pack may excuse that: whatever would say that it never had the file could be written by who took it out. That it is wanted
   * follows from the signatures, which the log proves.
   */
  get whatIsLost(): string {
    const signers = [...this.#signers].map(([id, version]) => `${id}, who signed version ${version}`).join('; ');
    return `is missing: ${signers === '' ? 'every pack holds the records of who signed' : `whether ${signers} might sign is not shown`}. It was taken out, or the pack is older than the file: ask for the pack again`;
  }

  /** @param held what the pack holds of people, proven or not; undefined when the file is missing or is not one of people, which is damage by itself */
  weigh(proven: Proven, held: readonly PersonEvent[] | undefined, order: Order): void {
    const indices = indicesOf(proven);
    const indexOf = ({ batch }: Act['place']): number | undefined => (batch === undefined ? undefined : indices.get(nameOf(batch)));
    const placed = this.#acts.flatMap((act) => {
      const index = indexOf(act.place);
      return index === undefined ? [] : [{ act, index }];
    }).sort((a, b) => a.index - b.index);
    const byIndex = new Map(placed.map(({ act, index }) => [index, act]));
    const standing = new Standing(this.#findings, false);
    for (const { file, place, index, recordedAt } of datesOf(proven, indices)) {
      const act = byIndex.get(index);
      if (act !== undefined) standing.note({ ...act, newestMs: () => order.newestMs });
      const late = order.follow(recordedAt, index);
      if (late !== undefined) this.#findings.damage({ file, batch: place, message: late });
    }
    standing.end();
    if (held !== undefined) this.#reportLimits(held, placed);
  }

  #reportLimits(people: readonly PersonEvent[], placed: readonly Readonly<{ act: Act; index: number }>[]): void {
    const missing = [...this.#signers].filter(([id]) => !people.some(({ person }) => person.id === id));
    if (missing.length > 0) this.#findings.damage({ file: PEOPLE, message: `holds no record of ${missing.map(([id, version]) => `${id}, who signed version ${version}`).join('; ')}: whether they might sign is not shown` });
    const ends = [...this.#signers.keys()].flatMap((id) => {
      const last = people.findLast(({ person }) => person.id === id), signed = placed.findLast(({ act }) => act.signerId === id && act.place.batch?.kind === 'batch');
      return last === undefined || (last.proof?.index ?? 0) > (signed?.index ?? 0) ? [] : [`${id} to version ${last.person.version}`];
    });
    if (ends.length > 0) this.#findings.notice(`signatures were compared with the records of their signers in ${PEOPLE}, which end before the last of them (${ends.join(', ')}); whether who made the pack left out a later stop, only the whole log can say`);
  }
}
