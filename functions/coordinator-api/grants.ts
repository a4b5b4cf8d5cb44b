import { issueGrant, revokeGrant, type AuditGrant, type AuditGrantEvent } from '../../shared/audit-grant/grant.ts';
import { DomainError } from '../../shared/errors.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { runCommand, signed, type CommandPorts } from '../_platform/command.ts';
import { endpoint, type Endpoint } from '../_platform/contract.ts';
import { loggedAtControlSite } from '../_platform/network-view.ts';
import type { NodeRegister } from '../_platform/node-register.ts';
import type { LoggingPorts } from '../_platform/read-log.ts';
import type { StreamRecords } from '../_platform/stream-records.ts';
import { IssueAuditGrant, ListAuditGrants, RevokeAuditGrant } from './grant-schema.ts';

export type GrantPorts = CommandPorts & LoggingPorts & Readonly<{
  grants: StreamRecords<AuditGrant, AuditGrantEvent>;
  nodes: NodeRegister;
  /** Tell these hospitals of their grants; repeatable. */
  publish(nodeIds: readonly string[]): Promise<void>;
}>;

/** After the record, and again on every repeat of the request; what a crash leaves is published by the clock. */
const publishGrant = async ({ grants, publish }: GrantPorts, grantId: string): Promise<void> => {
  const { state } = await grants.load(grantId);
  if (state === undefined) throw new DomainError('record-corrupt', `audit grant ${grantId} is not there after it was written`);
  await publish(state.nodeIds);
};

/** Grants to inspectors: given, ended and listed. */
export const grantEndpoints = (ports: GrantPorts): readonly Endpoint[] => [
  endpoint(IssueAuditGrant, async (request) => {
    const { signature: _, productIds, ...rest } = request.body;
    const terms = { ...rest, ...(productIds === undefined ? {} : { productIds }) };
    const accepted = await runCommand<AuditGrant, AuditGrantEvent>(ports, {
      records: ports.grants, id: terms.grantId, request,
      decide: ({ state }, signature) => issueGrant(state, terms, ports.nodes.map(({ id }) => id), ports.now().getTime(), signed(signature)),
    });
    await publishGrant(ports, terms.grantId);
    return accepted;
  }),
  endpoint(RevokeAuditGrant, async (request) => {
    const { path: { grantId }, body: { reason } } = request;
    const accepted = await runCommand<AuditGrant, AuditGrantEvent>(ports, { records: ports.grants, id: grantId, request, decide: ({ state }, signature) => revokeGrant(state, grantId, reason, signed(signature)) });
    await publishGrant(ports, grantId);
    return accepted;
  }),
  loggedAtControlSite(ports, ListAuditGrants, async ({ query: { limit, cursor } }, { operations }) => {
    const page = await operations.list<AuditGrant & Readonly<{ version: number }>>(keyOf.summary('audit-grant', '-').pk, { limit, ...(cursor === undefined ? {} : { cursor }) });
    return {
      ...page, items: page.items.map(({ grantId, version, login, nodeIds, productIds, from, until, reason, grantedAt, grantedBy, revoked }) =>
        ({ grantId, version, login, nodeIds: [...nodeIds], ...(productIds === undefined ? {} : { productIds: [...productIds] }), from, until, reason, grantedAt, grantedBy, ...(revoked === undefined ? {} : { revoked }) })),
    };
  }),
];
