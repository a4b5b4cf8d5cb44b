import { DomainError } from '../errors.ts';

/** A calibration or a training that was done just now, by a clock a little ahead of the server's. */
const CLOCK_AHEAD_MS = 300_000;

/** What somebody enters as done has been done. @throws DomainError `request-malformed` for a time to come */
export const requireDone = (field: string, at: string, nowEpochMs: number): void => {
  if (Date.parse(at) <= nowEpochMs + CLOCK_AHEAD_MS) return;
  throw new DomainError('request-malformed', `${field}: got ${at}, want a time that is not in the future`, { paths: [`body.${field}`] });
};
