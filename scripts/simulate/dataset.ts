import { parseArgs } from 'node:util';
import { LIMITS } from '../../models/federated/plan.ts';
import { drawSite, type SiteEffects } from '../../models/twin/site/effects.ts';
import { datasetRow, siteOf, type DatasetRow, type Site } from '../../models/twin/site/row.ts';
import type { World } from '../../models/twin/worlds/world.ts';
import { UsageError, wholeNumber } from '../run-script.ts';
import { fingerprintsOf, sha256, versionOfBedside } from './fingerprint.ts';
import { trialSeed } from './options.ts';
import { ownFolder } from './own-folder.ts';
import { createProgress } from './progress.ts';
import { EARLY, trajectoryTable, type DatasetTable } from './tables.ts';
import { readWorld } from './worlds.ts';

/** `windowHours`: of a set of trajectories, up to hour `hours` of the culture or to the world's harvest; of any other neither. */
export type DatasetOptions = Readonly<{ folder: string; world: string; batches: number; sites: number; seed: number; heldOut: number; windowHours?: number | undefined; hours?: number | undefined }>;
/** What a training of process monitoring takes. */
const MOST_VARIABLES = LIMITS.variables;
const [MOST_BATCHES, MOST_SITES, MOST_HELD_OUT, MOST_WINDOW_HOURS, MOST_HOURS] = [100_000, 1000, 90, 240, 960] as const;

/** Batches of a site that are kept for the test, its last ones. */
const heldOutOf = (batches: number, percent: number): number => Math.floor((batches * percent) / 100);

const OPTIONS = {
  dataset: { type: 'string', default: '' }, world: { type: 'string', default: 'stress' }, batches: { type: 'string', default: '300' }, sites: { type: 'string', default: '3' }, seed: { type: 'string', default: '1' }, 'held-out': { type: 'string', default: '0' },
  trajectory: { type: 'string' }, hours: { type: 'string' }, help: { type: 'boolean' },
} as const;

const wholeOrNone = (name: string, text: string | undefined, high: number): number | undefined => (text === undefined ? undefined : wholeNumber(name, text, 1, high));

/** @throws UsageError naming the option and what was wanted; also where nothing would be held out at a site */
export const readDatasetOptions = (args: readonly string[]): DatasetOptions => {
  const { values } = parseArgs({ args: [...args], options: OPTIONS });
  const batches = wholeNumber('batches', values.batches, 1, MOST_BATCHES);
  const sites = wholeNumber('sites', values.sites, 1, MOST_SITES);
  if (values.dataset.trim() === '') throw new UsageError('--dataset: got nothing, want a folder to write to');
  if (sites > batches) throw new UsageError(`--sites: got ${sites}, want at most as many as batches, ${batches}`);
  if (values.hours !== undefined && values.trajectory === undefined) throw new UsageError(`--hours: got ${values.hours} without --trajectory, want it with the hours of a window`);
  const heldOut = wholeNumber('held-out', values['held-out'], 0, MOST_HELD_OUT);
  const ofSite = Math.floor(batches / sites);
  if (heldOut > 0 && heldOutOf(ofSite, heldOut) === 0) throw new UsageError(`--held-out: got ${heldOut} per cent of ${ofSite} ${ofSite === 1 ? 'batch' : 'batches'} a site, which is none, want at least ${Math.ceil(100 / heldOut)} batches a site or ${Math.ceil(100 / ofSite)} per cent`);
  return {
    folder: values.dataset, world: values.world, batches, sites, seed: trialSeed(values.seed), heldOut,
    windowHours: wholeOrNone('trajectory', values.trajectory, MOST_WINDOW_HOURS), hours: wholeOrNone('hours', values.hours, MOST_HOURS),
  };
};

/**
 * What the data set holds of a batch.
 *
 * @throws UsageError naming the option where a culture is not that long, the windows do not fill it, or are more than a training takes
 */
export const tableFor = ({ recipe: { harvestHour } }: World, { windowHours, hours = harvestHour }: Pick<DatasetOptions, 'windowHours' | 'hours'>): DatasetTable => {
  if (windowHours === undefined) return EARLY;
  if (hours > harvestHour) throw new UsageError(`--hours: got ${hours}, want at most ${harvestHour}, when this world harvests`);
  if (hours % windowHours !== 0) throw new UsageError(`--trajectory: got windows of ${windowHours} h in ${hours} h of culture, want whole windows`);
  const table = trajectoryTable(hours, windowHours);
  if (table.names.length > MOST_VARIABLES) throw new UsageError(`--trajectory: got windows of ${windowHours} h in ${hours} h of culture, which are ${table.names.length} variables, want at most ${MOST_VARIABLES}, which is what a training takes`);
  return table;
};

/** A site with its batches, each as the row that is wanted of it: numbers of the data set from the site's first on. */
export type SiteRows<Row> = Readonly<{ siteId: string; effects: SiteEffects; rows: readonly Row[] }>;
export type SiteBatches = SiteRows<DatasetRow>;
type Size = Pick<DatasetOptions, 'batches' | 'sites' | 'seed'>;

/** Simulate the batches of every site, dealt out evenly; the first sites have one more where it does not come out even. */
export const simulateRows = <Row>(world: World, { batches, sites, seed }: Size, rowOf: (site: Site, seed: number, index: number) => Row, onDone: (done: number) => void): readonly SiteRows<Row>[] => {
  let next = 0;
  return Array.from({ length: sites }, (_, i) => {
    const effects = drawSite(seed, i);
    const site = siteOf(world, effects);
    const end = Math.floor(((i + 1) * batches) / sites);
    const rows: Row[] = [];
    for (; next < end; next += 1) {
      rows.push(rowOf(site, seed, next));
      onDone(next + 1);
    }
    return { siteId: `site-${String(i + 1).padStart(String(sites).length, '0')}`, effects, rows };
  });
};

/** Batches as the early prediction sees them. */
export const simulateSites = (world: World, size: Size, onDone: (done: number) => void): readonly SiteBatches[] => simulateRows(world, size, datasetRow, onDone);

const DIGITS = 6;
/** Six digits; nothing where a value is missing. */
const cell = (value: number): string => (Number.isFinite(value) ? String(Number(value.toPrecision(DIGITS))) : '');

const idOf = (siteId: string, index: number, width: number): string => `${siteId}-${String(index).padStart(width, '0')}`;
const linesOf = ({ siteId, rows }: SiteBatches, width: number): readonly string[] => rows.map(({ index, features, failed }) => [idOf(siteId, index, width), siteId, ...features.map(cell), String(failed)].join(','));
/** Why batches failed: in a file of its own, so that no training takes it for a feature. */
const causesOf = (sites: readonly SiteBatches[], width: number): string => `${['batch,cause', ...sites.flatMap(({ siteId, rows }) => rows.filter(({ failed }) => failed === 1).map(({ index, cause }) => `${idOf(siteId, index, width)},${cause}`))].join('\n')}\n`;


/**
 * Files of a data set by name, each as `npm run train` takes it. The same options give the same bytes.
 *
 * `heldOut`: per cent of each site's batches, its last ones, that are in `test.csv` and in no other file of rows.
 */
export const datasetFiles = (world: World, { batches, seed, heldOut }: Pick<DatasetOptions, 'batches' | 'seed' | 'heldOut'>, sites: readonly SiteBatches[], { names, columns, upToHour, files: others }: DatasetTable = EARLY): Readonly<Record<string, string>> => {
  const text = (lines: readonly string[]): string => `${[['batch', 'site', ...names, 'failed'].join(','), ...lines].join('\n')}\n`;
  const width = String(batches - 1).length;
  const parts = sites.map((site) => {
    const lines = linesOf(site, width);
    const learnt = lines.length - heldOutOf(lines.length, heldOut);
    return { learn: lines.slice(0, learnt), test: lines.slice(learnt) };
  });
  const files = {
    ...Object.fromEntries(sites.map(({ siteId }, i) => [`${siteId}.csv`, text(parts[i]?.learn ?? [])])), 'pooled.csv': text(parts.flatMap(({ learn }) => learn)),
    ...(heldOut === 0 ? {} : { 'test.csv': text(parts.flatMap(({ test }) => test)) }), 'causes.csv': causesOf(sites, width), ...others,
  };
  const source = {
    formatVersion: 1, notice: 'Simulated. No patient, no hospital. Not for use on patients.', world: { name: world.name, about: world.about, sha256: sha256(JSON.stringify(world)) }, seed, batches, heldOutPercent: heldOut, versions: { bedside: versionOfBedside() },
    featuresUpToHour: upToHour, label: 'failed', notFeatures: ['batch', 'site', 'failed'],
    sites: sites.map(({ siteId, effects, rows }) => ({ siteId, batches: rows.length, failures: rows.filter(({ failed }) => failed === 1).length, effects })),
    files: fingerprintsOf(files), columns,
  };
  return { ...files, 'SOURCE.json': `${JSON.stringify(source, null, 2)}\n` };
};

/** `--dataset`: a training set, split by site. @throws UsageError when the folder is not ours to fill */
export const writeDataset = (options: DatasetOptions): void => {
  const world = readWorld(options.world);
  const table = tableFor(world, options);
  const folder = ownFolder('dataset', options.folder, 'SOURCE.json');
  const sites = simulateRows(world, options, table.row, createProgress('batches simulated', options.batches));
  folder.write(datasetFiles(world, options, sites, table));
  const failures = sites.flatMap(({ rows }) => rows).filter(({ failed }) => failed === 1).length;
  process.stdout.write(`wrote ${folder.path}: ${options.batches} batches of ${sites.length} sites, ${failures} failed, ${table.names.length} features up to hour ${table.upToHour}; SOURCE.json says from what\n`);
};
