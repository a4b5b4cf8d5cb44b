import { advance, createJourney, equip, type Journey } from './journey.ts';
import { createNode, type TestNode } from './node.ts';
import { PEOPLE, type TestPerson } from './people.ts';

export const DAY_MS = 86_400_000;
export type Items = readonly Readonly<Record<string, unknown>>[];
export type Query = Readonly<Record<string, string>>;

/** A hospital to inspect: a batch whose values are recorded, and a day later another that has only been made. */
export const createInspected = async (): Promise<Readonly<{ node: TestNode; journey: Journey; other: Journey }>> => {
  const node = createNode();
  await equip(node);
  const journey = await advance(await createJourney(node), 'valued');
  node.time.epochMs += DAY_MS;
  return { node, journey, other: await createJourney(node) };
};

/** Questions to the audit interface. @param node the one of the test that runs */
export const asking = (node: () => TestNode) => (path: string, query: Query = {}, named: Query = {}, person: TestPerson = PEOPLE.regulator) => node().call(person, `GET /v1/audit/${path}`, { path: named, query });

export const streamsIn = (items: Items): readonly string[] => items.map(({ kind, id }) => `${String(kind)} ${String(id)}`);
