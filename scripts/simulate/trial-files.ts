import type { Released } from '../../models/twin/trial/comparison.ts';
import type { Report } from '../../models/twin/trial/report.ts';
import type { Arm } from '../../models/twin/trial/result.ts';
import { TRAINING_BATCHES, TRAINING_SEED } from '../../models/twin/trial/setting.ts';
import { fingerprintOf } from '../../models/twin/worlds/fingerprint.ts';
import type { World } from '../../models/twin/worlds/world.ts';
import { fingerprintsOf, versionOfBedside } from './fingerprint.ts';
import { markdownOf } from './markdown.ts';
import { plotsOf } from './plots.ts';

/** Names every other file of a trial. */
export const TRIAL_MANIFEST = 'report.json';

const DIGITS = 6;
/** Six digits; nothing where there is no number. */
const cell = (value: number | undefined): string => (value === undefined || !Number.isFinite(value) ? '' : String(Number(value.toPrecision(DIGITS))));

const HEAD = 'index,arm,failed,causes,harvest_hour,release_day,potency,interventions,alerted,predicted';
const lineOf = ({ index, arm, failed, causes, harvestHour, releasedAtDays, measured, recommendations, alerted, predicted }: Released): string =>
  [index, arm, failed ? 1 : 0, causes.join(';'), cell(harvestHour), cell(releasedAtDays), cell(measured?.potencyPercent), recommendations.filter(({ signed, kind }) => signed && kind === 'intervention').length, alerted ? 1 : 0, cell(predicted)].join(',');

/** One line for each batch in each arm: `release_day` counts from activation and is empty for a batch that was not released, `potency` is % of the reference, `interventions` are signed ones, `predicted` is the chance of failure at hour 72. */
export const batchesCsvOf = (results: ReadonlyMap<Arm, readonly Released[]>): string => `${[HEAD, ...[...results.values()].flatMap((each) => each.map(lineOf))].join('\n')}\n`;

/** Files of a trial by name. The same options give the same bytes. */
export const trialFiles = (world: World, report: Report, results: ReadonlyMap<Arm, readonly Released[]>): Readonly<Record<string, string>> => {
  const files = { 'report.md': markdownOf(report), 'batches.csv': batchesCsvOf(results), ...plotsOf(report, results) };
  const from = { versions: { bedside: versionOfBedside() }, twinSha256: fingerprintOf(world), training: { seed: TRAINING_SEED, batches: TRAINING_BATCHES } };
  return { ...files, [TRIAL_MANIFEST]: `${JSON.stringify({ ...report, ...from, files: fingerprintsOf(files) }, null, 2)}\n` };
};
