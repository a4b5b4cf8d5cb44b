import { describe, expect, it } from 'vitest';
import { trajectoryVariables } from '../../../../models/monitoring/trajectory.ts';
import { grow } from '../../../../models/twin/culture/culture.ts';
import { drawBatch } from '../../../../models/twin/draw/batch.ts';
import { commanded, liveBatch, reportedAt, reportedNames, SENSOR_COUNT } from '../../../../models/twin/site/live-batch.ts';
import { commandedAction, SET_POINT_NAMES, SET_POINTS } from '../../../../models/twin/site/set-points.ts';
import { readDatasetOptions, datasetFiles, simulateRows, simulateSites, tableFor } from '../../../../scripts/simulate/dataset.ts';
import { COLUMN_NAMES } from '../../../../models/twin/site/columns.ts';
import { featuresIn } from '../../../../scripts/federated/partition.ts';
import { readPublishOptions } from '../../../../scripts/simulate/publish/options.ts';
import { createWindow, playLive, type Command } from '../../../../scripts/simulate/publish/play-live.ts';
import { startOfPlay } from '../../../../scripts/simulate/publish/publish.ts';
import { PUBLISHED } from './subject.ts';

const SHORT = { ...PUBLISHED, recipe: { ...PUBLISHED.recipe, harvestHour: 76 } };
const BATCH = { ...drawBatch(SHORT, 1, 0), faults: [] };
const ALL = reportedNames(SENSOR_COUNT);
const at = (name: string): number => ALL.indexOf(name);

describe('a batch that obeys', () => {
  const before = liveBatch(SHORT, BATCH);
  it('reports each sensor and each set-point once', () => {
    expect(new Set(ALL).size).toBe(ALL.length);
    expect(reportedNames(5)).toHaveLength(5 + SET_POINT_NAMES.length);
    expect(reportedAt(before, 5, 10)).toHaveLength(5 + SET_POINT_NAMES.length);
    expect(reportedAt(before, SENSOR_COUNT, 10)).toHaveLength(ALL.length);
  });
  it('goes another way from the commanded minute on, by mechanism, and stays what it was before', () => {
    const after = commanded(before, SET_POINTS.oxygen, 150, 3000);
    const oxygen = (live: typeof before, minute: number): number => reportedAt(live, SENSOR_COUNT, minute)[at('Bioreactor/Dissolved Oxygen')]!;
    for (const minute of [0, 1500, 2999]) expect(oxygen(after, minute)).toBe(oxygen(before, minute));
    expect(oxygen(after, 3100)).toBeGreaterThan(oxygen(before, 3100) + 40);
    expect(reportedAt(after, SENSOR_COUNT, 3100)[at(SET_POINTS.oxygen)]).toBe(150);
    expect(before.setPoints[SET_POINTS.oxygen]).toBe(SHORT.recipe.oxygenSetPointPercentAir);
  });
  it('is the culture of the same action in a trial', () => {
    const { world, batch, actions, lastMinute, series } = commanded(liveBatch(PUBLISHED, BATCH), SET_POINTS.feed, 2, 9000);
    const end = grow(world, batch, [{ type: 'set-feed-rate', hour: 150, factor: 2 }], lastMinute / 60);
    expect(actions).toEqual([{ type: 'set-feed-rate', hour: 150, factor: 2 }]);
    const asked = series.parameters.findIndex(({ name }) => name === 'Bioreactor/Perfusion Rate');
    expect(series.values[asked * series.points + 9001]).toBeCloseTo(2 * 9, 1);
    expect(end.control.feedFactor).toBe(2);
  });
  it('is not changed by writing what holds, and enriches the gas only for a set-point above it', () => {
    const held = SHORT.recipe.oxygenSetPointPercentAir;
    const written = commanded(commanded(before, SET_POINTS.oxygen, held, 1000), SET_POINTS.feed, 1, 2000);
    expect(grow(SHORT, BATCH, written.actions, 76).conditions).toEqual(grow(SHORT, BATCH, [], 76).conditions);
    expect([...grow(SHORT, BATCH, written.actions, 76).state].map((value, i) => Math.abs(value - (grow(SHORT, BATCH, [], 76).state[i] ?? 0)) <= 1e-3 * Math.abs(value) + 1e-4).every(Boolean)).toBe(true);
    const highest = (...values: readonly number[]): unknown => values.reduce((live, value, i) => commanded(live, SET_POINTS.oxygen, value, 1000 + i), before).actions.map((action) => 'highestPercentAir' in action && action.highestPercentAir);
    expect(highest(SHORT.recipe.oxygenHighestPercentAir)).toEqual([SHORT.recipe.oxygenHighestPercentAir]);
    expect(highest(40, 120, 60)).toEqual([SHORT.recipe.oxygenHighestPercentAir, 200, 200]);
  });
  it('ends at the commanded harvest, not later', () => { expect(commanded(before, SET_POINTS.harvest, 1, 4000).lastMinute).toBe(4000); });
  it.each([
    ['Bioreactor/Mood', 1, 'set-point: got Bioreactor/Mood'], [SET_POINTS.feed, 4.5, 'factor 0 to 4'], [SET_POINTS.feed, Number.NaN, 'Bioreactor/Feed Rate Factor: got NaN'], [SET_POINTS.oxygen, 0, 'setPointPercentAir above 0'], [SET_POINTS.oxygen, 201, 'got 201, want at most 200'], [SET_POINTS.harvest, 0, 'Bioreactor/Harvest: got 0, want 1'],
  ])('refuses %s = %s', (name, value, text) => { expect(() => commandedAction(name, value, 10)).toThrow(text); });
});

describe('playing a batch', () => {
  const play = async (scale: number, commandsAt: ReadonlyMap<number, readonly Command[]>, stopAt = Infinity) => {
    const controller = new AbortController();
    const [rows, reports, told]: [{ atEpochMs: number; values: readonly number[] }[], { atEpochMs: number; values: Readonly<Record<string, number>> }[], string[]] = [[], [], []];
    let [elapsed, slept] = [0, 0];
    const taken = new Set<number>();
    const result = await playLive(liveBatch(SHORT, BATCH), { startEpochMs: 1_772_460_300_000, scale, sensorCount: 20 }, {
      gateway: {
        data: ([row]) => { rows.push(row!); return Promise.resolve(); },
        report: (values, atEpochMs) => { reports.push({ atEpochMs: atEpochMs!, values }); return Promise.resolve(); },
      },
      takeCommands: () => (taken.has(rows.length) ? [] : [...(taken.add(rows.length), commandsAt.get(rows.length) ?? [])]),
      elapsedMs: () => elapsed, sleep: (ms) => { elapsed += ms; slept += ms; return Promise.resolve(); }, tell: (text) => { told.push(text); },
      onMinute: (minute) => { if (minute >= stopAt) controller.abort(); }, signal: controller.signal,
    });
    return { rows, reports, told, slept, result };
  };
  it('sends every minute once, in order, to the harvest', async () => {
    const { rows, slept } = await play(0, new Map());
    expect(rows.map(({ atEpochMs }) => (atEpochMs - 1_772_460_300_000) / 60_000)).toEqual(Array.from({ length: 76 * 60 + 1 }, (_, i) => i));
    expect(slept).toBe(0);
  });
  it('takes as long as its scale says', async () => { expect((await play(60, new Map())).slept).toBeCloseTo(76 * 60 * 1000, 0); });
  it('answers a command at once with the set-points that hold, between two rows, and tells what it refused', async () => {
    const { reports, told, rows, result } = await play(0, new Map([[100, [{ name: SET_POINTS.oxygen, value: 120 }, { name: SET_POINTS.feed, value: 9 }]], [200, [{ name: SET_POINTS.harvest, value: 1 }]]]));
    expect(reports.map(({ values }) => values[SET_POINTS.oxygen])).toEqual([120, 120, 120]);
    expect(reports.map(({ values }) => values[SET_POINTS.feed])).toEqual([1, 1, 1]);
    const [first, second] = reports.map(({ atEpochMs }) => atEpochMs);
    expect([first! > rows[99]!.atEpochMs, second! > first!, second! < rows[100]!.atEpochMs]).toEqual([true, true, true]);
    expect(told.filter((text) => text.includes('refused'))).toHaveLength(1);
    expect([rows.length, result.minute]).toEqual([201, 200]);
  });
  it('stops at once when asked to', async () => { expect((await play(1, new Map(), 10)).rows).toHaveLength(11); });
  it('has only so many messages on their way, and throws what one of them failed with', async () => {
    const window = createWindow(3);
    const open: (() => void)[] = [];
    let added = 0;
    const adding = (async () => { for (; added < 10; added += 1) await window.add(new Promise((resolve) => { open.push(resolve); })); })();
    await new Promise(setImmediate);
    expect(open.length).toBe(3);
    while (added < 10) { open.shift()?.(); await new Promise(setImmediate); }
    open.forEach((close) => { close(); });
    await adding;
    const other = createWindow();
    await other.add(Promise.reject(new Error('broken')));
    await expect(other.drain()).rejects.toThrow('broken');
  });
});

describe('the time in the messages', () => {
  const NOW = 1_772_460_300_000;
  const HOUR = 3_600_000;
  it.each([[1, 0], [60, 240 * (1 - 1 / 60)], [0, 240], [0.5, 0]])('at scale %s begins %s hours ago', (scale, hours) => { expect(NOW - startOfPlay({ scale, batches: 1, fromEpochMs: undefined }, 240, NOW)).toBeCloseTo(hours * HOUR, 0); });
  it('begins when it is told to', () => { expect(startOfPlay({ scale: 0, batches: 1, fromEpochMs: NOW - 300 * HOUR }, 240, NOW)).toBe(NOW - 300 * HOUR); });
  it.each([[{ scale: 0, batches: 4, fromEpochMs: undefined }, '--batches: samples would be dated 40 days back'], [{ scale: 0, batches: 1, fromEpochMs: NOW - 239 * HOUR }, '--from: samples would be dated 0.0 days ahead']])('is refused where a node would not take it: %j', (options, text) => {
    expect(() => startOfPlay(options, 240, NOW)).toThrow(text);
  });
});

describe('options', () => {
  const publish = (...more: readonly string[]) => readPublishOptions(['--publish', '--node', 'north', ...more]);
  it.each([
    [['--scale=-1'], '--scale: got -1'], [['--scale', ''], '--scale: got '], [['--metrics', '0'], '--metrics: got 0'], [['--batches', 'x'], '--batches: got x'], [['--endpoint', 'nowhere:99999'], '--endpoint: got "nowhere:99999"'],
    [['--from', 'soon'], '--from: got "soon"'], [['--device', 'A b'], '--device: got "A b"'], [['--gateway', '../x'], '--gateway: got "../x"'], [['--node', '*'], '--node: got "*"'],
  ])('of a publication refuse %j', (more, text) => { expect(() => publish(...more)).toThrow(text); });
  it('of a publication want a node', () => { expect(() => readPublishOptions(['--publish'])).toThrow('--node: want'); });
  it.each([['mqtts://broker.example:1883', 1883], ['broker.example', 8883]])('read the endpoint %s', (text, port) => { expect(publish('--endpoint', text).endpoint).toEqual({ host: 'broker.example', port }); });
  it.each([[['--dataset', ''], '--dataset: got nothing'], [['--dataset', 'x', '--sites', '9', '--batches', '5'], '--sites: got 9'], [['--dataset', 'x', '--sites', '0'], '--sites: got 0'], [['--dataset', 'x', '--sites', '3', '--batches', '8', '--held-out', '30'], '--held-out: got 30 per cent of 2 batches a site, which is none, want at least 4 batches a site or 50 per cent'], [['--dataset', 'x', '--batches', '3', '--held-out', '90'], 'want at least 2 batches a site or 100 per cent'], [['--dataset', 'x', '--trajectory', '0'], '--trajectory: got 0'], [['--dataset', 'x', '--seed', '2147483648'], '--seed: got 2147483648, want a whole number from 0 to 2147483647'], [['--dataset', 'x', '--hours', '48'], '--hours: got 48 without --trajectory'], [['--dataset', 'x', '--trajectory', '12', '--hours', '1.5'], '--hours: got 1.5']])('of a data set refuse %j', (args, text) => { expect(() => readDatasetOptions(args)).toThrow(text); });
});

describe('a data set', () => {
  const options = { batches: 8, sites: 3, seed: 2, heldOut: 0 } as const;
  const sites = simulateSites(PUBLISHED, options, () => undefined);
  const files = datasetFiles(PUBLISHED, options, sites);
  const linesOf = (name: string): readonly string[] => files[name]!.trimEnd().split('\n');
  it('has a file a site and all of them pooled, each batch once, under one head', () => {
    expect(Object.keys(files)).toEqual(['site-1.csv', 'site-2.csv', 'site-3.csv', 'pooled.csv', 'causes.csv', 'SOURCE.json']);
    const [head, ...rows] = linesOf('pooled.csv');
    expect(rows).toEqual(['site-1.csv', 'site-2.csv', 'site-3.csv'].flatMap((name) => linesOf(name).slice(1)));
    expect(new Set(rows.map((row) => row.split(',')[0])).size).toBe(8);
    expect(rows.every((row) => row.split(',').length === head!.split(',').length)).toBe(true);
    expect(head).toMatch(/^batch,site,.*,failed$/);
  });
  it('keeps the last batches of each site for a test when asked, and tells causes only in a file of their own', () => {
    const parted = datasetFiles(PUBLISHED, { ...options, heldOut: 50 }, sites);
    const rows = (name: string): readonly string[] => parted[name]!.trimEnd().split('\n').slice(1);
    expect(rows('test.csv')).toHaveLength(3);
    expect([...rows('pooled.csv'), ...rows('test.csv')].toSorted()).toEqual(linesOf('pooled.csv').slice(1).toSorted());
    expect(rows('causes.csv').map((row) => row.split(',')[0])).toEqual(linesOf('pooled.csv').slice(1).filter((row) => row.endsWith(',1')).map((row) => row.split(',')[0]));
  });
  it('is taken by npm run train as it is, and no cause is a feature', () => {
    const table = { columns: linesOf('pooled.csv')[0]!.split(','), file: 'pooled.csv', rows: [] };
    expect(featuresIn(table, { features: undefined, label: 'failed', site: 'site', id: 'batch' } as Parameters<typeof featuresIn>[1])).toEqual(COLUMN_NAMES);
  });
  it('is the same, byte for byte, for the same options', () => { expect(datasetFiles(PUBLISHED, options, simulateSites(PUBLISHED, options, () => undefined))).toEqual(files); });
  it('says from what it was made', () => {
    const source = JSON.parse(files['SOURCE.json']!) as Readonly<{ world: { name: string }; seed: number; sites: readonly { batches: number; effects: { lots: unknown } }[]; columns: readonly { name: string }[] }>;
    expect([source.world.name, source.seed, source.sites.map(({ batches }) => batches)]).toEqual(['published', 2, [2, 3, 3]]);
    expect(source.columns.map(({ name }) => name)).toEqual(linesOf('pooled.csv')[0]!.split(',').slice(2, -1));
  });
});

describe('a data set of trajectories', () => {
  const options = { batches: 6, sites: 3, seed: 2, heldOut: 50, windowHours: 12, hours: 48 } as const;
  const table = tableFor(PUBLISHED, options);
  const rows = simulateRows(PUBLISHED, options, table.row, () => undefined);
  const files = datasetFiles(PUBLISHED, options, rows, table);
  it('has each sensor window after window, as process monitoring names them, and the range of each', () => {
    const variables = trajectoryVariables(48, 12);
    expect(files['pooled.csv']!.split('\n')[0]).toBe(['batch', 'site', ...variables.map(({ name }) => name), 'failed'].join(','));
    expect(files['ranges.csv']!.trimEnd().split('\n')).toEqual(['name,low,high', ...variables.map(({ name, low, high }) => `${name},${low},${high}`)]);
    expect(JSON.parse(files['SOURCE.json']!)).toMatchObject({ featuresUpToHour: 48, columns: [{ name: 'log-density-mean-0-12', parameter: 'Bioreactor/Viable Cell Density', statistic: 'log-mean' }, {}, {}, {}, {}, ...variables.slice(5).map(() => ({}))] });
    expect(files['test.csv']!.trimEnd().split('\n')).toHaveLength(1 + 3);
  });
  it('knows how the same batches ended, and why', () => {
    const early = simulateSites(PUBLISHED, { ...options, batches: 60, sites: 1 }, () => undefined)[0]!.rows;
    const whole = simulateRows(PUBLISHED, { ...options, batches: 60, sites: 1 }, table.row, () => undefined)[0]!.rows;
    expect(whole.map(({ index, failed, cause }) => [index, failed, cause])).toEqual(early.map(({ index, failed, cause }) => [index, failed, cause]));
    expect(whole.some(({ failed }) => failed === 1)).toBe(true);
  });
  it('has at most as many variables as a training takes', () => {
    expect(() => tableFor(PUBLISHED, { windowHours: 1, hours: 61 })).toThrow('--trajectory: got windows of 1 h in 61 h of culture, which are 305 variables, want at most 300');
    expect(tableFor(PUBLISHED, { windowHours: 1, hours: 60 }).names).toHaveLength(300);
  });
  it.each([[{ windowHours: 7 }, `--trajectory: got windows of 7 h in ${PUBLISHED.recipe.harvestHour} h`], [{ windowHours: 12, hours: 960 }, `--hours: got 960, want at most ${PUBLISHED.recipe.harvestHour}`]])('wants windows that fill a culture: %j', (wanted, text) => { expect(() => tableFor(PUBLISHED, wanted)).toThrow(text); });
});
