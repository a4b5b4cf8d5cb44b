import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { dynamoDb } from '../functions/_platform/dynamodb-client.ts';
import { archivedBirths } from '../functions/_platform/births.ts';
import { createLeafReader } from '../functions/_platform/dynamodb-leaves.ts';
import { createDynamoDbManyItems } from '../functions/_platform/dynamodb-many-items.ts';
import { createDynamoDbOperationsStore } from '../functions/_platform/dynamodb-operations-store.ts';
import { createLogPlaces } from '../functions/_platform/log-places.ts';
import { createLogStore } from '../functions/_platform/log-store.ts';
import { createDynamoDbRecordTable } from '../functions/_platform/restore/dynamodb-record-table.ts';
import type { LogObjects, Step } from '../functions/_platform/restore/ports.ts';
import { restore, type Restored, type RestoreOptions } from '../functions/_platform/restore/restore.ts';
import { networkViewsOf } from '../functions/_platform/restore/network-views.ts';
import { viewsOf } from '../functions/_platform/restore/views.ts';
import { s3 } from '../functions/_platform/s3-client.ts';
import { createS3ObjectStore } from '../functions/_platform/s3-object-store.ts';
import { createFolderObjects } from './restore/folder-objects.ts';
import { previousOf, trustOf } from './restore/trust.ts';
import { describeTarget, targetOf, type Target } from './restore/target.ts';
import { restorePersonal } from './restore/personal.ts';
import { runScript, UsageError } from './run-script.ts';

const HELP = `Rebuild the two tables of a hospital node, or of the control site, from the objects of its log alone, and personal data from its own backup.

  npm run restore -- --from <bucket or folder> [options]

  --from              bucket with the log, or a folder with a copy of it ('checkpoint' and 'tile/')
  --node              hospital node, e.g. north; a log of another site is refused. The site that the checkpoint names, by default
  --control-site      the control site in place of a hospital; a log of another site is refused
  --key <vkey>        verifier key of the log, <name>+<id>+<base64>. Required for a deployed one; the local cloud's is read from its key service
  --witness <vkey>    public key of a witness; once for each
  --quorum <number>   witnesses that must have cosigned; all that are given, by default
  --previous <file>   a checkpoint you kept elsewhere: the log must have grown from it, so that a copy that is too old is refused
  --personal <file>   backup of personal data (npm run backup:personal); each value is held against the record, and what was erased since stays erased
  --dry-run           verify the log, look at the tables, write nothing
  --with-unsigned     restore, too, entries that were accepted after the last checkpoint
  --state             state folder of the local cloud; .bedside by default
  --help              this text

Deployed, with the caller's own AWS environment (outputs of the stack):
  --record-table, --operations-table, --log-bucket, and at a hospital --telemetry-bucket; with --personal also --personal-data-table

Signature (of the site that is restored, whoever named it), every entry, every tile and every chain are verified first. A copy that is older than the log in the site's own bucket, or another, is refused before anything is written; so are tables that hold other
events; what is there and the same is kept, so that a restore that was
cut off is run again. Stop the node's followers and schedules before: docs/runbook.md, "restore".

Restored: events with their leaves, summaries, search index, equipment in use, head and index of the log; and, from the telemetry bucket, the birth certificates that name its metrics.
Not restored without --personal: personal fields, which are not in the log. Never restored: idempotency keys, used re-authentications, message numbering, the list of quarantined messages (they stay in the bucket), waiting
workflow tokens, work lists and other short-lived state; read log and run records. Of the control site: what hospitals told of their batches and keys (they tell it again), and its witness table.
`;

const LABEL: Readonly<Record<Step, string>> = { verify: 'entries verified', look: 'items looked for', events: 'events in place', views: 'streams made again', births: 'births in place', index: 'leaves indexed' };
const INTERVAL_MS = 2000;

const reporter = (): ((step: Step, done: number, of: number) => void) => {
  let lastMs = 0;
  return (step, done, of) => {
    if (done < of && Date.now() - lastMs < INTERVAL_MS) return;
    lastMs = Date.now();
    process.stdout.write(`  ${LABEL[step].padEnd(18)}  ${done} of ${of}\n`);
  };
};

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

const objectsOf = (from: string, client = s3): LogObjects => (isFolder(from) ? createFolderObjects(resolve(from)) : createS3ObjectStore(client, from));

const summaryOf = ({ streams, events, births, tiles, size, signedSize, root, tableRoot }: Restored): string => [
  '', `streams    ${streams}`, `events     ${events}`, ...(births === undefined ? [] : [`births     ${births}`]), ...(tiles === undefined ? [] : [`tiles      ${tiles} that were not written yet, ${tableRoot === undefined ? 'to be completed' : 'completed'} in the site's own log bucket`]), `size       ${size}${size === signedSize ? '' : ` (checkpoint: ${signedSize})`}`, `root       ${Buffer.from(root, 'hex').toString('base64')}`,
  `identical  ${tableRoot === undefined ? 'nothing was written' : tableRoot === root ? 'yes' : 'no'}`,
  '',
].join('\n');

/** A site goes on with the log in its own bucket. */
const bucketNote = async (from: string, { logBucket }: Target): Promise<string> => {
  const [restored, own] = await Promise.all([objectsOf(from), createS3ObjectStore(s3, logBucket)].map((objects) => objects.get('checkpoint')));
  return restored !== undefined && own !== undefined && Buffer.compare(restored.body, own.body) === 0 ? '' : `Its own log bucket, ${logBucket}, does not hold this log: copy it there before work goes on.\n`;
};

/** The control site has no telemetry. */
const noBirths = async function* (): AsyncGenerator<never> { /* none */ };

const run = (from: string, { recordTable, operationsTable, logBucket, telemetryBucket }: Target, options: RestoreOptions): Promise<Restored> => {
  const operations = createDynamoDbOperationsStore(dynamoDb, operationsTable);
  const bucket = createS3ObjectStore(s3, logBucket);
  return restore({
    objects: objectsOf(from), own: bucket, table: createDynamoDbRecordTable(dynamoDb, recordTable), leaves: createLeafReader(createDynamoDbManyItems(dynamoDb, recordTable)), operations,
    places: createLogPlaces(createDynamoDbManyItems(dynamoDb, operationsTable)), log: createLogStore({ log: bucket, staging: bucket, operations, many: createDynamoDbManyItems(dynamoDb, operationsTable) }), views: telemetryBucket === undefined ? networkViewsOf : viewsOf, births: () => (telemetryBucket === undefined ? noBirths() : archivedBirths(createS3ObjectStore(s3, telemetryBucket))), now: () => new Date(), progress: reporter(),
  }, options);
};

await runScript(HELP, async () => {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ options: {
    node: text, 'control-site': { type: 'boolean', default: false }, from: text, key: text, state: { type: 'string', default: '.bedside' }, 'record-table': text, 'operations-table': text, 'personal-data-table': text, personal: text, witness: { type: 'string', multiple: true, default: [] as string[] }, quorum: text, previous: text, 'log-bucket': text, 'telemetry-bucket': text,
    'dry-run': { type: 'boolean', default: false }, 'with-unsigned': { type: 'boolean', default: false }, help: { type: 'boolean' },
  } });
  const { from } = values;
  if (from === undefined) throw new UsageError('--from: want the bucket of the log, or a folder with a copy of it');
  const target = await targetOf(values, from, (client) => objectsOf(from, client));
  process.stdout.write(`restoring ${target.siteId} from ${from}${target.isTakenFromLog ? `, which says it is the log of ${target.key.name}` : ''}\n${describeTarget(target)}`);
  process.stdout.write(summaryOf(await run(from, target, { trust: trustOf(target.key, values), isDryRun: values['dry-run'], withUnsigned: values['with-unsigned'], ...previousOf(values) })));
  if (target.telemetryBucket !== undefined) process.stdout.write(values.personal === undefined ? 'Personal fields are not in the log: restore them from their own backup (--personal).\n' : await restorePersonal(values.personal, target, values['dry-run']));
  process.stdout.write(await bucketNote(from, target));
});
