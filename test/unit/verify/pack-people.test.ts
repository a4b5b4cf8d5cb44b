import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../shared/record/canonical-json.ts';
import { verifyDamagedPack } from '../../support/verify/damage-cases.ts';
import { RECORDED } from '../../support/verify/damages.ts';
import type { Files } from '../../support/verify/naive-log.ts';
import { BATCH, eventsOf, packOf, peopleFile, PERSON_LINES, SIGNERS_OF_BATCH } from '../../support/verify/packs.ts';

const saidOf = async (files: Files) => {
  const { damages, notices } = await verifyDamagedPack({ files });
  return { damages, notices: notices.filter((notice) => notice.includes('people.json') && !notice.startsWith('the log proves')) };
};

describe('a pack with the records of its signers', () => {
  it('is sound, and says that a stop after their last event may have been left out', async () => {
    expect(await saidOf(packOf())).toEqual({ damages: [], notices: [expect.stringMatching(/end before the last of them \(op-2 to version 2, op-1 to version 2\); whether who made the pack left out a later stop, only the whole log can say/)] });
  });
  it('names each signer of whom it holds nothing', async () => {
    expect((await saidOf(packOf({ 'people.json': peopleFile([]) }))).damages).toMatchObject([{ file: 'people.json', message: expect.stringMatching(/^holds no record of op-2, who signed version \d+; op-1, who signed version \d+: whether they might sign is not shown$/) as string }]);
  });
  it('without the file is damaged, and the signers of whom nothing is shown are named', async () => {
    const message = new RegExp(`^is missing: whether ${SIGNERS_OF_BATCH.map((id) => `${id}, who signed version \\d+`).join('; ')} might sign is not shown\\. It was taken out, or the pack is older than the file: ask for the pack again$`);
    expect(await saidOf(packOf({ 'people.json': undefined }))).toEqual({ damages: [{ file: 'people.json', message: expect.stringMatching(message) as string }], notices: [] });
  });
  it('without the file is damaged whatever else of the pack was written anew to excuse it', async () => {
    const older = { 'people.json': undefined, 'INSTRUCTIONS.txt': Buffer.from('A pack of an older form.\n') };
    for (const files of [packOf(older), packOf({ ...older, 'verify.mjs': undefined })]) expect((await saidOf(files)).damages).toMatchObject([{ file: 'people.json' }]);
  });
  it('without the file is damaged even where no event tells who signed', async () => {
    expect((await saidOf(packOf({ 'people.json': undefined, 'batch-record.json': undefined }))).damages).toContainEqual({ file: 'people.json', message: expect.stringMatching(/^is missing: every pack holds the records of who signed\./) as string });
  });
  it('without a sum of the file is damaged', async () => {
    const sums = packOf().get('SHA256SUMS')!.toString('utf8').replace(/.*people\.json\n/, '');
    expect((await saidOf(packOf({ SHA256SUMS: Buffer.from(sums) }))).damages).toEqual([{ file: 'SHA256SUMS', message: 'has no sum of people.json' }]);
  });
  it('takes no event that is not of a person', async () => {
    const event = eventsOf(BATCH)[0]!;
    const line = PERSON_LINES[0]!.replace(/"event":.*/, `"event":${canonicalJson(event)}}`);
    expect((await saidOf(packOf({ 'people.json': peopleFile([...PERSON_LINES, line]) }))).damages).toContainEqual({ file: 'people.json', message: `line 6 is of batch ${BATCH}, want events of persons` });
  });
  it('takes no record of another tree', async () => {
    expect((await saidOf(packOf({ 'people.json': peopleFile(PERSON_LINES, RECORDED.length - 1) }))).damages).toMatchObject([{ file: 'people.json', message: `is of a tree of ${RECORDED.length - 1} entries, the checkpoint covers ${RECORDED.length}` }]);
  });
  it.each([
    ['empty', ''], ['no JSON', '{'], ['of another format', peopleFile(PERSON_LINES).toString('utf8').replace('"formatVersion":1', '"formatVersion":2')], ['cut off', peopleFile(PERSON_LINES).toString('utf8').slice(0, -9)],
    ['with a line that is no event', peopleFile([...PERSON_LINES, '{"index":1}']).toString('utf8')], ['with a path that is no base64', peopleFile([...PERSON_LINES.slice(1), PERSON_LINES[0]!.replace('=","', '=","AA==","')]).toString('utf8')],
    ['with white space', peopleFile(PERSON_LINES).toString('utf8').replaceAll('"event":', '"event": ')],
  ])('that are %s is refused', async (_, text) => {
    expect((await saidOf(packOf({ 'people.json': Buffer.from(text) }))).damages).toContainEqual(expect.objectContaining({ file: 'people.json' }));
  });
});
