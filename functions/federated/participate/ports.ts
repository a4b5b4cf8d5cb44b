import type { Rows } from '../../../models/federated/rows.ts';
import type { Plan } from '../../../models/federated/plan.ts';
import type { Directory, Partners, TrainingKey } from '../../../models/federated/secure/keys.ts';
import type { Consent } from '../../../models/federated/workflow/joining.ts';
import type { Participation, ParticipationEvent } from '../../../models/federated/workflow/participation.ts';
import type { Clock, ObjectStore } from '../../_platform/ports.ts';
import type { StreamRecords } from '../../_platform/stream-records.ts';
import type { Budgets } from './budgets.ts';
import type { OwnFiles } from './own-files.ts';

export type ParticipatePorts = Readonly<{
  nodeId: string;
  /** Where this hospital's messages lie in the mailbox, `shared/storage/place.ts`. */
  place: string;
  /** The control site's mailbox: read what is asked, write the own answers, nothing else. */
  mailbox: Pick<ObjectStore, 'get' | 'list' | 'put'>;
  files: OwnFiles;
  /** One stream, named after the hospital: all it ever let out. */
  participation: StreamRecords<Participation, ParticipationEvent>;
  /** What trainings may still learn of this hospital's rows. */
  budgets: Budgets;
  /** Rows that may train this plan, as they are now. */
  rows(plan: Plan): Promise<Rows>;
  /** Identities of the network's hospitals, as this one holds them. */
  directory(): Promise<Directory>;
  /** Fingerprints of the hospitals that people here confirmed as training partners. */
  partners(): Promise<Partners>;
  /** Signature of this hospital's training key, base64, with the key as its identity vouches for it. */
  certify(bytes: Uint8Array): Promise<Readonly<{ signature: string; trainingKey?: TrainingKey }>>;
  /** Least rows this hospital takes part with. */
  leastCohort: number;
  /** What it wants before it joins. */
  consent: Consent;
  /** Time its people have to think before it joins by itself, in milliseconds. */
  thinkingMs: number;
  count(name: 'TrainingsRefused', value: number): void;
  now: Clock;
}>;
