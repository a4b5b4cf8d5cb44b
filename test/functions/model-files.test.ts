import { beforeEach, describe, expect, it } from 'vitest';
import { modelObject } from '../../functions/_platform/model-objects.ts';
import { sha256Hex } from '../../shared/record/chain.ts';
import { ARTEFACT, ARTEFACT_TEXT, TESTED_ON, TRAINED_ON, TRAINING, TRAINING_DATA } from '../support/model-fixtures.ts';
import { CALIBRATED, createRegistry, DEVELOPER, type Registry } from '../support/model-registry.ts';
import { statedBy } from '../support/statements.ts';

let registry: Registry;
beforeEach(async () => {
  registry = createRegistry();
  await registry.site.grant();
});

describe('files of the model registry', () => {
  it('are kept under the hash of their bytes, once', async () => {
    const { body } = await registry.addArtefact();
    expect(body).toEqual({ artefactSha256: ARTEFACT, kind: 'forest', inputs: ['ph-minimum', 'lactate-maximum'], trees: 1 });
    expect(Buffer.from(registry.site.bucket.objects.get(modelObject.artefact(ARTEFACT)) ?? []).toString('utf8')).toBe(ARTEFACT_TEXT);
    expect((await registry.addArtefact()).body).toEqual(body);
    expect((await registry.addManifest()).body).toEqual({ manifestSha256: TRAINING.trainingManifestSha256, sites: 2, records: 22 });
  });
  it('larger than other commands may be are taken, and no model is refused naming where', async () => {
    expect((await registry.addArtefact(ARTEFACT_TEXT.replace('"attributes":{}', `"attributes":{"note":"${'x'.repeat(200_000)}"}`))).status).toBe(201);
    const { status, body } = await registry.addArtefact('{"learner":{}}');
    expect([status, body['paths']]).toEqual([400, ['body.artefact']]);
    expect(String(body['detail'])).toContain('learner.objective');
  });
  it('that say they monitor and are no JSON, though whole by their own hash, are refused like any other that is no model', async () => {
    const open = '{"format":"bedside-monitoring-2", no more "bedside_sha256":""}';
    const { status, body } = await registry.addArtefact(open.replace('"bedside_sha256":""', `"bedside_sha256":"${sha256Hex(open)}"`));
    expect([status, body['paths'], String(body['detail'])]).toEqual([400, ['body.artefact'], expect.stringContaining('it is not JSON')]);
  });
  it.each([['a record', (told: typeof TRAINED_ON) => [{ ...told[0]!, recordDigests: [...told[0]!.recordDigests, told[0]!.recordDigests[0]!] }]], ['a hospital', (told: typeof TRAINED_ON) => [...told, told[0]!]]])('name %s twice and are refused', async (_, change) => {
    expect((await registry.addManifest(change(TRAINED_ON))).code).toBe('model-file-malformed');
    expect(registry.site.bucket.objects.size).toBe(0);
  });
  it('are made of what hospitals signed for alone: nobody at the control site names rows', async () => {
    const statements = await Promise.all(TRAINED_ON.map((each) => statedBy(each.nodeId, each)));
    const [north, hill] = statements;
    const adding = (body: object) => registry.ask(DEVELOPER, '/v1/data-manifests', body);
    expect((await adding({ manifest: TRAINING_DATA })).code).toBe('request-malformed');
    expect((await adding({ statements: [north, { ...hill!, text: north!.text.replaceAll('north', 'hill') }] })).code).toBe('hospital-statement-wrong');
    expect((await adding({ statements: [north, await statedBy('north', TRAINED_ON[1]!)] })).code).toBe('hospital-statement-wrong');
    expect((await adding({ statements: [north, CALIBRATED[1]] })).code).toBe('hospital-statement-wrong');
    expect((await adding({ statements: [north, await statedBy('hill', TESTED_ON[1]!)] })).code).toBe('model-results-inconsistent');
    expect((await adding({ statements: [north, await statedBy('hill', { ...TRAINED_ON[1]!, label: 'other' })] })).code).toBe('model-results-inconsistent');
    expect(registry.site.bucket.objects.size).toBe(0);
    expect((await adding({ statements })).body).toEqual({ manifestSha256: TRAINING.trainingManifestSha256, sites: 2, records: 22 });
    expect([...registry.site.bucket.objects.keys()].map((key) => key.split('/')[0]).toSorted()).toEqual(['manifests', 'statements', 'statements']);
  });
});
