import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { FEATURE_NAMES, HORIZON_HOURS } from '../../models/early-prediction/features.ts';
import { ATTRIBUTE_COLUMNS, COLUMN_NAMES, SAMPLE_COLUMNS, SENSOR_COLUMNS } from '../../models/twin/site/columns.ts';
import { drawSite, type SiteEffects } from '../../models/twin/site/effects.ts';
import { datasetRow, siteOf, type DatasetRow } from '../../models/twin/site/row.ts';
import type { World } from '../../models/twin/worlds/world.ts';
import { UsageError } from '../run-script.ts';
import { wholeNumber } from './options.ts';
import { createProgress } from './progress.ts';
import { readWorld } from './worlds.ts';

export type DatasetOptions = Readonly<{ folder: string; world: string; batches: number; sites: number; seed: number }>;
const [MOST_BATCHES, MOST_SITES] = [100_000, 1000] as const;

/** @throws UsageError naming the option and what was wanted */
export const readDatasetOptions = (args: readonly string[]): DatasetOptions => {
  const { values } = parseArgs({ args: [...args], options: { dataset: { type: 'string', default: '' }, world: { type: 'string', default: 'stress' }, batches: { type: 'string', default: '300' }, sites: { type: 'string', default: '3' }, seed: { type: 'string', default: '1' }, help: { type: 'boolean' } } });
  const batches = wholeNumber('batches', values.batches, 1, MOST_BATCHES);
  const sites = wholeNumber('sites', values.sites, 1, MOST_SITES);
  if (values.dataset.trim() === '') throw new UsageError('--dataset: got nothing, want a folder to write to');
  if (sites > batches) throw new UsageError(`--sites: got ${sites}, want at most as many as batches, ${batches}`);
  return { folder: values.dataset, world: values.world, batches, sites, seed: wholeNumber('seed', values.seed, 0, 2 ** 32 - 1) };
};

/** A site with its batches: numbers of the data set from `from` on. */
export type SiteBatches = Readonly<{ siteId: string; effects: SiteEffects; rows: readonly DatasetRow[] }>;

/** Simulate the batches of every site, dealt out evenly; the first sites have one more where it does not come out even. */
export const simulateSites = (world: World, { batches, sites, seed }: Pick<DatasetOptions, 'batches' | 'sites' | 'seed'>, onDone: (done: number) => void): readonly SiteBatches[] => {
  let next = 0;
  return Array.from({ length: sites }, (_, i) => {
    const effects = drawSite(seed, i);
    const site = siteOf(world, effects);
    const end = Math.floor(((i + 1) * batches) / sites);
    const rows: DatasetRow[] = [];
    for (; next < end; next += 1) {
      rows.push(datasetRow(site, seed, next));
      onDone(next + 1);
    }
    return { siteId: `site-${String(i + 1).padStart(String(sites).length, '0')}`, effects, rows };
  });
};

const DIGITS = 6;
/** Six digits; nothing where a value is missing. */
const cell = (value: number): string => (Number.isFinite(value) ? String(Number(value.toPrecision(DIGITS))) : '');

const HEAD = ['batch', 'site', ...COLUMN_NAMES, 'failed', 'cause'].join(',');
const linesOf = ({ siteId, rows }: SiteBatches, width: number): readonly string[] => rows.map(({ index, features, failed, cause }) => [`${siteId}-${String(index).padStart(width, '0')}`, siteId, ...features.map(cell), String(failed), cause].join(','));

const text = (lines: readonly string[]): string => `${[HEAD, ...lines].join('\n')}\n`;
const sha256 = (data: string): string => createHash('sha256').update(data).digest('hex');
const versionOfBedside = (): string => (JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8')) as Readonly<{ version: string }>).version;

const describedColumns = (): readonly Readonly<Record<string, string>>[] => [
  ...FEATURE_NAMES.map((name) => ({ name, kind: 'deployed prediction' })), ...SENSOR_COLUMNS.map(({ name, unit, window }) => ({ name, kind: 'sensor', parameter: window.metric, unit })),
  ...ATTRIBUTE_COLUMNS.map(({ name, unit, attribute }) => ({ name, kind: 'attribute', parameter: attribute.name, unit })), ...SAMPLE_COLUMNS.map(({ name, unit, sample }) => ({ name, kind: 'sample', parameter: sample.name, unit })),
];

/** Files of a data set by name. The same options give the same bytes. */
export const datasetFiles = (world: World, { batches, seed }: Pick<DatasetOptions, 'batches' | 'seed'>, sites: readonly SiteBatches[]): Readonly<Record<string, string>> => {
  const width = String(batches - 1).length;
  const lines = sites.map((site) => linesOf(site, width));
  const files = { ...Object.fromEntries(sites.map(({ siteId }, i) => [`${siteId}.csv`, text(lines[i] ?? [])])), 'pooled.csv': text(lines.flat()) };
  const source = {
    formatVersion: 1, notice: 'Simulated. No patient, no hospital. Not for use on patients.', world: { name: world.name, about: world.about, sha256: sha256(JSON.stringify(world)) }, seed, batches, versions: { bedside: versionOfBedside() },
    featuresUpToHour: HORIZON_HOURS, label: 'failed', notFeatures: ['batch', 'site', 'failed', 'cause'],
    sites: sites.map(({ siteId, effects, rows }) => ({ siteId, batches: rows.length, failures: rows.filter(({ failed }) => failed === 1).length, effects })),
    files: Object.fromEntries(Object.entries(files).map(([name, data]) => [name, { sha256: sha256(data) }])), columns: describedColumns(),
  };
  return { ...files, 'SOURCE.json': `${JSON.stringify(source, null, 2)}\n` };
};

/** `--dataset`: a training set, split by site. */
export const writeDataset = (options: DatasetOptions): void => {
  const world = readWorld(options.world);
  const sites = simulateSites(world, options, createProgress('batches simulated', options.batches));
  const folder = resolve(options.folder);
  mkdirSync(folder, { recursive: true });
  for (const [name, data] of Object.entries(datasetFiles(world, options, sites))) writeFileSync(join(folder, name), data);
  const failures = sites.flatMap(({ rows }) => rows).filter(({ failed }) => failed === 1).length;
  process.stdout.write(`wrote ${folder}: ${options.batches} batches of ${sites.length} sites, ${failures} failed, ${COLUMN_NAMES.length} features up to hour ${HORIZON_HOURS}; SOURCE.json says from what\n`);
};
