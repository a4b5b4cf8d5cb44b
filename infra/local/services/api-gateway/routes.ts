export type HttpRoute = Readonly<{ routeKey: string; method: string; segments: readonly string[]; integrationId: string; authorizerId: string | undefined }>;
export type Matched = Readonly<{ route: HttpRoute; pathParameters: Readonly<Record<string, string>> }>;

export const parseRoute = (routeKey: string, integrationId: string, authorizerId: string | undefined): HttpRoute => {
  const [method = '', path = ''] = routeKey.split(' ');
  if (!path.startsWith('/') || method === 'ANY' || /\+\}./.test(path)) throw new Error(`the local cloud routes by one method and a path that is greedy at its end at most, got the route ${routeKey}`);
  return { routeKey, method, segments: path.split('/').slice(1), integrationId, authorizerId };
};

/** What is not percent-encoded UTF-8 is taken as it stands. */
const decoded = (part: string): string => {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
};

/** The parts as the route's segments take them: a greedy one, which is the last, takes all that is left. */
const aligned = ({ segments }: HttpRoute, parts: readonly string[]): readonly string[] =>
  (segments.at(-1)?.endsWith('+}') === true && parts.length > segments.length ? [...parts.slice(0, segments.length - 1), parts.slice(segments.length - 1).join('/')] : parts);

const parametersOf = (route: HttpRoute, given: readonly string[]): Readonly<Record<string, string>> | undefined => {
  const parts = aligned(route, given);
  if (route.segments.length !== parts.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [i, segment] of route.segments.entries()) {
    const part = parts[i] ?? '';
    if (segment.startsWith('{')) {
      if (part === '') return undefined;
      parameters[segment.slice(1, -1).replace('+', '')] = decoded(part);
    } else if (segment !== part) return undefined;
  }
  return parameters;
};

/** A greedy variable is the least exact. */
const variableCount = ({ segments }: HttpRoute): number => segments.filter((segment) => segment.startsWith('{')).length + (segments.at(-1)?.endsWith('+}') === true ? segments.length : 0);

/** The route a request takes: the most exact one whose path fits. */
export const matchRoute = (routes: readonly HttpRoute[], method: string, path: string): Matched | undefined => {
  const parts = path.split('/').slice(1);
  const fitting = routes.filter((route) => route.method === method).flatMap((route) => {
    const pathParameters = parametersOf(route, parts);
    return pathParameters === undefined ? [] : [{ route, pathParameters }];
  });
  return fitting.toSorted((a, b) => variableCount(a.route) - variableCount(b.route))[0];
};
