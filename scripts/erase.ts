import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { parseArgs } from 'node:util';
import { Person } from './client/api-client.ts';
import { readEndpoints, type Endpoints, type Login, type Site } from './client/endpoints.ts';
import { findHospital } from './erase/find-hospital.ts';
import { runErasure, type Wish } from './erase/run-erasure.ts';
import { runScript, UsageError } from './run-script.ts';

const HELP = `Erase the personal data of one therapy event: values and salts of every batch of it. It can not be taken back.

  npm run erase -- --coi <id> --reason <text> [options]

  --coi             chain-of-identity identifier
  --reason          why; kept for as long as the record, so without a name or number of the patient
  --requested-by    user name of the quality reviewer who requests it
  --confirmed-by    user name of the qualified person who confirms it: another person
  --step            all (default), request, or confirm: for two people at two places
  --dry-run         list what would be erased; nobody signs
  --node            hospital node of the local cloud, e.g. north; by default the one that has the therapy event
  --state           state folder of the local cloud; .bedside by default
  --help            this text

Deployed node (outputs of its stack): --api-url, --issuer-url, --client-id. Passwords are asked for, or read from REQUEST_PASSWORD and CONFIRM_PASSWORD; the local cloud's example
logins are used where no user name is given.

What is erased: what Bedside holds of the patient, in no batch's way: nothing is erased before every batch of the therapy event is dispositioned, stopped or aborted. What is not: the batch
record, which must be kept (Directive 2004/23/EC Art. 8 and Regulation (EC) 1394/2007 Art. 15: 30 years). Before you sign, make sure that the hospital's own register holds which patient the
chain-of-identity identifier belongs to; Bedside will not know any more. Cut off, it is run again.
`;

const text = { type: 'string' } as const;
const { values } = parseArgs({ strict: false, options: {
  coi: text, reason: text, 'requested-by': text, 'confirmed-by': text, step: text, node: text, state: text, 'api-url': text, 'issuer-url': text, 'client-id': text, 'dry-run': { type: 'boolean' }, help: { type: 'boolean' },
} });
const KNOWN = new Set(['coi', 'reason', 'requested-by', 'confirmed-by', 'step', 'node', 'state', 'api-url', 'issuer-url', 'client-id', 'dry-run', 'help']);
const valueOf = (name: string): string | undefined => {
  const value = values[name];
  return typeof value === 'string' ? value : undefined;
};

const askPassword = async (username: string): Promise<string> => {
  if (!process.stdin.isTTY) throw new UsageError(`no password for ${username}: want REQUEST_PASSWORD and CONFIRM_PASSWORD, or a terminal to ask at`);
  process.stderr.write(`password of ${username}: `);
  const silent = createInterface({ input: process.stdin, output: new Writable({ write: (_, __, done) => { done(); } }), terminal: true });
  const password = await silent.question('');
  silent.close();
  process.stderr.write('\n');
  return password;
};

/** Whether a hospital of the local cloud knows the therapy event, as its example reviewer is told. */
const knowsOf = (nodes: Endpoints['nodes'], chainOfIdentityId: string) => async (nodeId: string): Promise<boolean> => {
  const node = nodes[nodeId];
  const login = node?.logins.find(({ roles }) => roles.includes('quality-reviewer'));
  if (node === undefined || login === undefined) return false;
  const { status } = await (await Person.signIn(node, login)).request('GET', `/v1/chains-of-identity/${encodeURIComponent(chainOfIdentityId)}/erasure`);
  return status === 200;
};

const siteOf = async (chainOfIdentityId: string): Promise<Site> => {
  const [apiUrl, issuerUrl, userPoolClientId] = [valueOf('api-url'), valueOf('issuer-url'), valueOf('client-id')];
  if (apiUrl !== undefined && issuerUrl !== undefined && userPoolClientId !== undefined) return { stack: '', apiUrl, issuerUrl, userPoolClientId, logins: [], outputs: {}, environment: {} };
  if (apiUrl !== undefined || issuerUrl !== undefined || userPoolClientId !== undefined) throw new UsageError('--api-url, --issuer-url, --client-id: want all three for a deployed node');
  const { nodes } = readEndpoints(valueOf('state') ?? '.bedside');
  const nodeId = valueOf('node') ?? await findHospital(chainOfIdentityId, Object.keys(nodes), knowsOf(nodes, chainOfIdentityId));
  const node = nodes[nodeId];
  if (node === undefined) throw new UsageError(`--node: got ${nodeId}, want one of ${Object.keys(nodes).join(', ')}`);
  process.stdout.write(`at ${nodeId}\n`);
  return node;
};

const loginOf = async ({ logins }: Site, option: 'requested-by' | 'confirmed-by', role: string, variable: string): Promise<Login> => {
  const username = valueOf(option);
  const example = logins.find((login) => (username === undefined ? login.roles.includes(role) : login.username === username));
  if (example !== undefined) return example;
  if (username === undefined) throw new UsageError(`--${option}: want the user name of a ${role.replace('-', ' ')}`);
  return { username, password: process.env[variable] ?? await askPassword(username), roles: [role], printedName: username };
};

const wishOf = (): Wish => {
  const unknown = Object.keys(values).find((name) => !KNOWN.has(name));
  if (unknown !== undefined) throw new UsageError(`--${unknown}: no such option`);
  const [chainOfIdentityId, reason, step = 'all'] = [valueOf('coi'), valueOf('reason'), valueOf('step')];
  if (chainOfIdentityId === undefined) throw new UsageError('--coi: want a chain-of-identity identifier');
  if (step !== 'all' && step !== 'request' && step !== 'confirm') throw new UsageError(`--step: got ${step}, want all, request or confirm`);
  return { chainOfIdentityId, step, isDryRun: values['dry-run'] === true, ...(reason === undefined ? {} : { reason }) };
};

/** A person signs in once, when it is their turn. */
const signingIn = (site: Site, option: 'requested-by' | 'confirmed-by', role: string, variable: string) => {
  let person: Promise<Person> | undefined;
  return (): Promise<Person> => (person ??= loginOf(site, option, role, variable).then((login) => Person.signIn(site, login)));
};

await runScript(HELP, async () => {
  const wish = wishOf();
  const site = await siteOf(wish.chainOfIdentityId);
  process.stdout.write(await runErasure({
    requester: signingIn(site, 'requested-by', 'quality-reviewer', 'REQUEST_PASSWORD'), confirmer: signingIn(site, 'confirmed-by', 'qualified-person', 'CONFIRM_PASSWORD'),
  }, wish));
});
