import { StateError } from './evaluate.ts';

/** What an execution, and each of its states, takes or gives at most, bytes. @see AWS Step Functions Developer Guide, Quotas */
export const LARGEST_BYTES = 262_144;

/** @param state its name. @throws StateError `States.DataLimitExceeded`, which nothing catches */
export const requireSmall = (state: string, data: unknown): void => {
  const bytes = Buffer.byteLength(JSON.stringify(data ?? null));
  if (bytes > LARGEST_BYTES) throw new StateError('States.DataLimitExceeded', `state ${state}: got ${bytes} bytes, want at most ${LARGEST_BYTES}`);
};
