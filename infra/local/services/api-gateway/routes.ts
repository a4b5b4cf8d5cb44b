export type HttpRoute = Readonly<{ routeKey: string; method: string; segments: readonly string[]; integrationId: string; authorizerId: string | undefined }>;
export type Matched = Readonly<{ route: HttpRoute; pathParameters: Readonly<Record<string, string>> }>;

export const parseRoute = (routeKey: string, integrationId: string, authorizerId: string | undefined): HttpRoute => {
  const [method = '', path = ''] = routeKey.split(' ');
  return { routeKey, method, segments: path.split('/').slice(1), integrationId, authorizerId };
};

const parametersOf = (route: HttpRoute, parts: readonly string[]): Readonly<Record<string, string>> | undefined => {
  if (route.segments.length !== parts.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [i, segment] of route.segments.entries()) {
    const part = parts[i] ?? '';
    if (segment.startsWith('{')) {
      if (part === '') return undefined;
      parameters[segment.slice(1, -1)] = decodeURIComponent(part);
    } else if (segment !== part) return undefined;
  }
  return parameters;
};

const variableCount = ({ segments }: HttpRoute): number => segments.filter((segment) => segment.startsWith('{')).length;

/** The route a request takes: the most exact one whose path fits. */
export const matchRoute = (routes: readonly HttpRoute[], method: string, path: string): Matched | undefined => {
  const parts = path.split('/').slice(1);
  const fitting = routes.filter((route) => route.method === method).flatMap((route) => {
    const pathParameters = parametersOf(route, parts);
    return pathParameters === undefined ? [] : [{ route, pathParameters }];
  });
  return fitting.toSorted((a, b) => variableCount(a.route) - variableCount(b.route))[0];
};
