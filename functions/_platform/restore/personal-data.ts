import type { Batch } from '../../../shared/batch/state.ts';
import { DomainError } from '../../../shared/errors.ts';
import type { ChainOfIdentity } from '../../../shared/identity/chain-of-identity.ts';
import { openValue, type PersonalDataItem, type SealedValue } from '../../../shared/personal-data/sealed.ts';

/** The table of personal data item by item, as a backup and a restore see it. */
export type PersonalDataTable = Readonly<{
  scan(): AsyncIterable<PersonalDataItem>;
  put(item: PersonalDataItem): Promise<void>;
  delete(item: Pick<PersonalDataItem, 'chainOfIdentityId' | 'batchId'>): Promise<void>;
}>;

export type PersonalRestorePorts = Readonly<{
  table: PersonalDataTable;
  /** Every batch of the restored record. */
  batchIds(): AsyncIterable<string>;
  batch(batchId: string): Promise<Batch | undefined>;
  chainOfIdentity(id: string): Promise<ChainOfIdentity | undefined>;
}>;

export type PersonalRestored = Readonly<{
  /** Batches whose values are all there again. */
  whole: readonly string[];
  /** Batches with values that neither the backup nor the table has. */
  incomplete: readonly string[];
  /** Batches whose values the backup or the table had, and that stay erased. */
  erased: readonly string[];
}>;

const refused = (batchId: string, what: string): DomainError => new DomainError('restore-refused', `personal data of batch ${batchId}: ${what}. Nothing of it is written`, { batchId });

/** Nothing of the backup is believed: each value must be one the record has a commitment to. @throws DomainError `restore-refused` */
const requireOnRecord = (batch: Batch, item: PersonalDataItem): void => {
  if (item.chainOfIdentityId !== batch.chainOfIdentityId) throw refused(batch.batchId, `is of ${item.chainOfIdentityId}, the record says ${batch.chainOfIdentityId}`);
  for (const entry of item.entries) {
    const isKnown = (batch.personalData?.commitments ?? []).some(({ field, commitment, version }) => field === entry.field && commitment === entry.commitment && version === entry.version);
    if (!isKnown) throw refused(batch.batchId, `${entry.field} of version ${entry.version} is not on record; was the log restored to its last checkpoint?`);
    try {
      openValue(entry, item);
    } catch (cause) {
      if (cause instanceof DomainError && cause.code === 'personal-data-corrupt') throw refused(batch.batchId, `${entry.field} of version ${entry.version} does not match its commitment`);
      throw cause;
    }
  }
};

const merged = ({ batchId, chainOfIdentityId, personalData }: Batch, items: readonly PersonalDataItem[]): PersonalDataItem => {
  const found = new Map(items.flatMap(({ entries }) => entries).map((entry) => [entry.commitment, entry]));
  const commitments = personalData?.commitments ?? [];
  const entries = commitments.flatMap(({ commitment }): readonly SealedValue[] => {
    const entry = found.get(commitment);
    return entry === undefined ? [] : [entry];
  });
  const lost = commitments.map(({ commitment }) => commitment).filter((commitment) => !found.has(commitment));
  return { chainOfIdentityId, batchId, version: personalData?.version ?? 1, entries, ...(lost.length === 0 ? {} : { lost }) };
};

type Step = Readonly<{ type: 'put' | 'delete'; item: PersonalDataItem }>;

const isErased = async (ports: PersonalRestorePorts, batch: Batch): Promise<boolean> =>
  batch.personalData?.erasedAt !== undefined || (await ports.chainOfIdentity(batch.chainOfIdentityId))?.erasure?.confirmation !== undefined;

const stepsFor = async (ports: PersonalRestorePorts, batch: Batch, items: readonly PersonalDataItem[]): Promise<readonly Step[]> => {
  if (await isErased(ports, batch)) return items.map((item) => ({ type: 'delete', item }));
  for (const item of items) requireOnRecord(batch, item);
  return batch.personalData === undefined || batch.personalData.commitments.length === 0 ? [] : [{ type: 'put', item: merged(batch, items) }];
};

const byBatch = async (items: AsyncIterable<PersonalDataItem>, backup: readonly PersonalDataItem[]): Promise<ReadonlyMap<string, readonly PersonalDataItem[]>> => {
  const found = new Map<string, PersonalDataItem[]>();
  const add = (item: PersonalDataItem): void => { found.set(item.batchId, [...(found.get(item.batchId) ?? []), item]); };
  for await (const item of items) add(item);
  for (const item of backup) add(item);
  return found;
};

const plan = async (ports: PersonalRestorePorts, backup: readonly PersonalDataItem[]): Promise<readonly Step[]> => {
  const items = await byBatch(ports.table.scan(), backup);
  const known = new Set<string>();
  const steps: Step[] = [];
  for await (const batchId of ports.batchIds()) {
    known.add(batchId);
    const batch = await ports.batch(batchId);
    if (batch !== undefined) steps.push(...await stepsFor(ports, batch, items.get(batchId) ?? []));
  }
  const unknown = [...items.keys()].find((batchId) => !known.has(batchId));
  if (unknown !== undefined) throw refused(unknown, 'the record has no such batch');
  return steps;
};

/**
 * Bring personal data back from its own backup, after the record: values of the backup and of the table together, each held against the record's commitment. What the record says is
 * erased is dropped from both, so that no backup brings it back. Everything is looked at before anything is written, and running it again changes nothing.
 *
 * @param backup items of the backup; none to only drop what is erased
 * @throws DomainError `restore-refused`, naming the batch, when a value is not the one that was recorded
 */
export const restorePersonalData = async (ports: PersonalRestorePorts, backup: readonly PersonalDataItem[], { isDryRun }: Readonly<{ isDryRun: boolean }>): Promise<PersonalRestored> => {
  const steps = await plan(ports, backup);
  if (!isDryRun) for (const { type, item } of steps) await (type === 'put' ? ports.table.put(item) : ports.table.delete(item));
  const named = (wanted: (step: Step) => boolean): readonly string[] => [...new Set(steps.filter(wanted).map(({ item }) => item.batchId))];
  return {
    whole: named(({ type, item }) => type === 'put' && item.lost === undefined), incomplete: named(({ type, item }) => type === 'put' && item.lost !== undefined), erased: named(({ type }) => type === 'delete'),
  };
};
