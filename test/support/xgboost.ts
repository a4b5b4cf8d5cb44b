import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PYTHON = '/usr/bin/python3';
/** Whether stock XGBoost is there (Debian: apt-get install python3-xgboost); tests against it are skipped with this notice where it is not. */
export const hasXgboost = spawnSync(PYTHON, ['-c', 'import xgboost'], { stdio: 'ignore' }).status === 0;
export const XGBOOST_NOTICE = 'skipped where python3-xgboost is not installed';

const SCRIPT = `import sys,json,numpy,xgboost
booster=xgboost.Booster();booster.load_model(sys.argv[1])
rows=numpy.array(json.load(sys.stdin),dtype=numpy.float32)
matrix=xgboost.DMatrix(rows,feature_names=booster.feature_names,feature_types=booster.feature_types)
print(json.dumps({"predictions":booster.predict(matrix).astype(float).tolist(),"contributions":booster.predict(matrix,pred_contribs=True).astype(float).tolist()}))`;

/** What stock XGBoost makes of a model file: predictions, and contributions of each feature with the expected value last. */
export const stockXgboost = (model: string, rows: readonly (readonly number[])[]): Readonly<{ predictions: readonly number[]; contributions: readonly (readonly number[])[] }> => {
  const folder = mkdtempSync(join(tmpdir(), 'xgboost-'));
  try {
    writeFileSync(join(folder, 'model.json'), model);
    const input = `[${rows.map((row) => `[${row.map((value) => (Number.isNaN(value) ? 'NaN' : String(value))).join(',')}]`).join(',')}]`;
    return JSON.parse(execFileSync(PYTHON, ['-c', SCRIPT, join(folder, 'model.json')], { input, maxBuffer: 2 ** 28 }).toString()) as ReturnType<typeof stockXgboost>;
  } finally {
    rmSync(folder, { recursive: true });
  }
};
