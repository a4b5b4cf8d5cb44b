import TinyQueue from 'tinyqueue';
import { workBegins, workEnds } from './calendar.ts';
import type { Calendar, StationFigures } from './process.ts';

/**
 * A small discrete-event simulation: flows ask for work, wait, and meet. Generators keep a flow readable from top to bottom.
 *
 * The heap is tinyqueue. Whole libraries were looked at: simjs (MIT) is driven by callbacks and its facilities know no working hours; simscript (ISC) draws in a browser, needs promises and brings a compiler along.
 */
type Waiting = { readonly flow: Flow; readonly branch: MutableBranch };
type MutableBranch = { endsMinute: number | undefined; readonly followers: Waiting[] };
type Task = Readonly<{ waiting: Waiting; minutes: number; askedMinute: number }>;
type Happening = Readonly<{ minute: number; order: number; happen: () => void }>;

/** People or instruments of one kind at one place, first come, first served. */
export type Station = Readonly<{ name: string; capacity: number; calendar: Calendar; queue: Task[]; state: { busy: number } }>;
export const openStation = (name: string, { capacity, calendar }: StationFigures): Station => ({ name, capacity, calendar, queue: [], state: { busy: 0 } });

/** A flow that runs beside others; `endsMinute` once it is done. */
export type Branch = Readonly<{ endsMinute: number | undefined }>;

export type Demand =
  | Readonly<{ type: 'work'; station: Station; minutes: number }>
  | Readonly<{ type: 'wait'; untilMinute: number }>
  | Readonly<{ type: 'meet'; branch: Branch }>;
/** What a flow asks for next; it is told the minute at which it goes on. */
export type Flow = Generator<Demand, void, number>;

/** One piece of work as it was done: minutes from 00:00 of a Monday. */
export type Service = Readonly<{ station: string; askedMinute: number; beginsMinute: number; endsMinute: number; minutes: number }>;
export type Simulation = Readonly<{ now(): number; start(flow: Flow): Branch; run(): void }>;

const MOST_HAPPENINGS = 20_000_000;

/** What is going to happen, in the order of time; what falls on the same minute happens in the order it was put there. */
const createAgenda = (): Readonly<{ now(): number; at(minute: number, happen: () => void): void; run(): void }> => {
  const happenings = new TinyQueue<Happening>([], (a, b) => a.minute - b.minute || a.order - b.order);
  let [now, order] = [0, 0];
  return {
    now: () => now,
    at: (minute, happen) => {
      order += 1;
      happenings.push({ minute: Math.max(now, minute), order, happen });
    },
    run: () => {
      for (let i = 0; i < MOST_HAPPENINGS; i += 1) {
        const next = happenings.pop();
        if (next === undefined) return;
        now = next.minute;
        next.happen();
      }
      throw new RangeError(`flows: got more than ${MOST_HAPPENINGS} happenings, want flows that end`);
    },
  };
};

/**
 * @param observe told of each piece of work when its place is taken
 * @returns `start` puts a flow to now, before or during the run; `run` goes on until nothing is left to happen
 */
export const createSimulation = (observe: (service: Service) => void = () => undefined): Simulation => {
  const { now, at, run } = createAgenda();
  const branches = new Map<Branch, MutableBranch>();
  const serve = (station: Station): void => {
    while (station.state.busy < station.capacity) {
      const task = station.queue.shift();
      if (task === undefined) return;
      station.state.busy += 1;
      const endsMinute = workEnds(station.calendar, now(), task.minutes);
      observe({ station: station.name, askedMinute: task.askedMinute, beginsMinute: workBegins(station.calendar, now()), endsMinute, minutes: task.minutes });
      at(endsMinute, () => {
        station.state.busy -= 1;
        serve(station);
        goOn(task.waiting);
      });
    }
  };
  const meet = (waiting: Waiting, wanted: Branch): void => {
    const branch = branches.get(wanted);
    if (branch === undefined) throw new RangeError('branch: got one of another simulation, want one that was started here');
    if (branch.endsMinute === undefined) branch.followers.push(waiting);
    else at(now(), () => { goOn(waiting); });
  };
  const goOn = (waiting: Waiting): void => {
    const { value: demand, done } = waiting.flow.next(now());
    if (done === true) {
      waiting.branch.endsMinute = now();
      for (const follower of waiting.branch.followers) goOn(follower);
      return;
    }
    switch (demand.type) {
      case 'work':
        demand.station.queue.push({ waiting, minutes: demand.minutes, askedMinute: now() });
        serve(demand.station);
        return;
      case 'wait': at(demand.untilMinute, () => { goOn(waiting); }); return;
      case 'meet': meet(waiting, demand.branch); return;
      default: demand satisfies never;
    }
  };
  const start = (flow: Flow): Branch => {
    const branch: MutableBranch = { endsMinute: undefined, followers: [] };
    branches.set(branch, branch);
    at(now(), () => { goOn({ flow, branch }); });
    return branch;
  };
  return { now, start, run };
};
