import type * as z from 'zod';
import { coverageOf, grantsOfNode, isCovered, type Coverage } from '../../shared/audit-grant/coverage.ts';
import type { AuditGrant } from '../../shared/audit-grant/grant.ts';
import type { Recorded, StreamId, StreamKind } from '../../shared/record/envelope.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import type { ApiRequest, Contract, Endpoint, FileAnswer } from './contract.ts';
import { viewThrough, wholeView, type View } from './granted-view.ts';
import { loggedBy, readsByRole, type LoggingPorts, type RightSource } from './read-log.ts';
import { walk } from './walk.ts';

/** The control site's stores as one reader may see them, and what the reader may see of each hospital. */
export type NetworkView = View & Readonly<{ isStaff: boolean; coverageAt(nodeId: string): Coverage }>;

type Stores = Pick<LoggingPorts, 'record' | 'operations'>;
type Summary = Readonly<{ productId?: string; invited?: readonly string[] }>;
type Opened = Readonly<{ type: string; modelId?: string }>;
/** What grants together cover: at one hospital, and anywhere. */
type Covered = Readonly<{ anywhere: Coverage; at(nodeId: string): Coverage }>;

/**
 * What an inspector sees of the control site's own records. A recipe and a model belong to their product: they are of the network, and a grant for a product shows them whatever
 * hospital it names. Test data is seen where a model that may be seen was tested with it. Rows of every product go into a training, and a training says what each hospital it
 * invited did: it takes all products of all of them.
 */
const sightOf = ({ anywhere, at }: Covered, { record, operations }: Stores): View['sees'] => {
  const summaryOf = async ({ kind, id }: StreamId): Promise<Summary> => await operations.get<Summary>(keyOf.summary(kind, id)) ?? {};
  const ofProduct = async (stream: StreamId): Promise<boolean> => isCovered(anywhere, (await summaryOf(stream)).productId);
  const ofHospitals = async (stream: StreamId): Promise<boolean> => ((invited: readonly string[]) => invited.length > 0 && invited.every((nodeId) => at(nodeId).type === 'everything'))((await summaryOf(stream)).invited ?? []);
  const ofModels = async (stream: StreamId): Promise<boolean> => {
    if (anywhere.type === 'everything') return true;
    const events: readonly Recorded<Opened>[] = await record.load<Opened>(stream);
    for (const { event: { modelId } } of events) if (modelId !== undefined && await ofProduct({ kind: 'model', id: modelId })) return true;
    return false;
  };
  const looks: Partial<Record<StreamKind, (stream: StreamId) => Promise<boolean>>> = { 'master-batch-record': ofProduct, model: ofProduct, 'test-data': ofModels, training: ofHospitals };
  return (stream) => looks[stream.kind]?.(stream) ?? Promise.resolve(false);
};

const KIND_BY_PARTITION: ReadonlyMap<string, StreamKind> = new Map((['master-batch-record', 'model', 'test-data', 'training'] as const).map((kind) => [keyOf.summary(kind, '-').pk, kind]));

/** The control site's stores as grants let them be seen. */
const grantedView = (covered: Covered, stores: Stores): NetworkView => {
  const sees = sightOf(covered, stores);
  const itemsSeen = (pk: string) => {
    const kind = KIND_BY_PARTITION.get(pk);
    return Promise.resolve(kind === undefined ? undefined : ({ sk }: Readonly<Record<string, unknown>>) => sees({ kind, id: String(sk) }));
  };
  return { ...viewThrough(sees, itemsSeen, stores), isStaff: false, coverageAt: covered.at };
};

/** Grants as they stand in the control site's own record: one that is given, ended or revoked is felt at once. */
const rightAtControlSite = (ports: LoggingPorts): RightSource<NetworkView> => async (contract, caller) => {
  if (readsByRole(contract, caller)) return { grantIds: [], view: { ...wholeView(ports), isStaff: true, coverageAt: () => ({ type: 'everything', grantIds: [] }) } };
  const grants: AuditGrant[] = [];
  for await (const each of walk<AuditGrant>(ports.operations, keyOf.summary('audit-grant', '-').pk)) grants.push(each);
  const nowEpochMs = ports.now().getTime();
  const anywhere = coverageOf(grants.filter(({ revoked }) => revoked === undefined), caller.username, nowEpochMs);
  if (anywhere.type === 'nothing') return undefined;
  const at = (nodeId: string): Coverage => coverageOf(grantsOfNode(grants, nodeId, nowEpochMs), caller.username, nowEpochMs);
  return { grantIds: anywhere.grantIds, view: grantedView({ anywhere, at }, ports) };
};

/**
 * A read at the control site: by role, or by the grants given here; logged as at a hospital.
 *
 * @throws DomainError as `loggedBy`
 * @see 21 CFR 11.10(d), (e); EU GMP Annex 11, 12.4; ADR 0029
 */
export const loggedAtControlSite = <Path extends z.ZodObject, Query extends z.ZodObject, Body extends z.ZodObject, Answer extends z.ZodType>(
  ports: LoggingPorts, contract: Contract<Path, Query, Body, Answer>,
  action: (request: ApiRequest<z.output<Path>, z.output<Query>, z.output<Body>>, view: NetworkView) => Promise<z.input<Answer> | FileAnswer>,
): Endpoint => loggedBy(ports, rightAtControlSite(ports), contract, action);
