import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Interpreter that somebody named, to run the same tests against another version of XGBoost. */
const NAMED = process.env['BEDSIDE_PYTHON'];
const PYTHON = NAMED ?? '/usr/bin/python3';
const asked = spawnSync(PYTHON, ['-c', 'import xgboost; print(xgboost.__version__)'], { encoding: 'utf8' });
if (NAMED !== undefined && asked.status !== 0) throw new Error(`BEDSIDE_PYTHON: got ${NAMED}, want an interpreter with XGBoost`);

/** Whether stock XGBoost is there (Debian: apt-get install python3-xgboost); tests against it are skipped with this notice where it is not. An interpreter that was named and has none fails them. */
export const hasXgboost = asked.status === 0;
/** From some version after 3.0 on it takes a logistic base score of 0 and 1, which no finite margin has. */
export const takesSureBase = hasXgboost && Number(/^\d+\.\d+/.exec(asked.stdout.trim())?.[0] ?? 0) > 3;
export const XGBOOST_NOTICE = hasXgboost ? `XGBoost ${asked.stdout.trim()}` : 'skipped: python3-xgboost is not installed; BEDSIDE_PYTHON names another interpreter';

const SCRIPT = `import sys,json,numpy,xgboost
booster=xgboost.Booster();booster.load_model(sys.argv[1])
rows=numpy.array(json.load(sys.stdin),dtype=numpy.float32)
matrix=xgboost.DMatrix(rows,feature_names=booster.feature_names,feature_types=booster.feature_types)
booster.save_model(sys.argv[2])
print(json.dumps({"predictions":booster.predict(matrix).astype(float).tolist(),"contributions":booster.predict(matrix,pred_contribs=True).astype(float).tolist(),"saved":open(sys.argv[2]).read()}))`;

type Stock = Readonly<{ predictions: readonly number[]; contributions: readonly (readonly number[])[]; saved: string }>;

/** What stock XGBoost makes of a model file: predictions, contributions of each feature with the expected value last, and the file as it saves it again. */
export const stockXgboost = (model: string, rows: readonly (readonly number[])[]): Stock => {
  const folder = mkdtempSync(join(tmpdir(), 'xgboost-'));
  try {
    writeFileSync(join(folder, 'model.json'), model);
    const input = `[${rows.map((row) => `[${row.map((value) => (Number.isNaN(value) ? 'NaN' : String(value))).join(',')}]`).join(',')}]`;
    return JSON.parse(execFileSync(PYTHON, ['-c', SCRIPT, join(folder, 'model.json'), join(folder, 'saved.json')], { input, maxBuffer: 2 ** 28, stdio: 'pipe' }).toString()) as Stock;
  } finally {
    rmSync(folder, { recursive: true });
  }
};
