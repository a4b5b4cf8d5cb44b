/** What was found wrong, and where. */

export type BatchPlace = Readonly<{ kind: string; id: string; version: number }>;

export type Damage = Readonly<{
  /** File inside the log, e.g. `tile/entries/003`. */
  file: string;
  message: string;
  /** Index of the entry in the log, from 0; `lastEntry` when the damage can not be narrowed to one. */
  entry?: number;
  lastEntry?: number;
  /** The stream of the entry, and its version there. */
  batch?: BatchPlace;
}>;

/** What tells one damaged event of a file from another: its place in the log, or in a batch's own file its version. */
const eventOf = ({ entry, batch }: Damage): number | undefined => entry ?? batch?.version;
/** One file holds the records of several people; each has a version 1. */
const ownerOf = ({ entry, batch }: Damage): string => (entry === undefined && batch?.kind === 'person' ? batch.id : '');

/** Collects damages, one for each file and entry: a second complaint of the same place is added to the first. */
export class Findings {
  readonly #damages = new Map<string, Damage>();
  /** Remarks that are not damage: what could not be compared, what nobody vouches for. */
  readonly notices: string[] = [];

  damage(found: Damage): void {
    const place = `${found.file} ${eventOf(found) ?? ''} ${ownerOf(found)}`;
    const held = this.#damages.get(place);
    this.#damages.set(place, held === undefined ? found : { ...found, ...held, message: `${held.message}; ${found.message}` });
  }

  notice(text: string): void {
    this.notices.push(text);
  }

  /** In the order of the log: what concerns the checkpoint first, then by entry. */
  get damages(): readonly Damage[] {
    return [...this.#damages.values()].sort((a, b) => (eventOf(a) ?? -1) - (eventOf(b) ?? -1));
  }
}

/** So many entries and so many files are described to a reader; the machine gets them all. */
export const MAXIMUM_DESCRIBED = 20;

/** What a reader is shown: a rewritten log has a complaint for every entry, and they must not crowd out what is said of its tiles and its checkpoint. */
export const describedOf = (damages: readonly Damage[]): readonly Damage[] => {
  let entries = 0, files = 0;
  return damages.filter((each) => {
    const isEntry = eventOf(each) !== undefined && each.lastEntry === undefined;
    return (isEntry ? entries++ : files++) < MAXIMUM_DESCRIBED;
  });
};
