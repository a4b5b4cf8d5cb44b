import type { PersonalFields } from '../../shared/personal-data/fields.ts';
import type { SignatureMeaning } from '../../shared/record/envelope.ts';
import type { Answered } from './api.ts';
import { BATCH_ROUTE, type Journey } from './journey.ts';
import type { TestNode } from './node.ts';
import { PEOPLE, type TestPerson } from './people.ts';

export const ROUTE = `${BATCH_ROUTE}/personal-data`;
export const ERASURE_ROUTE = '/v1/chains-of-identity/{chainOfIdentityId}/erasure';

/** A patient that does not exist. */
export const FIELDS = {
  patientReference: 'H-4711-0815', yearOfBirth: 1961, sex: 'female', bodyWeightKilograms: 64.5,
  priorTherapies: { bendamustineWithinSixMonths: 'no', allogeneicTransplant: 'no', cd19DirectedTherapy: 'unknown' }, treatingPhysician: 'Dr Karla Novak',
} as const satisfies Required<PersonalFields>;

/** What people do with the personal data of one batch. */
export const personal = ({ node, batchId }: Journey) => ({
  record: (fields: unknown, key?: string): Promise<Answered> => node.call(PEOPLE.operator, `POST ${ROUTE}`, { path: { batchId }, body: { fields }, ...(key === undefined ? {} : { key }) }),
  correct: async (person: TestPerson, fields: unknown, reason: string, meaning: SignatureMeaning = 'responsibility'): Promise<Answered> => {
    const { version } = await node.batch(batchId);
    return node.call({ ...person, roles: ['operator'] }, `POST ${ROUTE}/correction`, { path: { batchId }, body: { fields, reason, signature: node.sign(person, meaning, version) } });
  },
  read: (person: TestPerson): Promise<Answered> => node.call(person, `GET ${ROUTE}`, { path: { batchId } }),
});

const { reviewer, qualified } = PEOPLE;

/** The two acts of an erasure, and its state. */
export const erasure = (node: TestNode, chainOfIdentityId: string) => {
  const path = { chainOfIdentityId };
  const version = async (): Promise<number> => (await node.records.chainsOfIdentity.load(chainOfIdentityId)).position.version;
  return {
    request: async (person: TestPerson = reviewer, reason = 'asked for by the patient', meaning: SignatureMeaning = 'responsibility'): Promise<Answered> =>
      node.call(person, `POST ${ERASURE_ROUTE}-request`, { path, body: { reason, signature: node.sign(person, meaning, await version()) } }),
    confirm: async (person: TestPerson = qualified, key?: string, meaning: SignatureMeaning = 'approval'): Promise<Answered> =>
      node.call(person, `POST ${ERASURE_ROUTE}`, { path, body: { signature: node.sign(person, meaning, await version()) }, ...(key === undefined ? {} : { key }) }),
    complete: (person: TestPerson = reviewer): Promise<Answered> => node.call(person, `POST ${ERASURE_ROUTE}/completion`, { path }),
    read: (person: TestPerson = reviewer): Promise<Answered> => node.call(person, `GET ${ERASURE_ROUTE}`, { path }),
  };
};

/** Everything a hospital holds outside the table of personal data, as text: tables, log, documents, read log. */
export const everythingButPersonalData = ({ table, operations, log, documents, reads }: TestNode): string => [
  JSON.stringify([...table.values()]), JSON.stringify([...operations.items.values()]), JSON.stringify(reads),
  ...[...log.objects.objects.values(), ...log.staging.objects.values(), ...documents.objects.values()].map((body) => Buffer.from(body).toString('latin1')),
].join('\n');
