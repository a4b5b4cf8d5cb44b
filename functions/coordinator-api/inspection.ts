import type * as z from 'zod';
import { readSites } from '../_platform/directory.ts';
import type { Endpoint } from '../_platform/contract.ts';
import { loggedAtControlSite } from '../_platform/network-view.ts';
import { listReads, type ReadsPorts } from '../audit-api/reads.ts';
import { InspectNodes, ListNetworkReads } from './inspection-schema.ts';
import type { StatusPorts } from './status.ts';

type NodeView = z.input<typeof InspectNodes.answer>['items'][number];
export type InspectionPorts = StatusPorts & ReadsPorts;

/** Where an inspection begins, and who has been inspecting. */
export const inspectionEndpoints = (ports: InspectionPorts): readonly Endpoint[] => [
  loggedAtControlSite(ports, InspectNodes, async (_, { coverageAt }) => {
    const sites = new Map((await readSites(ports.table)).map((site) => [site.siteId, site]));
    return {
      items: ports.nodes.flatMap(({ id, name, region, country }): readonly NodeView[] => {
        const coverage = coverageAt(id);
        if (coverage.type === 'nothing') return [];
        const { apiUrl, logKey } = sites.get(id) ?? {};
        return [{
          nodeId: id, name, region, ...(country === undefined ? {} : { country }), ...(apiUrl === undefined ? {} : { apiUrl }), ...(logKey === undefined ? {} : { logKey }),
          ...(coverage.type === 'products' ? { productIds: [...coverage.productIds].toSorted() } : {}), grantIds: [...coverage.grantIds],
        }];
      }),
    };
  }),
  loggedAtControlSite(ports, ListNetworkReads, ({ query }) => listReads(ports, query)),
];
