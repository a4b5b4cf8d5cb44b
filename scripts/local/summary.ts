import type { Endpoints, Login, Site } from '../client/endpoints.ts';

const EXAMPLE_USERS: readonly Readonly<{ title: string; username: string; path: string; site: 'network' | 'node' }>[] = [
  { title: 'coordinator', username: 'coordinator', path: '/v1/nodes', site: 'network' },
  { title: 'operator', username: 'operator.one', path: '/v1/materials', site: 'node' },
  { title: 'second operator, who verifies', username: 'operator.two', path: '/v1/equipment', site: 'node' },
  { title: 'master data steward', username: 'steward', path: '/v1/people', site: 'node' },
  { title: 'quality reviewer', username: 'reviewer', path: '/v1/work?role=quality-reviewer', site: 'node' },
  { title: 'process scientist', username: 'scientist', path: '/v1/work?role=process-scientist', site: 'node' },
  { title: 'Qualified Person', username: 'qualified.person', path: '/v1/work?role=qualified-person', site: 'node' },
  { title: 'who trains, tests and accepts models', username: 'developer', path: '/v1/models', site: 'network' },
  { title: 'site engineer', username: 'engineer', path: '/v1/telemetry/quarantine', site: 'node' },
  { title: 'regulator', username: 'regulator', path: '/v1/batches', site: 'node' },
];

/** One line that signs a person in and asks for something, with nothing but curl and sed. */
const curlLine = (site: Site, { username, password }: Login, path: string): string => {
  const body = JSON.stringify({ AuthFlow: 'USER_PASSWORD_AUTH', ClientId: site.userPoolClientId, AuthParameters: { USERNAME: username, PASSWORD: password } });
  const signIn = `curl -s ${new URL(site.issuerUrl).origin}/ -H 'Content-Type: application/x-amz-json-1.1' -H 'X-Amz-Target: AWSCognitoIdentityProviderService.InitiateAuth' -d '${body}'`;
  return `curl -s '${site.apiUrl}${path}' -H "Authorization: Bearer $(${signIn} | sed 's/.*"IdToken":"\\([^"]*\\)".*/\\1/')"`;
};

const loginLines = ({ logins }: Site): readonly string[] => logins.map(({ username, printedName, roles }) => `  ${username.padEnd(18)} ${printedName.padEnd(26)} ${roles.join(', ')}`);

/** What a person wants to know when everything is up. */
export const summaryOf = (endpoints: Endpoints, stateFolder: string, seconds: number): string => {
  const nodes = Object.entries(endpoints.nodes);
  const [, example] = nodes.find(([id]) => id === 'north') ?? nodes[0] ?? [];
  const lines = [
    '', `The network is up (${seconds.toFixed(1)} s).`, '',
    `  control site   API ${endpoints.network.apiUrl}   sign-in ${new URL(endpoints.network.issuerUrl).origin}/`,
    ...nodes.map(([id, node]) => `  ${id.padEnd(13)}  API ${node.apiUrl}   sign-in ${new URL(node.issuerUrl).origin}/   MQTT ${node.mqtt.url}`),
    '', `  every URL, endpoint, certificate and login, for programs: ${stateFolder}/endpoints.json`, `  what the interface offers: ${example?.apiUrl ?? ''}/openapi.json`, '',
    `Example logins at every hospital (password ${example?.logins[0]?.password ?? ''}):`,
    ...(example === undefined ? [] : loginLines(example)),
    '', 'At the control site (the same password):', ...loginLines(endpoints.network),
    '', 'Try:',
    ...EXAMPLE_USERS.flatMap(({ title, username, path, site }) => {
      const where = site === 'network' ? endpoints.network : example;
      const login = where?.logins.find((each) => each.username === username);
      return where === undefined || login === undefined ? [] : [`  # ${title}`, `  ${curlLine(where, login, path)}`];
    }), '',
  ];
  return lines.join('\n');
};
