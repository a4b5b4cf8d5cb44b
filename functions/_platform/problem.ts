import { DomainError, type ErrorKind } from '../../shared/errors.ts';

/** HTTP appears here and nowhere else: what a caller can do about each kind of failure. */
export const STATUS_BY_KIND = {
  malformed: 400, unauthenticated: 401, forbidden: 403, missing: 404, gone: 410, conflict: 409, 'too-large': 413, rule: 422,
} as const satisfies Record<Exclude<ErrorKind, 'corrupt'>, number>;

export type Problem = Readonly<{ type: string; title: string; status: number; detail?: string; instance: string }>;

/** RFC 9457. An error we did not foresee becomes an anonymous 500; its message stays in the log. */
export const toProblem = (error: unknown, instance: string): Problem => {
  if (error instanceof DomainError && error.kind !== 'corrupt') {
    const title = error.code.replaceAll('-', ' ');
    return { ...error.facts, type: `/problems/${error.code}`, title, status: STATUS_BY_KIND[error.kind], detail: error.message, instance };
  }
  return { type: 'about:blank', title: 'Internal Server Error', status: 500, instance };
};
