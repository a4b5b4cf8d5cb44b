import { describe, expect, it } from 'vitest';
import type { StreamId } from '../../shared/record/envelope.ts';
import { advance, createJourney, equip, registerSigners } from '../support/journey.ts';
import { createNode } from '../support/node.ts';
import { entryOf } from '../support/verify/events.ts';
import { LOG, NOW, SIGNERS, WITNESSES } from '../support/verify/damages.ts';
import { logOf } from '../support/verify/naive-log.ts';
import { verifyFiles } from '../support/verify/run.ts';

describe('the record of a real batch', () => {
  it('from first material to release is found sound by the offline verifier, with every signature', async () => {
    const node = createNode();
    await registerSigners(node);
    await equip(node);
    const { batchId, chainOfIdentityId, patientLot } = await advance(await createJourney(node), 'released');
    const streams: readonly StreamId[] = [
      ...['op-1', 'op-2', 'qa-1', 'sci-1', 'qp-1'].map((id) => ({ kind: 'person', id } as const)),
      { kind: 'batch', id: batchId }, { kind: 'chain-of-identity', id: chainOfIdentityId }, { kind: 'material-lot', id: patientLot }, { kind: 'material-lot', id: 'MED-1' },
      { kind: 'equipment', id: 'BIO-1' },
    ];
    const recorded = (await Promise.all(streams.map((stream) => node.store.load<Readonly<{ type: string; signature?: unknown }>>(stream)))).flat().toSorted((a, b) => Date.parse(a.recordedAt) - Date.parse(b.recordedAt));
    const { code, report } = await verifyFiles(logOf(recorded.map(entryOf), SIGNERS), ['--key', LOG.vkey, ...WITNESSES.flatMap(({ vkey }) => ['--witness', vkey])], NOW);
    expect(report.damages).toEqual([]);
    expect(code).toBe(0);
    expect(report.streams).toBe(streams.length);
    expect(report.signatures).toBe(recorded.filter(({ event }) => event.signature !== undefined).length);
    expect(report.signatures).toBeGreaterThan(10);
  });
});
