import { describe, expect, it } from 'vitest';
import { DomainError } from '../../../shared/errors.ts';
import { approveTable, draftTable, effectiveTable, evolveGovernanceTable, makeTableEffective, type TableRecord } from '../../../shared/prediction-governance/table.ts';
import { parseGovernanceTable } from '../../../shared/prediction-governance/table-schema.ts';
import { codeOf } from '../../support/error-code.ts';
import { by, GOVERNANCE_TABLE as TABLE, QUALITY, SCIENTIST } from '../../support/model-fixtures.ts';

describe('a governance table', () => {
  const fact = (event: Parameters<typeof evolveGovernanceTable>[1]['event']) => ({ event, version: 1, recordedAt: '2026-03-02T14:05:09.120Z', stream: { id: 'test-product' } });
  const fold = (record: TableRecord | undefined, events: ReturnType<typeof draftTable>) => events.reduce<TableRecord | undefined>((before, event) => evolveGovernanceTable(before, fact(event)), record)!;
  const drafted = (record?: TableRecord) => fold(record, draftTable(record, TABLE, by('stew-1', 'authorship', 'master-data-steward')));
  const effective = (record?: TableRecord) => { const approved = fold(drafted(record), approveTable(drafted(record), QUALITY('approval'))); return fold(approved, makeTableEffective(approved, QUALITY('responsibility'))); };
  it('is effective once one person wrote it and another signed it, and supersedes the one before', () => {
    expect(effectiveTable(effective(), 'test-product')).toMatchObject({ version: 1, effectiveAt: '2026-03-02T14:05:09.120Z' });
    expect(effective(effective()).versions.map(({ state }) => state)).toEqual(['superseded', 'effective']);
  });
  it('that is drafted again stays one version', () => { expect(drafted(drafted()).versions).toHaveLength(1); });
  it.each<readonly [string, () => unknown, string]>([
    ['approved by its author', () => approveTable(drafted(), by('stew-1', 'approval', 'quality-reviewer')), 'signature-same-person'], ['approved by a scientist', () => approveTable(drafted(), SCIENTIST('approval')), 'role-missing'],
    ['made effective before it is approved', () => makeTableEffective(drafted(), QUALITY('responsibility')), 'governance-table-state-wrong'], ['approved when there is none', () => approveTable(undefined, QUALITY('approval')), 'governance-table-state-wrong'],
    ['drafted while one waits', () => draftTable(fold(drafted(), approveTable(drafted(), QUALITY('approval'))), TABLE, SCIENTIST('authorship')), 'governance-table-state-wrong'],
    ['drafted for another product', () => draftTable(effective(), { ...TABLE, productId: 'other' }, SCIENTIST('authorship')), 'governance-table-malformed'],
    ['asked for another product', () => effectiveTable(effective(), 'other'), 'governance-table-not-effective'], ['asked for before it is effective', () => effectiveTable(drafted(), 'test-product'), 'governance-table-not-effective'],
    ['that begins with its approval', () => evolveGovernanceTable(undefined, fact({ type: 'governance-table-approved', version: 1, signature: QUALITY('approval').signature })), 'record-corrupt'],
  ])('is refused when %s', (_, run, code) => { expect(codeOf(run)).toBe(code); });
  const [aware, advice] = TABLE.rows;
  it.each<readonly [string, unknown, string]>([
    ['an output twice', [aware, aware], 'rows.1.output'], ['actions for awareness', [{ ...aware, actions: advice!.actions }], 'rows.0.actions'], ['a metric twice', [{ ...advice, actions: [advice!.actions[0], advice!.actions[0]] }], 'rows.0.actions'],
    ['limits turned round', [{ ...advice, actions: [{ metric: 'm', unit: '', low: 2, high: 1 }] }], 'rows.0.actions.m'], ['a model that acts by itself', [{ ...advice, handling: { kind: 'automatic' } }], 'rows.0.handling.kind'],
    ['a regulator who decides', [{ ...advice, handling: { kind: 'needs-signature', role: 'regulator' } }], 'rows.0.handling.role'], ['no row', [], 'rows'],
    ['a deviation of no severity', [{ ...aware, output: 'process-monitoring-alarm', deviation: 'grave' }], 'rows.0.deviation'],
  ])('with %s is malformed, by name of the field', (_, rows, path) => {
    let paths: unknown;
    try { parseGovernanceTable({ productId: 'test-product', rows }); } catch (error) { paths = error instanceof DomainError && error.code === 'governance-table-malformed' ? error.facts.paths : error; }
    expect(paths).toContain(path);
  });
  it('that is whole is taken as it is', () => {
    expect(parseGovernanceTable(structuredClone(TABLE))).toEqual(TABLE);
    const rows = [{ ...aware, deviation: 'critical' }, advice, { ...aware, output: 'process-monitoring-alarm', deviation: 'minor' }];
    expect(parseGovernanceTable({ ...TABLE, rows })).toEqual({ ...TABLE, rows });
  });
});
