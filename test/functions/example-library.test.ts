import { beforeEach, describe, expect, it } from 'vitest';
import { publishLibrary, type LibraryStaff } from '../../scripts/example/publish-library.ts';
import { CD19_CAR_T, CD19_CAR_T_ID } from '../../shared/master-batch-record/cd19-car-t/content.ts';
import { createControlSite, type ControlSite } from '../support/control-site.ts';
import { PEOPLE, type TestPerson } from '../support/people.ts';

const ROUTE = '/v1/master-batch-records';
const SIGNED = ['revision-drafted', 'revision-submitted', 'revision-approved', 'revision-made-effective'];

let site: ControlSite;
/** The moves after which the start is cut off; all, if not said otherwise. */
let movesLeft: number;

const staffOf = (person: TestPerson): LibraryStaff['author'] => {
  const ask = async (method: string, path: string, body?: unknown): ReturnType<LibraryStaff['author']['request']> => {
    const [, id, move] = /^\/v1\/master-batch-records(?:\/([^/]+))?(\/.+)?$/.exec(path) ?? [];
    const { status, body: answer } = await site.call(person, `${method} ${ROUTE}${id === undefined ? '' : '/{masterBatchRecordId}'}${move ?? ''}`, { ...(id === undefined ? {} : { path: { masterBatchRecordId: id } }), body });
    return { status, body: answer };
  };
  const post = async (path: string, body?: unknown) => {
    if (movesLeft-- <= 0) throw new Error('cut off');
    const { status, body: answer } = await ask('POST', path, body);
    if (status >= 300) throw new Error(`POST ${path} answered ${status}: ${JSON.stringify(answer)}`);
    return answer;
  };
  return { request: ask, post, sign: (path, meaning, version) => post(path, { signature: site.sign(person, meaning, version) }) };
};
const start = (): Promise<void> => publishLibrary({ author: staffOf(PEOPLE.scientist), reviewer: staffOf(PEOPLE.reviewer), qualifiedPerson: staffOf(PEOPLE.qualified) });
const events = async (): Promise<readonly string[]> => (await site.history.load<Readonly<{ type: string }>>({ kind: 'master-batch-record', id: CD19_CAR_T_ID })).map(({ event }) => event.type);
const draft = async (title: string): Promise<void> => {
  const { status } = await site.call(PEOPLE.steward, `POST ${ROUTE}`, { body: { masterBatchRecordId: CD19_CAR_T_ID, content: { ...CD19_CAR_T, title } } });
  expect(status).toBe(201);
};

beforeEach(() => {
  site = createControlSite();
  movesLeft = Infinity;
});

describe('the start of an example network', () => {
  it('puts the shipped master batch record in force, and at the next start does nothing', async () => {
    await start();
    expect(await events()).toEqual(SIGNED);
    await start();
    expect(await events()).toEqual(SIGNED);
  });
  it.each([1, 2, 3])('goes on after %i moves where it was cut off', async (count) => {
    movesLeft = count;
    await expect(start()).rejects.toThrow('cut off');
    expect(await events()).toEqual(SIGNED.slice(0, count));
    movesLeft = Infinity;
    await start();
    expect(await events()).toEqual(SIGNED);
  });
  it('signs no revision that a person drafts after the one in force, even with the very content that is shipped', async () => {
    await start();
    for (const title of ['Changed', CD19_CAR_T.title]) {
      await draft(title);
      await start();
    }
    expect(await events()).toEqual([...SIGNED, 'revision-drafted', 'revision-drafted']);
  });
  it('signs no draft that a person changed before the first was in force', async () => {
    movesLeft = 1;
    await expect(start()).rejects.toThrow('cut off');
    await draft('Changed');
    movesLeft = Infinity;
    await start();
    expect(await events()).toEqual(['revision-drafted', 'revision-drafted']);
  });
});
