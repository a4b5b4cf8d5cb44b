import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { dynamoDb } from '../functions/_platform/dynamodb-client.ts';
import { createDynamoDbPersonalDataTable } from '../functions/_platform/restore/dynamodb-personal-data-table.ts';
import { backupText } from '../functions/_platform/restore/personal-data-backup.ts';
import type { PersonalDataItem } from '../shared/personal-data/sealed.ts';
import { readEndpoints } from './client/endpoints.ts';
import { runScript, UsageError } from './run-script.ts';

const HELP = `Back up the personal data of a hospital node: the one thing that its log can not give back.

  npm run backup:personal -- --node <id> --to <file> [options]

  --node                  hospital node, e.g. north
  --to                    file to write, readable by its owner only; an existing one is refused
  --personal-data-table   the table, for a deployed node (output of its stack); with the caller's own AWS environment
  --state                 state folder of the local cloud; .bedside by default
  --help                  this text

The file holds values and salts in the clear. Keep it inside the hospital, on an encrypted medium, and destroy it after 35 days at the latest: what is erased in the meantime is still in
it. A restore (npm run restore -- --personal <file>) holds each value against the record and brings nothing back that was erased.
`;

const OWNER_ONLY = 0o600;

const tableOf = (node: string, state: string): string => {
  const { nodes } = readEndpoints(state);
  const site = nodes[node];
  if (site === undefined) throw new UsageError(`--node: got ${node}, want one of ${Object.keys(nodes).join(', ')}`);
  Object.assign(process.env, site.environment);
  return site.outputs['PersonalDataTableName'] ?? '';
};

await runScript(HELP, async () => {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({ options: { node: text, to: text, 'personal-data-table': text, state: { type: 'string', default: '.bedside' }, help: { type: 'boolean' } } });
  const { node, to, state } = values;
  if (node === undefined) throw new UsageError('--node: want the id of a hospital node, e.g. --node north');
  if (to === undefined) throw new UsageError('--to: want the file to write');
  const items: PersonalDataItem[] = [];
  for await (const item of createDynamoDbPersonalDataTable(dynamoDb, values['personal-data-table'] ?? tableOf(node, state)).scan()) items.push(item);
  writeFileSync(to, backupText(node, new Date().toISOString(), items), { mode: OWNER_ONLY, flag: 'wx' });
  process.stdout.write(`${items.length} batch(es) of node ${node} written to ${to}. Destroy it after 35 days at the latest.\n`);
});
