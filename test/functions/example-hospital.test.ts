import { beforeEach, describe, expect, it } from 'vitest';
import { ProblemError, type Person } from '../../scripts/client/api-client.ts';
import { lotIdOf, prepareHospital, type HospitalStaff } from '../../scripts/example/hospital-data.ts';
import { CD19_CAR_T } from '../../shared/master-batch-record/cd19-car-t/content.ts';
import { createNode, type TestNode } from '../support/node.ts';
import { PEOPLE, type TestPerson } from '../support/people.ts';

const LOTS = CD19_CAR_T.materials.filter(({ kind }) => kind !== 'patient').map(({ id }) => lotIdOf(id));
const COURSES = new Set(CD19_CAR_T.procedure.flatMap(({ operations }) => operations).flatMap(({ phases }) => phases).flatMap(({ training }) => training));
const STAFF = [PEOPLE.steward, PEOPLE.reviewer, PEOPLE.operator, PEOPLE.second];

let node: TestNode;
/** Commands until the start is cut off; all, if not said otherwise. */
let commandsLeft: number;
let commandsMade: number;

const routeOf = (path: string): Readonly<{ route: string; path: Readonly<Record<string, string>> }> => {
  const [, list = '', id, act] = /^\/v1\/(\w+)(?:\/([^/]+)\/(\w+))?$/.exec(path) ?? [];
  if (id === undefined) return { route: `/v1/${list}`, path: {} };
  const name = list === 'materials' ? 'lotId' : 'personId';
  return { route: `/v1/${list}/{${name}}/${act ?? ''}`, path: { [name]: id } };
};

const memberOf = (person: TestPerson): HospitalStaff['steward'] => {
  const post = async (path: string, body: Readonly<Record<string, unknown>> = {}) => {
    if (commandsLeft-- <= 0) throw new Error('cut off');
    commandsMade += 1;
    const { route, path: places } = routeOf(path);
    const { status, body: answer } = await node.call(person, `POST ${route}`, { path: places, body });
    if (status >= 300) throw new ProblemError('POST', path, status, answer);
    return answer;
  };
  return {
    id: person.id, login: { username: person.id, password: '', printedName: person.name, roles: person.roles }, post,
    get: async (address) => {
      const { pathname, searchParams } = new URL(address, 'https://north.test');
      return (await node.call(person, `GET ${pathname}`, { query: Object.fromEntries(searchParams) })).body;
    },
    sign: (path, meaning, version, body) => post(path, { ...body, signature: node.sign(person, meaning, version) }),
  } satisfies Pick<Person, 'id' | 'login' | 'get' | 'post' | 'sign'>;
};

const start = async (): Promise<void> => {
  const everyone = STAFF.map(memberOf);
  const [steward, reviewer] = everyone;
  if (steward === undefined || reviewer === undefined) throw new Error('nobody works here');
  await prepareHospital(CD19_CAR_T, { steward, reviewer, everyone }, { edgeNodeId: 'gateway-1', deviceIdByClass: { bioreactor: 'bioreactor-1' } }, node.time.epochMs);
};

/** What an operator of the example batch would still miss. */
const missing = async (): Promise<readonly string[]> => {
  const get = memberOf(PEOPLE.steward).get;
  const { items: lots } = await get('/v1/materials?limit=200') as { items: readonly Readonly<{ lotId: string; status: string }>[] };
  const { items: people } = await get('/v1/people?limit=200') as { items: readonly Readonly<{ personId: string; trainings: readonly Readonly<{ courseId: string }>[] }>[] };
  return [
    ...LOTS.filter((id) => !lots.some(({ lotId, status }) => lotId === id && status === 'released')),
    ...STAFF.filter(({ id }) => id !== PEOPLE.steward.id).flatMap(({ id }) => [...COURSES].filter((course) => !people.some(({ personId, trainings }) => personId === id && trainings.some(({ courseId }) => courseId === course))).map((course) => `${id}: ${course}`)),
  ];
};

beforeEach(() => {
  node = createNode(CD19_CAR_T);
  commandsLeft = Infinity;
  commandsMade = 0;
});

describe('the start of an example hospital', () => {
  it('leaves everybody trained and every lot released', async () => {
    await start();
    expect(await missing()).toEqual([]);
  });
  it('goes on where it was cut off, after whichever command that was', async () => {
    await start();
    const all = commandsMade;
    expect(all).toBeGreaterThan(LOTS.length);
    for (let count = 0; count < all; count += 1) {
      node = createNode(CD19_CAR_T);
      commandsLeft = count;
      await expect(start()).rejects.toThrow('cut off');
      commandsLeft = Infinity;
      await start();
      expect([count, await missing()]).toEqual([count, []]);
    }
  });
  it('leaves alone a lot that people have rejected', async () => {
    await start();
    const [lotId = ''] = LOTS;
    await node.ok(PEOPLE.reviewer, 'POST /v1/materials/{lotId}/status', { path: { lotId }, body: { status: 'rejected', reason: 'recall', signature: node.sign(PEOPLE.reviewer, 'approval', 2) } });
    await start();
    expect(await missing()).toEqual([lotId]);
  });
});
