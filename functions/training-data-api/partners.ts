import { fingerprintOf, unconfirmedOf, type Directory, type Partners } from '../../models/federated/secure/keys.ts';
import { confirmPartner, partnersOf, withdrawPartner, type Partner, type PartnerEvent } from '../../models/federated/workflow/partner.ts';
import { CONTROL_SITE } from '../../shared/audit-log/directory.ts';
import { runCommand, signed, type CommandPorts } from '../_platform/command.ts';
import { endpoint, type Endpoint } from '../_platform/contract.ts';
import type { StreamRecords } from '../_platform/stream-records.ts';
import * as Routes from './partners-schema.ts';

export type PartnerPorts = CommandPorts & Readonly<{
  nodeId: string;
  partners: StreamRecords<Partner, PartnerEvent>;
  /** Identities of the network's hospitals, as this one holds them. */
  directory(): Promise<Directory>;
}>;

const knownOf = (directory: Directory, siteId: string): string | undefined => {
  const identity = siteId === CONTROL_SITE ? undefined : directory.get(siteId);
  return identity === undefined ? undefined : fingerprintOf(identity);
};

/** Fingerprints of confirmed partners. */
export const partnersHere = async ({ partners, directory }: PartnerPorts): Promise<Partners> => {
  const held = await Promise.all([...(await directory()).keys()].map(async (siteId) => (await partners.load(siteId)).state));
  return partnersOf(held.flatMap((state) => (state === undefined ? [] : [state])));
};

/** Whom this hospital trains with: nobody but hospitals that its own quality people confirmed. */
export const partnerEndpoints = (ports: PartnerPorts): readonly Endpoint[] => [
  endpoint(Routes.ConfirmTrainingPartner, async (request) => {
    const { siteId, fingerprint, comparedBy } = request.body;
    const known = knownOf(await ports.directory(), siteId);
    return runCommand<Partner, PartnerEvent>(ports, { records: ports.partners, id: siteId, request, decide: (_, signature, roles) => confirmPartner({ siteId, fingerprint, comparedBy }, { own: ports.nodeId, known }, { signature: signed(signature), roles }) });
  }),
  endpoint(Routes.WithdrawTrainingPartner, (request) => {
    const { siteId } = request.path;
    return runCommand<Partner, PartnerEvent>(ports, { records: ports.partners, id: siteId, request, decide: ({ state }, signature, roles) => withdrawPartner(state, siteId, request.body.reason, { signature: signed(signature), roles }) });
  }),
  endpoint(Routes.ListTrainingPartners, async () => {
    const directory = await ports.directory();
    const others = [...directory.keys()].filter((siteId) => siteId !== ports.nodeId && siteId !== CONTROL_SITE).sort();
    const held = await Promise.all(others.map(async (siteId) => ({ siteId, ...await ports.partners.load(siteId) })));
    const unconfirmed = unconfirmedOf(others, partnersOf(held.flatMap(({ state }) => (state === undefined ? [] : [state]))), directory);
    const own = knownOf(directory, ports.nodeId);
    return {
      own: { siteId: ports.nodeId, ...(own !== undefined && { fingerprint: own }) },
      items: held.map(({ siteId, state, position }) => {
        const { confirmedBy, confirmedAt, comparedBy } = state ?? {};
        return {
          siteId, fingerprint: knownOf(directory, siteId) ?? '', isConfirmed: !unconfirmed.includes(siteId), version: position.version,
          ...(confirmedBy !== undefined && { confirmedBy }), ...(confirmedAt !== undefined && { confirmedAt }), ...(comparedBy !== undefined && { comparedBy }),
        };
      }),
    };
  }),
];
