import { CONTROL_SITE } from '../../shared/audit-log/directory.ts';
import { endpoint, type Endpoint } from '../_platform/contract.ts';
import { loggedAtControlSite } from '../_platform/network-view.ts';
import { readDirectory, registerNode, type RegistrationPorts } from './registration.ts';
import { ReadDirectory, RegisterNode } from './schema.ts';
import { requireNode, type StatusPorts } from './status.ts';

/**
 * The directory of keys, and the one act on it. To verify a hospital's log a regulator needs the key of every witness, whose names stand on its checkpoints: any grant shows
 * those of all sites. The rest of an entry is shown for covered hospitals only, and without a grant nothing is.
 */
export const registrationEndpoints = (ports: RegistrationPorts & StatusPorts): readonly Endpoint[] => [
  loggedAtControlSite(ports, ReadDirectory, async (_, { isStaff, coverageAt }) => {
    const { sites, announced } = await readDirectory(ports);
    if (isStaff) return { sites, announced };
    const isSeen = (siteId: string): boolean => siteId === CONTROL_SITE || coverageAt(siteId).type !== 'nothing';
    const seen = sites.map((site) => (isSeen(site.siteId) ? site : { siteId: site.siteId, witnessKey: site.witnessKey, registeredAt: site.registeredAt, registeredBy: site.registeredBy }));
    return { sites: seen, announced: [] };
  }),
  endpoint(RegisterNode, async ({ path: { nodeId }, body, caller }) => {
    requireNode(ports, nodeId);
    return registerNode(ports, nodeId, body, caller.id);
  }),
];
