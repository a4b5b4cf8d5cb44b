import type * as z from 'zod';
import { DomainError } from '../../shared/errors.ts';
import { parseGovernanceTable } from '../../shared/prediction-governance/table-schema.ts';
import { approveTable, draftTable, makeTableEffective, type GovernanceTableEvent, type TableRecord } from '../../shared/prediction-governance/table.ts';
import type { Signatory } from '../../shared/record/signatory.ts';
import { keyOf } from '../../shared/storage/keys.ts';
import { runCommand, signed, type Command } from '../_platform/command.ts';
import { endpoint, type Endpoint } from '../_platform/contract.ts';
import type { Accepted } from '../_platform/fields.ts';
import type { GovernanceApiPorts } from './ports.ts';
import * as Routes from './schema.ts';

type Decide = (record: TableRecord | undefined, signatory: Signatory) => readonly GovernanceTableEvent[];

const tableCommand = (ports: GovernanceApiPorts, productId: string, request: Command<TableRecord, GovernanceTableEvent>['request'], decide: Decide): Promise<Accepted> =>
  runCommand<TableRecord, GovernanceTableEvent>(ports, { records: ports.tables, id: productId, request, decide: ({ state }, signature, roles) => decide(state, { signature: signed(signature), roles }) });

/** @throws DomainError `governance-table-not-found` */
const found = (record: TableRecord | undefined, productId: string): TableRecord => {
  if (record === undefined) throw new DomainError('governance-table-not-found', `no governance table of ${productId} at this hospital`, { productId });
  return record;
};

const move = (ports: GovernanceApiPorts, request: Command<TableRecord, GovernanceTableEvent>['request'] & Readonly<{ path: Readonly<{ productId: string }> }>, decide: Decide): Promise<Accepted> =>
  tableCommand(ports, request.path.productId, request, (record, signatory) => decide(found(record, request.path.productId), signatory));

/** What each output of a model may lead to, product by product: written by one person, signed by another. */
export const tableEndpoints = (ports: GovernanceApiPorts): readonly Endpoint[] => [
  endpoint(Routes.DraftGovernanceTable, (request) => {
    const content = parseGovernanceTable(request.body.content);
    return tableCommand(ports, content.productId, request, (record, signatory) => draftTable(record, content, signatory));
  }),
  endpoint(Routes.ApproveGovernanceTable, (request) => move(ports, request, approveTable)),
  endpoint(Routes.MakeTableEffective, (request) => move(ports, request, makeTableEffective)),
  endpoint(Routes.ListGovernanceTables, async ({ query: { limit, cursor } }) => {
    const page = await ports.operations.list<z.input<typeof Routes.ListGovernanceTables.answer>['items'][number]>(keyOf.summary('governance-table', '-').pk, { limit, ...(cursor === undefined ? {} : { cursor }) });
    return { ...page, items: page.items.map(({ productId, versions }) => ({ productId, versions })) };
  }),
  endpoint(Routes.ReadGovernanceTable, async ({ path: { productId } }) => {
    const { state, position } = await ports.tables.load(productId);
    return { productId, version: position.version, versions: found(state, productId).versions.map((each) => ({ ...each, content: { ...each.content } })) };
  }),
];
