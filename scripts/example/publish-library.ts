import { CD19_CAR_T, CD19_CAR_T_ID } from '../../shared/master-batch-record/cd19-car-t/content.ts';
import { contentHashOf } from '../../shared/master-batch-record/life-cycle.ts';
import type { MasterBatchRecordContent } from '../../shared/master-batch-record/model.ts';
import type { Person } from '../client/api-client.ts';

type Signer = Pick<Person, 'request' | 'post' | 'sign'>;
/** Who takes a master batch record through its life cycle at the control site. */
export type LibraryStaff = Readonly<{ author: Signer; reviewer: Signer; qualifiedPerson: Signer }>;

/** As it is sent: without members that have no value. */
const SHIPPED = JSON.parse(JSON.stringify(CD19_CAR_T)) as MasterBatchRecordContent;
const PATH = `/v1/master-batch-records/${CD19_CAR_T_ID}`;

/**
 * Whether the example may sign what is there: the shipped content, on its way to its first effective revision. Whatever comes after that, and whatever a person has changed in a draft before, is
 * theirs: nobody signs it for them.
 */
const isOwn = (record: Readonly<Record<string, unknown>>): boolean => {
  const history = (record['history'] ?? []) as readonly Readonly<{ type: string }>[];
  return record['contentHash'] === contentHashOf(SHIPPED) && !history.some(({ type }) => type === 'revision-made-effective');
};

/** The shipped master batch record goes through its life cycle, each move signed by the person whose move it is; begun anew, it goes on where it was. */
export const publishLibrary = async ({ author, reviewer, qualifiedPerson }: LibraryStaff): Promise<void> => {
  const { status } = await author.request('GET', PATH);
  if (status === 404) await author.post('/v1/master-batch-records', { masterBatchRecordId: CD19_CAR_T_ID, content: SHIPPED }, 'example-master-batch-record');
  const moves = [['draft', author, 'submission', 'authorship'], ['in-review', reviewer, 'approval', 'approval'], ['approved', qualifiedPerson, 'effectiveness', 'responsibility']] as const;
  for (const [state, person, move, meaning] of moves) {
    const { body } = await person.request('GET', PATH);
    if (body['state'] === state && isOwn(body)) await person.sign(`${PATH}/${move}`, meaning, Number(body['version']));
  }
};
