import type { Endpoints } from '../../scripts/client/endpoints.ts';
import { LocalClock } from '../../scripts/client/local-clock.ts';

/** The time of a running local cloud, as long as nobody moves it. */
export const timeOf = async (endpoints: Endpoints): Promise<() => Date> => {
  const clock = new LocalClock(endpoints);
  await clock.read();
  return () => new Date(clock.now());
};
