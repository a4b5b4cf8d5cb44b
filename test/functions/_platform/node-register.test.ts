import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { nodeRegister, placesOf } from '../../../functions/_platform/node-register.ts';
import { NODES } from '../../support/control-site.ts';

const folder = mkdtempSync(join(tmpdir(), 'register-'));
afterAll(() => { rmSync(folder, { recursive: true, force: true }); });
const fileWith = (text: string): URL => {
  const path = join(folder, 'nodes.json');
  writeFileSync(path, text);
  return pathToFileURL(path);
};

describe('the register of hospitals', () => {
  it('is what the control site was deployed with', () => { expect(nodeRegister(fileWith(JSON.stringify(NODES)))).toEqual(NODES); });
  it.each(['', '{}', '[{"id":"north"}]', '[{"id":"north","name":"North","account":"1","region":"eu-west-2","extra":1}]'])('is refused as %j: the function does not start', (text) => { expect(() => nodeRegister(fileWith(text))).toThrow(); });
  it('is refused when its file is missing, not taken for a network without hospitals', () => { expect(() => nodeRegister(pathToFileURL(join(folder, 'none.json')))).toThrow(/ENOENT/); });
  it('says where each hospital\'s objects lie, and gives one that left the network no place that a policy opens', () => {
    expect([placesOf(NODES)('north'), placesOf(NODES)('hill')]).toEqual(['111111111111/north', '222222222222/hill']);
    expect(placesOf(NODES)('gone')).toMatch(/^(?!\d{12}\/)/);
  });
});
