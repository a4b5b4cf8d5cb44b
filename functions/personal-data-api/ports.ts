import type { CommandPorts } from '../_platform/command.ts';
import type { NodeRecords } from '../_platform/node-records.ts';
import type { PersonalDataStore } from '../_platform/personal-data-store.ts';
import type { ReadPorts } from '../_platform/read-log.ts';

export type PersonalDataPorts = CommandPorts & ReadPorts & Readonly<{
  records: Pick<NodeRecords, 'batches' | 'chainsOfIdentity'>;
  personalData: PersonalDataStore;
  /** From a cryptographic source. */
  randomBytes(count: number): Uint8Array;
}>;
