import { describe, expect, it } from 'vitest';
import { assessDeviation, closeDeviation, raiseDeviation } from '../../../shared/batch/commands/deviation.ts';
import { cultured } from '../../support/batch-execution.ts';
import { signature } from '../../support/batch-fixtures.ts';
import { codeOf } from '../../support/error-code.ts';

describe('a deviation is closed by', () => {
  const assessed = (phaseId?: string) => cultured().do((b) => raiseDeviation(b, { deviationId: 'D', severity: 'minor', title: 'Door', detail: 'open', ...(phaseId === undefined ? {} : { phaseId }) }))
    .do((b) => assessDeviation(b, 'D', { impact: 'none', rootCause: 'haste' }, signature('qa-1', 'review')));
  const close = (person: string, phaseId?: string) => codeOf(() => closeDeviation(assessed(phaseId).batch, 'D', { conclusion: 'trained' }, signature(person, 'approval')));
  it('another person than who assessed it', () => { expect([close('qa-1'), close('qa-2')]).toEqual(['signature-same-person', undefined]); });
  it('nobody who signed the phase it is of', () => { expect([close('op-1', 'culture'), close('op-2', 'culture'), close('op-1', 'filling'), close('op-1')]).toEqual(['signature-same-person', 'signature-same-person', undefined, undefined]); });
});
