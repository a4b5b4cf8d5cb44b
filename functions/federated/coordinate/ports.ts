import type { Directory } from '../../../models/federated/secure/keys.ts';
import type { Training, TrainingEvent } from '../../../models/federated/workflow/coordination.ts';
import type { Clock, ObjectStore, RecordStore } from '../../_platform/ports.ts';
import type { StreamRecords } from '../../_platform/stream-records.ts';

export type CoordinatePorts = Readonly<{
  /** The whole mailbox: write questions, read answers, keep the run's own state. */
  mailbox: Pick<ObjectStore, 'get' | 'list' | 'put'>;
  /** Where finished models go, by their hash. */
  models: Pick<ObjectStore, 'get' | 'put'>;
  trainings: StreamRecords<Training, TrainingEvent>;
  record: Pick<RecordStore, 'load'>;
  /** Where a hospital's messages lie in the mailbox, `shared/storage/place.ts`. */
  placeOf(siteId: string): string;
  /** Identities of the registered hospitals. */
  directory(): Promise<Directory>;
  now: Clock;
}>;

export const ACTOR = { kind: 'system', id: 'federated-coordinate', version: '1' } as const;
/** An answer counts that is found within a minute after the round closed: it was sent in time, and looked for late. */
export const GRACE_MS = 60_000;
