import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as z from 'zod';
import { parseSettings } from './settings-file.ts';

/** What the network decides once for all its hospitals: `infra/network.json`. */
export const NetworkSettingsSchema = z.strictObject({
  /** Days from one count of drift over the hospitals to the next, for each active model. */
  driftEveryDays: z.int('want a whole number of days').min(1, 'want at least 1').max(92, 'want at most 92').default(7),
  /**
   * Days after which messages of trainings are gone from the mailbox, whatever became of the run. A run of 60 rounds takes weeks at most; hashes of all messages stay on record.
   */
  mailboxDays: z.int('want a whole number of days').min(60, 'want at least 60: a run that goes on must not lose its messages').max(365, 'want at most 365').default(90),
});
export type NetworkSettings = z.infer<typeof NetworkSettingsSchema>;

const FILE = join(resolve(import.meta.dirname), 'network.json');

/** @throws Error naming file, field and what was wanted */
export const parseNetworkSettings = (text: string, file = FILE): NetworkSettings => parseSettings(NetworkSettingsSchema, file, text);

export const readNetworkSettings = (file = FILE): NetworkSettings => parseNetworkSettings(readFileSync(file, 'utf8'), file);
