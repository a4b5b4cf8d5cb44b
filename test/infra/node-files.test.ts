import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseNode, readNodes, requireQuorums } from '../../infra/nodes/schema.ts';
import { NODES_FOLDER } from '../../infra/synth.ts';

const folder = mkdtempSync(join(tmpdir(), 'node-files-'));
afterAll(() => { rmSync(folder, { recursive: true, force: true }); });

describe('node files', () => {
  const good = { id: 'east', name: 'East', account: '444444444444', region: 'eu-west-1' };
  it.each([[{ ...good, id: 'East!' }, 'id'], [{ ...good, account: '12' }, 'account'], [{ ...good, region: 'europe' }, 'region'], [{ ...good, country: 'UK1' }, 'country'], [{ ...good, extra: 1 }, 'extra'], [{ ...good, id: 'control' }, 'id'], [{ ...good, recordLockYears: 0 }, 'recordLockYears'], [{ ...good, recordLockYears: 101 }, 'recordLockYears'], [{ ...good, witnessQuorum: 0 }, 'witnessQuorum'], [{ ...good, witnessQuorum: 1.5 }, 'witnessQuorum'], [{ ...good, exampleModel: 'yes' }, 'exampleModel'], [{ ...good, leastCohort: 4 }, 'leastCohort'], [{ ...good, thinkingMinutes: 0 }, 'thinkingMinutes'], [{ ...good, deviceClockMinutes: 0 }, 'deviceClockMinutes'], [{ ...good, deviceClockMinutes: 61 }, 'deviceClockMinutes']])('that are wrong name the field: %j', (value, field) => {
    expect(() => parseNode('nodes/east.json', JSON.stringify(value))).toThrow(new RegExp(`east\\.json.*${field}`, 's'));
  });
  it('let the synthetic model speak only where they say so', () => {
    expect(parseNode('nodes/east.json', JSON.stringify(good)).exampleModel).toBe(false);
    expect(parseNode('nodes/east.json', JSON.stringify({ ...good, exampleModel: true })).exampleModel).toBe(true);
  });
  it('want a quorum that can be reached, and that no two histories can reach', () => {
    const nodes = ['north', 'hill', 'harbour'].map((id) => ({ id }));
    for (const witnessQuorum of [undefined, 2, 3]) expect(() => { requireQuorums('nodes', [{ id: 'east', witnessQuorum }, ...nodes.slice(1)]); }).not.toThrow();
    for (const witnessQuorum of [1, 4]) expect(() => { requireQuorums('nodes', [{ id: 'east', witnessQuorum }, ...nodes.slice(1)]); }).toThrow(`nodes/east.json: witnessQuorum: got ${witnessQuorum}, want 2 to 3`);
    const own = join(folder, 'quorum');
    mkdirSync(own);
    writeFileSync(join(own, 'east.json'), JSON.stringify({ ...good, witnessQuorum: 2 }));
    expect(() => readNodes(own)).toThrow(/east\.json: witnessQuorum: got 2, want 1 to 1/);
  });
  it('must be named after their id and live alone', () => {
    expect(() => parseNode('nodes/west.json', JSON.stringify(good))).toThrow(/want the name of the file/);
    const own = join(folder, 'nodes');
    mkdirSync(own);
    cpSync(NODES_FOLDER, own, { recursive: true, filter: (path) => !path.endsWith('.ts') });
    writeFileSync(join(own, 'east.json'), JSON.stringify({ ...good, account: '111111111111', region: 'eu-west-2' }));
    expect(() => readNodes(own)).toThrow(/those of node/);
  });
});
