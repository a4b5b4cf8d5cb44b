import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider';
import { CD19_CAR_T } from '../../shared/master-batch-record/cd19-car-t/content.ts';
import { Person } from '../client/api-client.ts';
import type { Endpoints, Login, NodeSite, Site } from '../client/endpoints.ts';
import { prepareHospital, unlessThere } from './hospital-data.ts';
import { publishLibrary } from './publish-library.ts';
import { seedPeople } from './seed-people.ts';
import { CONTROL_STAFF, HOSPITAL_STAFF } from './staff.ts';

export const EXAMPLE_GATEWAY = 'gateway-1';
export const EXAMPLE_DEVICE = 'bioreactor-1';

const clientFor = ({ environment }: Site): CognitoIdentityProviderClient => new CognitoIdentityProviderClient({
  endpoint: environment['AWS_ENDPOINT_URL'] ?? '', region: environment['AWS_REGION'] ?? '',
  credentials: { accessKeyId: environment['AWS_ACCESS_KEY_ID'] ?? '', secretAccessKey: environment['AWS_SECRET_ACCESS_KEY'] ?? '', sessionToken: environment['AWS_SESSION_TOKEN'] ?? '' },
});

export const loginOf = ({ logins }: Site, username: string): Login => {
  const login = logins.find((each) => each.username === username);
  if (login === undefined) throw new Error(`no example login ${username}`);
  return login;
};
export const signInAs = (site: Site, username: string): Promise<Person> => Person.signIn(site, loginOf(site, username));

const DAY_MS = 86_400_000;
const GRANT_DAYS = 90;

/** The coordinator lets the example regulator read each hospital; one grant a hospital, so that a hospital that comes later gets its own, and a new one when the last has ended. */
const grantRegulator = async (network: Site, nodeIds: readonly string[], now: number): Promise<void> => {
  const coordinator = await signInAs(network, 'coordinator');
  const { items } = await coordinator.get('/v1/audit-grants?limit=200') as { items: readonly Readonly<{ nodeIds: readonly string[]; until: string }>[] };
  // One that was revoked stays so.
  const isThere = (nodeId: string): boolean => items.some((each) => each.nodeIds.includes(nodeId) && Date.parse(each.until) > now);
  for (const nodeId of nodeIds.filter((id) => !isThere(id))) {
    const [from, until] = [new Date(now).toISOString(), new Date(now + GRANT_DAYS * DAY_MS).toISOString()];
    await coordinator.sign('/v1/audit-grants', 'approval', 0, { grantId: `EXAMPLE-${nodeId}-${from.slice(0, 10)}`, login: 'regulator', nodeIds: [nodeId], from, until, reason: 'example inspection of all products' });
  }
};

const prepareNode = async (node: NodeSite, now: number): Promise<void> => {
  await seedPeople(clientFor(node), node.outputs['UserPoolId'] ?? '', HOSPITAL_STAFF);
  const [steward, reviewer, ...others] = await Promise.all(['steward', 'reviewer', 'operator.one', 'operator.two', 'scientist', 'qualified.person', 'engineer'].map((username) => signInAs(node, username)));
  if (steward === undefined || reviewer === undefined) throw new Error('the example staff lacks a steward or a reviewer');
  await prepareHospital(CD19_CAR_T, { steward, reviewer, everyone: [steward, reviewer, ...others] }, { edgeNodeId: EXAMPLE_GATEWAY, deviceIdByClass: { bioreactor: EXAMPLE_DEVICE } }, now);
};

/** Only who is registered signs, at the control site too. */
const registerControlStaff = async (network: Site): Promise<void> => {
  const coordinator = await signInAs(network, 'coordinator');
  for (const login of CONTROL_STAFF) {
    const { id } = await Person.signIn(network, login);
    await unlessThere(() => coordinator.post('/v1/people', { personId: id, printedName: login.printedName, roles: login.roles }, `person-${id}`));
  }
};

export const seedControlSite = async ({ network, nodes }: Endpoints, now: number): Promise<void> => {
  await seedPeople(clientFor(network), network.outputs['UserPoolId'] ?? '', CONTROL_STAFF);
  await registerControlStaff(network);
  const [author, reviewer, qualifiedPerson] = [await signInAs(network, 'author'), await signInAs(network, 'reviewer'), await signInAs(network, 'qualified.person')];
  await publishLibrary({ author, reviewer, qualifiedPerson });
  await grantRegulator(network, Object.keys(nodes), now);
};

/** Example people, equipment, lots and training of one hospital; what is there already stays. */
export const seedHospital = (node: NodeSite, now: number): Promise<void> => prepareNode(node, now);
