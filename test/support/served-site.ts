import type { ServerResponse } from 'node:http';
import type { Answered, Asked } from './api.ts';
import type { TestPerson } from './people.ts';
import { whileListening } from './while-listening.ts';

type Call = (person: TestPerson, routeKey: string, asked: Asked) => Promise<Answered>;
type Route = Readonly<{ method: string; path: string }>;

/** Matches what API Gateway would hand to a route: one segment for `{name}`, the rest of the path for `{name+}`. */
const patternOf = (path: string): RegExp => new RegExp(`^${path.replaceAll(/\{(\w+)(\+?)\}/g, (_, name: string, greedy: string) => `(?<${name}>${greedy === '' ? '[^/]+' : '.+'})`)}$`);

const send = (response: ServerResponse, { status, headers, file, body }: Answered): void => {
  response.writeHead(status, headers as Record<string, string>).end(file ?? JSON.stringify(body));
};

/** The GET routes of a site over HTTP, for a program that knows an address and nothing else; everybody who asks is `person`. */
export const whileSiteServed = <Value>(site: Readonly<{ call: Call }>, routes: readonly Route[], person: TestPerson, run: (address: string) => Promise<Value>): Promise<Value> => {
  const known = routes.filter(({ method }) => method === 'GET').map(({ path }) => ({ path, pattern: patternOf(path) }));
  return whileListening(({ url = '' }, response) => {
    const { pathname, searchParams } = new URL(url, 'http://site');
    const found = known.find(({ pattern }) => pattern.test(pathname));
    if (found === undefined) {
      response.writeHead(404).end();
      return;
    }
    void site.call(person, `GET ${found.path}`, { path: { ...pathname.match(found.pattern)?.groups }, query: Object.fromEntries(searchParams) }).then((answer) => { send(response, answer); });
  }, run);
};
