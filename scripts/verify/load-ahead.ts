import { widthOf } from './layout.ts';
import { loadUnit, type Loaded } from './load-unit.ts';
import { TILE_WIDTH } from './merkle.ts';
import type { Source } from './source.ts';
import type { UnitPool } from './unit-pool.ts';

/** Units that wait for each thread, so that none is idle while this one looks at what came back. */
const AHEAD_OF_THREAD = 4;
/** Units that may be held until those before them have come. */
const MOST_AHEAD = 64;

type Slot = { readonly loaded: Promise<Loaded>; hasCome: boolean };

/** What was asked for ahead and fails is told when its turn comes, and not before. */
const slotOf = (loaded: Promise<Loaded>): Slot => {
  const slot: Slot = { loaded, hasCome: false };
  const note = (): void => { slot.hasCome = true; };
  loaded.then(note, note);
  return slot;
};

/** Let what other threads sent come in. */
const turn = (): Promise<void> => new Promise((resolve) => { setImmediate(resolve); });

/** The units of a log in their order. Some are asked of the pool ahead; while the next has not come, this thread reads one itself instead of waiting. */
export async function* loadAhead(source: Source, size: number, pool: UnitPool): AsyncGenerator<Loaded> {
  const count = Math.ceil(size / TILE_WIDTH);
  const slots: Slot[] = [];
  let asked = 0;
  const ask = (load: (index: number, width: number) => Promise<Loaded>): void => {
    slots.push(slotOf(load(asked, widthOf(size, 'entries', asked))));
    asked++;
  };
  const isRoom = (): boolean => asked < count && slots.length < (pool.threads > 0 ? MOST_AHEAD : source.ahead);
  const fill = (): void => {
    while (isRoom() && (pool.threads === 0 || pool.waiting < Math.max(source.ahead, pool.threads * AHEAD_OF_THREAD))) ask((index, width) => pool.load(index, width));
  };
  for (let index = 0; index < count; index++) {
    fill();
    const [next] = slots;
    const isAwaited = (): boolean => next?.hasCome === false && pool.threads > 0;
    while (source.isFolder && isAwaited() && isRoom()) {
      await turn();
      fill();
      if (isAwaited() && isRoom()) ask((unit, width) => loadUnit(source, unit, width));
    }
    if (next !== undefined) yield await next.loaded;
    slots.shift();
  }
}
