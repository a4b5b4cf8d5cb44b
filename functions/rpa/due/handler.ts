import { createHash } from 'node:crypto';
import { DUE_RULE_SET_VERSION, whatFallsDue, type DueItem } from '../../../shared/due/what-falls-due.ts';
import { canonicalJson } from '../../../shared/record/canonical-json.ts';
import { ROLES, type Role } from '../../../shared/record/envelope.ts';
import type { Equipment } from '../../../shared/registers/equipment.ts';
import type { MaterialLot } from '../../../shared/registers/material-lot.ts';
import type { Person } from '../../../shared/registers/person.ts';
import { keyOf } from '../../../shared/storage/keys.ts';
import { task } from '../../_platform/batch.ts';
import type { Clock, OperationsStore } from '../../_platform/ports.ts';
import type { RunRecords } from '../../_platform/run-record.ts';

type Ports = Readonly<{ operations: Pick<OperationsStore, 'list' | 'put' | 'delete'>; runs: RunRecords; now: Clock }>;

const TASK = 'what-falls-due';
const PAGE = 200;
const MAXIMUM_PAGES = 500;
/** Of what is due, a run record names so many, the longest overdue first: an item of a table holds 400 kB. All of it stands on the work lists. */
const MOST_NAMED = 1000;

const listAll = async <Item>(operations: Ports['operations'], pk: string, options: Readonly<{ prefix?: string }> = {}): Promise<readonly Item[]> => {
  const items: Item[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MAXIMUM_PAGES; page += 1) {
    const next = await operations.list<Item>(pk, { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) }, options);
    items.push(...next.items);
    cursor = next.nextCursor;
    if (cursor === undefined) return items;
  }
  throw new RangeError(`${pk} has more than ${PAGE * MAXIMUM_PAGES} entries`);
};

const hashOf = (value: unknown): string => createHash('sha256').update(canonicalJson(value)).digest('hex');

type WorkItem = Readonly<{ subject: string; raisedAt: string }>;

const DUE_PREFIX = 'due/';
const subjectOf = ({ kind, subject }: DueItem): string => `${DUE_PREFIX}${kind}/${subject}`;

/** Make one role's list say exactly what is due: add what is, take away what no longer is. What stood there already was raised when it was. Repeating it changes nothing. */
const raise = async ({ operations }: Ports, role: Role, due: readonly DueItem[], raisedAt: string): Promise<void> => {
  const items = await listAll<WorkItem>(operations, keyOf.work(role, '-').pk, { prefix: DUE_PREFIX });
  const raisedBefore = new Map(items.map((item) => [item.subject, item.raisedAt]));
  const wanted = new Set(due.map(subjectOf));
  for (const { subject } of items.filter((item) => !wanted.has(item.subject))) await operations.delete(keyOf.work(role, subject));
  for (const item of due) {
    await operations.put(keyOf.work(role, subjectOf(item)), {
      subject: subjectOf(item), kind: `due-${item.kind}`, title: item.title, detail: `${item.overdue ? 'overdue since' : 'due'} ${item.dueAt}`, raisedAt: raisedBefore.get(subjectOf(item)) ?? raisedAt,
    });
  }
};

/** Once a day: list what falls due and put it on the work lists of those concerned. The same registers on the same day are the same run. */
export const createHandler = (ports: Ports) => task(async (_: unknown) => {
  const at = ports.now();
  const day = at.toISOString().slice(0, 10);
  const register = <Entry>(kind: string): Promise<readonly Entry[]> => listAll<Entry>(ports.operations, keyOf.summary(kind, '-').pk);
  const [equipment, people, lots] = [await register<Equipment>('equipment'), await register<Person>('person'), await register<MaterialLot>('material-lot')];
  const due = whatFallsDue({ equipment, people, lots }, Date.parse(day));
  for (const role of ROLES) await raise(ports, role, due.filter(({ roles }) => roles.includes(role)), `${day}T00:00:00.000Z`);
  const inputs = { day, equipment: hashOf(equipment), people: hashOf(people), lots: hashOf(lots) };
  const { isNew } = await ports.runs.keep({ task: TASK, trigger: 'schedule', inputs, ruleVersion: DUE_RULE_SET_VERSION, at: at.toISOString(), result: { dueCount: due.length, due: due.slice(0, MOST_NAMED) } });
  return { dueCount: due.length, isNew };
});
