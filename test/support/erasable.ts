import type { BatchEvent } from '../../shared/batch/events.ts';
import type { SealedValue } from '../../shared/personal-data/sealed.ts';
import { CONTENT } from './batch-fixtures.ts';
import { actSigned, BATCH_ROUTE, createJourney, equip, type Journey } from './journey.ts';
import { createNode, type TestNode } from './node.ts';
import { PEOPLE } from './people.ts';
import { FIELDS, personal } from './personal-data.ts';

export const entries = (of: TestNode): readonly SealedValue[] => [...of.personalData.items.values()].flatMap(({ entries: held }) => held as SealedValue[]);
export const eventsOf = ({ store }: TestNode, batchId: string) => store.load<BatchEvent>({ kind: 'batch', id: batchId });

/** Two batches of one therapy event, both with personal data: the first was aborted, the second has only been made. */
export const createErasable = async (prepare: (node: TestNode) => Promise<void> = () => Promise.resolve()): Promise<Readonly<{ node: TestNode; stopped: Journey; released: Journey; id: string }>> => {
  const node = createNode();
  await prepare(node);
  await equip(node);
  const stopped = await createJourney(node);
  const id = stopped.chainOfIdentityId;
  await personal(stopped).record({ yearOfBirth: 1961, bodyWeightKilograms: 64 });
  await personal(stopped).correct(PEOPLE.operator, { bodyWeightKilograms: 64.5 }, 'read again');
  const { status } = await actSigned(stopped, PEOPLE.operator, 'responsibility', `${BATCH_ROUTE}/abort`, { reason: 'contaminated' });
  if (status !== 200) throw new Error(`the abort answered ${status}`);
  const { id: batchId } = await node.ok(PEOPLE.operator, 'POST /v1/batches', { body: { productId: CONTENT.productId, chainOfIdentityId: id } }) as { id: string };
  const released = { ...stopped, batchId };
  await personal(released).record(FIELDS);
  return { node, stopped, released, id };
};
