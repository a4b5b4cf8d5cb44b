import { describe, expect, it } from 'vitest';
import { batchRunOf } from '../../../../models/twin/parameters/run.ts';
import { roomTemperatureCelsius } from '../../../../models/twin/parameters/truth/room.ts';
import { batchWith, runOf, world } from './subject.ts';

const [DAY, HOUR] = [1440, 60] as const;

describe('the hour of activation', () => {
  /** Hour of the day at which the room's swing is highest, from the difference of two worlds that differ in nothing else. */
  const wave = (activationHour: number): Float64Array => {
    const { batch, actions, record } = runOf(batchWith([]), [], 48);
    return roomTemperatureCelsius.of(batchRunOf({ ...world, release: { ...world.release, activationHour } }, batch, actions, record)).slice(0, DAY);
  };
  it('is that of the release process in the room too', () => {
    const [ten, sixteen] = [wave(10), wave(16)];
    const swing = (minute: number, activationHour: number): number => Math.cos((2 * Math.PI * (minute / HOUR + activationHour - 15)) / 24);
    for (let minute = 0; minute < DAY; minute += 97) expect(ten[minute]! - sixteen[minute]!).toBeCloseTo(0.4 * (swing(minute, 10) - swing(minute, 16)), 9);
  });
});
