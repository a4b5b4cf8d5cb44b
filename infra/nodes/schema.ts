import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import * as z from 'zod';
import { CONTROL_SITE, quorumOf, SITE_ID } from '../../shared/audit-log/directory.ts';
import { CONSENTS } from '../../models/federated/workflow/joining.ts';
import { LEAST_COHORT } from '../../shared/training-data/least-cohort.ts';
import { parseSettings } from '../settings-file.ts';

/** One hospital of the network: one file of this folder, named after its id. */
export const NodeSchema = z.strictObject({
  id: z.string().regex(SITE_ID, 'want 2 to 21 characters: a small letter, then small letters, digits or hyphens').refine((id) => id !== CONTROL_SITE, `want an id other than '${CONTROL_SITE}', which is the control site`),
  name: z.string().trim().min(2, 'want the name of the hospital').max(120),
  account: z.string().regex(/^\d{12}$/, 'want the 12 digits of an AWS account'),
  region: z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'want an AWS region such as eu-west-2'),
  country: z.string().regex(/^[A-Z]{2}$/, 'want an ISO 3166-1 alpha-2 code such as GB').optional(),
  logRetentionDays: z.union([z.literal(90), z.literal(180), z.literal(365), z.literal(731), z.literal(1827), z.literal(3653)]).default(731),
  /**
   * Years for which nobody can delete the log and the documents (Object Lock, compliance): it can be lengthened later, never shortened. Thirty is what traceability data of an advanced therapy must be kept.
   *
   * @see Regulation (EC) No 1394/2007, Article 15(4)
   */
  recordLockYears: z.int('want a whole number of years').min(1, 'want at least 1').max(100, 'want at most 100, the longest S3 takes').default(30),
  /** Whether the synthetic model that comes with the software may speak here. It is not for use on patients: for example networks alone, and the record of each batch says so. */
  exampleModel: z.boolean('want true or false').default(false),
  /** Rows this hospital takes part in a training with, and counts a model's answers over, at least; and by which two of its sums differ, at least. */
  leastCohort: z.int('want a whole number of rows').min(LEAST_COHORT, `want at least ${LEAST_COHORT}`).max(10_000, 'want at most 10000').default(LEAST_COHORT),
  /** Minutes its people have to decline a training before the hospital joins by itself, whatever the coordinator would rather have. A training whose joining ends before is refused. */
  thinkingMinutes: z.int('want a whole number of minutes').min(1, 'want at least 1').max(10_080, 'want at most 10080, a week').default(60),
  /** What it wants before it joins a training, counts of drift among them: time for its people to decline, or a signed yes. */
  trainingConsent: z.enum(CONSENTS, "want 'after-thinking-time' or 'signed'").default('after-thinking-time'),
  /** Minutes by which a gateway's clock may differ from AWS IoT Core's; beyond, what it sends is set aside (ADR 0030). */
  deviceClockMinutes: z.int('want a whole number of minutes').min(1, 'want at least 1').max(60, 'want at most 60').default(5),
  /** Cosignatures a checkpoint of this hospital's log needs; a majority of its witnesses when left out. */
  witnessQuorum: z.int('want a whole number').min(1, 'want at least 1').optional(),
});
export type HospitalNode = z.infer<typeof NodeSchema>;

/**
 * Parse one node file.
 *
 * @throws Error naming file, path of the field and what was wanted
 */
export const parseNode = (file: string, text: string): HospitalNode => {
  const node = parseSettings(NodeSchema, file, text);
  if (`${node.id}.json` !== basename(file)) throw new Error(`${file}: id: got '${node.id}', want the name of the file, '${basename(file, '.json')}'`);
  return node;
};

/** All nodes of a folder, by id; two in one account and region are refused, because their records would share one keeper. */
export const readNodes = (folder: string): readonly HospitalNode[] => {
  const nodes = readdirSync(folder).filter((file) => file.endsWith('.json')).toSorted().map((file) => parseNode(join(folder, file), readFileSync(join(folder, file), 'utf8')));
  const homes = new Map<string, string>();
  for (const { id, account, region } of nodes) {
    const home = `${account}/${region}`;
    const other = homes.get(home);
    if (other !== undefined) throw new Error(`${join(folder, `${id}.json`)}: account and region are those of node '${other}', want a home of its own`);
    homes.set(home, id);
  }
  requireQuorums(folder, nodes);
  return nodes;
};

/**
 * A hospital's witnesses are the control site and every other hospital. More than there are would never be reached; less than a majority would let two histories be published.
 *
 * @throws Error naming file, field and what was wanted
 */
export const requireQuorums = (folder: string, nodes: readonly Pick<HospitalNode, 'id' | 'witnessQuorum'>[]): void => {
  const witnesses = nodes.length;
  for (const { id, witnessQuorum } of nodes) {
    if (witnessQuorum === undefined || (witnessQuorum <= witnesses && witnessQuorum >= quorumOf(witnesses))) continue;
    throw new Error(`${join(folder, `${id}.json`)}: witnessQuorum: got ${witnessQuorum}, want ${quorumOf(witnesses)} to ${witnesses}: a majority of the witnesses, which are the control site and ${witnesses - 1} other hospitals`);
  }
};
