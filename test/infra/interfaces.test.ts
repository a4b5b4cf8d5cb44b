import { describe, expect, it } from 'vitest';
import { CONTRACTS } from '../../functions/api-document/documents.ts';
import { NETWORK_ROUTES, NODE_ROUTES } from '../../shared/api/routes.ts';

describe('interfaces', () => {
  it.each([['node', NODE_ROUTES], ['network', NETWORK_ROUTES]] as const)('of the %s have a contract for every route, and a route for every contract', (site, routes) => {
    const declared = routes.filter(({ authorised }) => authorised).map(({ method, path }) => `${method} ${path}`);
    expect(CONTRACTS[site].map(({ method, route }) => `${method} ${route}`).toSorted()).toEqual(declared.toSorted());
  });
});
