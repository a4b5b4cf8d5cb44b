import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { JsonFile } from '../../../infra/local/core/state.ts';
import { createAuthorizer } from '../../../infra/local/services/api-gateway/authorizer.ts';
import { newPoolState, UserPool } from '../../../infra/local/services/cognito/pool.ts';
import { temporaryFolder } from './temporary-folder.ts';

export const PASSWORD = 'Correct-horse-7';
export const CLIENT = 'client-1';

/** A pool with one person, its keys published on a port of this machine. */
export const startPool = async (folder = temporaryFolder(), lapseMs = 0) => {
  let pool: UserPool | undefined = undefined;
  const server = createServer((_, response) => { response.setHeader('content-type', 'application/json').end(JSON.stringify(pool?.jwks)); });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  onTestFinished(() => { server.close(); });
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}/pool`;
  const made = new UserPool({ id: 'pool', arn: 'arn:pool', issuer, policy: { MinimumLength: 12, RequireSymbols: true } }, new JsonFile(join(folder, 'pool.json'), newPoolState()), () => Date.now() - lapseMs);
  pool = made;
  made.groups.add('quality');
  try {
    made.create('Ada', { 'custom:node': 'north' });
    made.setPassword('ada', PASSWORD, true);
    made.addToGroup('ada', 'quality');
  } catch { /* a restart: she is there */ }
  const tokens = () => made.tokens(made.authenticate('ada', PASSWORD), CLIENT);
  return { pool: made, issuer, tokens, authorize: createAuthorizer(issuer, [CLIENT]) };
};
