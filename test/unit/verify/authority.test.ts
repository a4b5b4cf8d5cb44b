import { globSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROLES_BY_EVENT } from '../../../scripts/verify/authority.ts';

/** The operation that makes each event. */
const OPERATION_BY_EVENT: Readonly<Record<string, string>> = {
  'disposition-recorded': 'recordDisposition', 'staged-results-certified': 'certifyStagedResults', 'erasure-requested': 'requestErasure', 'erasure-confirmed': 'confirmErasure', 'deviation-assessed': 'assessDeviation', 'deviation-closed': 'closeDeviation',
  'telemetry-gap-assessed': 'assessTelemetryGap', 'test-result-recorded': 'recordTestResult', 'batch-stopped': 'stopBatch', 'batch-aborted': 'abortBatch', 'phase-signed': 'signPhase', 'value-corrected': 'correctValue', 'material-corrected': 'correctMaterial',
  'custody-offered': 'offerCustody', 'custody-accepted': 'acceptCustody', 'custody-withdrawn': 'withdrawCustody', 'personal-data-corrected': 'correctPersonalData', 'assistance-resumed': 'resumeAssistance',
  'material-lot-released': 'decideMaterialLot', 'material-lot-rejected': 'decideMaterialLot', 'person-suspended': 'stopPerson', 'person-revoked': 'stopPerson', 'person-reinstated': 'reinstatePerson', 'roles-changed': 'changeRoles',
  'credential-confirmed': 'confirmCredential', 'governance-table-drafted': 'draftGovernanceTable', 'governance-table-approved': 'approveGovernanceTable', 'governance-table-made-effective': 'makeGovernanceTableEffective',
  'training-data-imported': 'importTrainingData',
};
type Contract = Readonly<{ operation?: string; roles?: readonly string[] }>;
const MODULES = await Promise.all(globSync('functions/*/*schema.ts').map((file) => import(resolve(file)) as Promise<Readonly<Record<string, Contract>>>));
const CONTRACTS = MODULES.flatMap((module) => Object.values(module));

describe('the verifier\'s own list of who may sign what', () => {
  it.each(Object.keys(ROLES_BY_EVENT))('says of %s what the interface says', (type) => {
    const roles = CONTRACTS.find(({ operation }) => operation !== undefined && operation === OPERATION_BY_EVENT[type])?.roles;
    expect(roles?.toSorted()).toEqual(ROLES_BY_EVENT[type]?.toSorted());
  });
});
