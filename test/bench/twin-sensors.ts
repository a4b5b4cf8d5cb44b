import { readFileSync } from 'node:fs';
import { grow, recordFor } from '../../models/twin/culture/culture.ts';
import { drawBatch } from '../../models/twin/draw/batch.ts';
import { MINUTE_SERIES } from '../../models/twin/parameters/catalogue/catalogue.ts';
import { batchRunOf } from '../../models/twin/parameters/run.ts';
import { allSeriesOf } from '../../models/twin/parameters/series.ts';
import { World } from '../../models/twin/worlds/world.ts';
import { row, type Row } from './row.ts';

const HOURS = 240;
const BATCHES = 20;

/** Time of every minute series of a ten-day batch with its sensors, the equations already solved; best of some batches. */
export const measureTwinSensors = (): readonly Row[] => {
  const world = World.parse(JSON.parse(readFileSync(new URL('../../models/twin/worlds/stress.json', import.meta.url), 'utf8')));
  const record = recordFor(HOURS);
  const room = new Float64Array(MINUTE_SERIES.length * record.points);
  const milliseconds = Array.from({ length: BATCHES }, (_, index) => {
    const batch = drawBatch(world, 1, index);
    grow(world, batch, [], HOURS, record);
    const start = process.hrtime.bigint();
    allSeriesOf(batchRunOf(world, batch, [], record), room);
    return Number(process.hrtime.bigint() - start) / 1e6;
  });
  const best = Math.min(...milliseconds);
  return [
    row(`twin: ${MINUTE_SERIES.length} series of a ten-day batch at one minute`, best, 'ms', 30, 'target, at most'),
    row('twin: a sample of a sensor', (1e6 * best) / room.length, 'ns', 12, 'target, at most'),
  ];
};
