import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readModelFile } from '../../../models/forest/model-file.ts';
import { readMonitoringFile } from '../../../models/monitoring/model-file.ts';
import { predict } from '../../../models/forest/evaluate.ts';
import { hasXgboost, stockXgboost, XGBOOST_NOTICE } from '../../support/xgboost.ts';

const folder = mkdtempSync(join(tmpdir(), 'federated-'));
afterAll(() => { rmSync(folder, { recursive: true }); });
const HEART = 'test/fixtures/heart';

const run = (script: string, ...args: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [`scripts/${script}.ts`, ...args], { encoding: 'utf8' });
  return { status, stdout, stderr };
};
const trainHeart = (out: string, ...more: readonly string[]) => run('train', '--data', `${HEART}/train.csv`, '--label', 'label', '--site', 'site', '--out', join(folder, out), ...more);
const csv = (name: string, text: string): string => {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
};

describe('npm run train', () => {
  const natural = trainHeart('natural.json', '--test', `${HEART}/test.csv`);
  const [, , accuracy = '', , , auc = ''] = natural.stdout.trim().split('\n').at(-1)!.split(/ {2,}/);

  it('reaches what is published on the heart data: four hospitals, pooled test, accuracy 0.785 and AUC 0.87', () => {
    expect(natural.stderr).toBe('');
    expect(Number(accuracy.split(' ')[0])).toBeGreaterThanOrEqual(0.785);
    expect(Number(auc.split(' ')[0])).toBeGreaterThanOrEqual(0.87);
  });
  it('says rounds and bytes: 8 rounds for depth 6, below 2.5 MB from each site', () => {
    const [, rounds, kilobytes] = /^(\d+) rounds, ([\d.]+) kB up from each site/m.exec(natural.stdout)!;
    expect(Number(rounds)).toBe(8);
    expect(Number(kilobytes)).toBeLessThan(2500);
  });
  it('writes the same file for one site, ten sites, and without masks', () => {
    const file = readFileSync(join(folder, 'natural.json'), 'utf8');
    for (const [name, ...options] of [['pooled.json', '--partition', 'pooled'], ['ten.json', '--partition', '10'], ['plain.json', '--masks', 'off']] as const) {
      expect(trainHeart(name, ...options).status).toBe(0);
      expect(readFileSync(join(folder, name), 'utf8') === file).toBe(true);
    }
  });
  it('foresees splits, which the file says, and knows no others', () => {
    const { learner } = JSON.parse(readFileSync(join(folder, 'natural.json'), 'utf8')) as { learner: { attributes: { plan: string } } };
    expect(JSON.parse(learner.attributes.plan)).toMatchObject({ splits: 'foreseen', featuresPerNode: 1 });
    expect(trainHeart('x.json', '--splits', 'counted').stderr).toMatch(/--splits/);
  });
  it('takes ranges of a specification, and else from all rows; and leaves out what parts no rows, by name', () => {
    const specified = ['--trees', '5', '--ranges', `${HEART}/ranges.csv`];
    expect(trainHeart('ranges.json', ...specified).status).toBe(0);
    expect(trainHeart('ranges-pooled.json', ...specified, '--partition', 'pooled').status).toBe(0);
    expect(readFileSync(join(folder, 'ranges-pooled.json'), 'utf8')).toBe(readFileSync(join(folder, 'ranges.json'), 'utf8'));
    expect(trainHeart('x.json', '--ranges', csv('few-ranges.csv', 'name,low,high\nage,20,90\n')).stderr).toMatch(/got no range of sex, want name, low and high of every feature/);
    expect(trainHeart('x.json', '--ranges', csv('wrong-ranges.csv', readFileSync(`${HEART}/ranges.csv`, 'utf8').replace('age,20,90', 'age,90,20'))).stderr).toMatch(/ranges\.0: got 90 to 20 of age/);
    const rows = Array.from({ length: 40 }, (_, i) => `${i % 3},7,${i % 2},${'abcd'[i % 4]!}`);
    const constant = csv('constant.csv', `x,same,label,site\n${rows.join('\n')}\n`);
    expect(run('train', '--data', constant, '--label', 'label', '--site', 'site', '--trees', '20', '--out', join(folder, 'constant.json')).stdout).toMatch(/^left out, for they are constant over all sites or part no rows: .*same/m);
  });
  it('writes another for another seed, and trains by boosting', () => {
    expect(trainHeart('seed.json', '--seed', '2', '--trees', '5').status).toBe(0);
    expect(trainHeart('boosting.json', '--method', 'boosting', '--trees', '20', '--masks', 'off', '--test', `${HEART}/test.csv`).stdout).toMatch(/22 rounds/);
    expect(readModelFile(readFileSync(join(folder, 'boosting.json'), 'utf8')).objective).toBe('binary:logistic');
  });
  it.skipIf(!hasXgboost)(`writes what stock XGBoost predicts and explains alike (${XGBOOST_NOTICE})`, () => {
    const text = readFileSync(join(folder, 'natural.json'), 'utf8');
    const rows = readFileSync(`${HEART}/test.csv`, 'utf8').trim().split(/\r?\n/).slice(1, 40).map((line) => line.split(',').slice(1, -1).map(Number));
    rows.push(rows[0]!.map(() => NaN));
    const { predictions } = stockXgboost(text, rows);
    rows.forEach((row, i) => { expect(Math.abs(predict(readModelFile(text), row) - predictions[i]!)).toBeLessThan(1e-6); });
  });

  let files = 0;
  const small = (values: string): string => csv(`small-${files++}.csv`, `site,a,b,y\n${values}`);
  const lines = Array.from({ length: 15 }, (_, i) => `s${i % 3},${i},${i % 2},${i % 2}`).join('\n');
  it.each([
    ['a value that is no number, by row and column', small(`${lines}\ns1,x,1,0`), /row 16, column a: got "x"/],
    ['a missing label', small(`${lines}\ns1,1,1,`), /row 16, column y: got no label/],
    ['a label that is no label', small(`${lines}\ns1,1,1,2`), /row 16, column y: got 2, want 0 or 1/],
    ['a row without a site', small(`${lines}\n,1,1,0`), /row 16, column site: got no site/],
    ['a line of another length', small(`${lines}\ns1,1`), /line 17/],
    ['a cohort that is too small', small(`${lines}\nt,1,1,0`), /cohort of t: got 1 rows, want at least 5/],
    ['two sites only', small(lines.replaceAll('s2', 's1')), /--masks: got on with 2 sites, want at least 3.*--partition/],
    ['one label everywhere', small(lines.replaceAll(/\d$/gm, '1')), /label y: got 0 rows of 0/],
    ['no rows', small(''), /got no rows/],
    ['a column twice', csv('twice.csv', `site,a,a,y\n${lines}`), /got column a twice/],
    ['a file that is not there', join(folder, 'nowhere.csv'), /nowhere\.csv/],
  ])('refuses %s', (_, file, message) => {
    const { status, stderr } = run('train', '--data', file, '--label', 'y', '--site', 'site', '--out', join(folder, 'x.json'));
    expect(stderr).toMatch(message);
    expect(status).not.toBe(0);
  });
  it.each([
    [['--depth', '13'], /--depth: got 13, want a whole number from 1 to 12/], [['--method', 'tree'], /--method: got tree, want forest or boosting/], [['--partition', 'none'], /--partition: got none/],
    [['--features', 'a,zz'], /--features: got zz, want a column/], [['--label', 'zz'], /--label: got zz/], [['--id', 'b'], /column b: got 0, as in row 1/], [['--site', 'zz'], /--site: got zz/],
  ])('refuses the options %j', (options, message) => {
    const { status, stderr } = run('train', '--data', small(lines), '--label', 'y', '--site', 'site', '--out', join(folder, 'x.json'), ...options);
    expect(stderr).toMatch(message);
    expect(status).toBe(2);
  });
  it('leaves out a constant feature and says so, and takes missing values', () => {
    const rows = Array.from({ length: 15 }, (_, i) => `s${i % 3},${i % 4 === 0 ? 'NA' : i},7,${i % 2}`).join('\n');
    const { status, stdout } = run('train', '--data', csv('constant.csv', `site,a,b,y\n${rows}`), '--label', 'y', '--site', 'site', '--out', join(folder, 'x.json'), '--trees', '3');
    expect(stdout).toContain('left out, for they are constant over all sites or part no rows: b');
    expect(status).toBe(0);
  });
});

describe('npm run train -- --method monitoring', () => {
  const ranges = csv('ranges.csv', 'name,low,high\nage,20,90\ntrestbps,80,220\nchol,0,650\nthalach,60,210\n');
  const monitoring = (out: string, ...more: readonly string[]) => trainHeart(out, '--method', 'monitoring', '--features', 'age,trestbps,chol,thalach', '--ranges', ranges, ...more);
  it('writes the same file over three sites under masks as of the pooled rows, with limits', () => {
    const { status, stdout, stderr } = monitoring('plane.json', '--partition', '3');
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toContain('monitoring by 2 components, masks on');
    expect(monitoring('plane-pooled.json', '--partition', 'pooled').status).toBe(0);
    const file = readFileSync(join(folder, 'plane.json'), 'utf8');
    expect(readFileSync(join(folder, 'plane-pooled.json'), 'utf8') === file).toBe(true);
    expect(readMonitoringFile(file).plane.variables.map(({ name }) => name)).toEqual(['age', 'trestbps', 'chol', 'thalach']);
  });
  it('has no part of a hospital without five complete batches that went well', () => {
    expect(monitoring('x.json').stderr).toContain('cohort of switzerland: got 0 rows, want at least 5');
  });
  it('wants ranges of the specification, for each feature, and no test file', () => {
    expect(trainHeart('x.json', '--method', 'monitoring').stderr).toContain('--ranges: got nothing');
    expect(monitoring('x.json', '--features', 'age,sex').stderr).toContain('got no range of sex');
    expect(monitoring('x.json', '--test', `${HEART}/test.csv`).stderr).toContain('--test: got a file');
    expect(monitoring('x.json', '--components', '4').stderr).toContain('monitoring.components');
  });
});

describe('npm run train -- --private', () => {
  const secretly = (out: string, ...more: readonly string[]) => trainHeart(out, '--ranges', `${HEART}/ranges.csv`, '--private', ...more);
  it('writes a model with its promise in it, says who adds the noise, and never writes the same twice', () => {
    const { status, stdout, stderr } = secretly('private.json', '--epsilon', '1', '--test', `${HEART}/test.csv`);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toContain('private forest of 20 trees of depth 3, masks on');
    expect(stdout).toContain('ε 1, δ 0 for each row, which changes one count of one tree, by one; discrete Laplace noise, in shares of 1/3 at each site, so that 3 of 4 suffice, with up to 1 others curious');
    expect(stdout).toMatch(/^all +254 /mu);
    const file = readFileSync(join(folder, 'private.json'), 'utf8');
    const { learner } = JSON.parse(file) as { learner: { attributes: { privacy: string } } };
    expect(JSON.parse(learner.attributes.privacy)).toMatchObject({ epsilon: 1, delta: 0, curious: 1 });
    secretly('private-2.json', '--epsilon', '1');
    expect(readFileSync(join(folder, 'private-2.json'), 'utf8') === file).toBe(false);
  });
  it('adds the whole noise at each site without masks', () => {
    expect(secretly('open.json', '--epsilon', '0.5', '--masks', 'off').stdout).toContain('discrete Laplace noise, whole at each site, with up to all others curious');
  });
  it('wants an ε in its bounds, ranges of the specification, and no other method', () => {
    expect(secretly('x.json').stderr).toContain('--epsilon: got nothing');
    expect(secretly('x.json', '--epsilon', '0').stderr).toContain('--epsilon: got 0, want a number from 0.01 to 100');
    expect(secretly('x.json', '--epsilon', '1', '--method', 'boosting').stderr).toContain('--private: got it with --method boosting');
    expect(trainHeart('x.json', '--epsilon', '1').stderr).toContain('--epsilon: got 1, want a number with --private');
    expect(trainHeart('x.json', '--private', '--epsilon', '1').stderr).toContain('--ranges: got nothing');
  });
});

describe('npm run score', () => {
  const model = join(folder, 'natural.json');
  it('prints a score and contributions that add up to it', () => {
    const { status, stdout } = run('score', '--model', model, '--data', `${HEART}/test.csv`, '--shap');
    expect(status).toBe(0);
    const [head, ...lines] = stdout.trim().split('\n');
    expect(head).toBe('row,score,expected,age,sex,trestbps,chol,fbs,thalach,exang,oldpeak,cp_2,cp_3,cp_4,restecg_1,restecg_2');
    expect(lines).toHaveLength(254);
    for (const line of lines) {
      const [, score, ...parts] = line.split(',').map(Number);
      expect(parts.reduce((sum, part) => sum + part, 0)).toBeCloseTo(score!, 5);
    }
  });
  it('refuses a changed model, a missing feature and a missing option', () => {
    const changed = csv('changed.json', readFileSync(model, 'utf8').replace('"default_left":[1', '"default_left":[0'));
    expect(run('score', '--model', changed, '--data', `${HEART}/test.csv`)).toMatchObject({ status: 2, stderr: expect.stringContaining('want') as string });
    expect(run('score', '--model', model, '--data', csv('few.csv', 'age\n4')).stderr).toContain('got sex, want a column');
    expect(run('score', '--model', model).stderr).toContain('--data: got nothing');
  });
  it('stops quietly when the reader has seen enough', () => {
    expect(execFileSync('bash', ['-c', `"${process.execPath}" scripts/score.ts --model "${model}" --data ${HEART}/test.csv --shap | head -n 1`], { encoding: 'utf8' })).toContain('row,score');
  });
});
