import { DomainError, type ErrorCode, type ErrorKind } from '../../shared/errors.ts';

/** HTTP appears here and nowhere else: what a caller can do about each kind of failure. */
export const STATUS_BY_KIND = {
  malformed: 400, unauthenticated: 401, forbidden: 403, missing: 404, gone: 410, conflict: 409, 'too-large': 413, rule: 422,
} as const satisfies Record<Exclude<ErrorKind, 'corrupt'>, number>;

export type Problem = Readonly<{ type: string; title: string; status: number; detail?: string; instance: string }>;

/** What a person does about evidence that does not hold, by code. It says nothing of what is wrong inside: that stands in the log of the function, under the identifier of the request. */
const DAMAGED = 'does not verify: what is stored is not what was recorded, or it is not whole. Do not use it for any decision about this product. '
  + 'Call the quality unit of this hospital and the people who run its node, and give them the address and the time of this request (runbook: record-does-not-verify)';
const CORRUPT_BY_CODE: ReadonlyMap<ErrorCode, string> = new Map<ErrorCode, string>([
  ['record-corrupt', `this record ${DAMAGED}`], ['log-corrupt', `the transparency log ${DAMAGED}`], ['record-differs-from-log', `this record ${DAMAGED}`], ['chunk-corrupt', `this telemetry ${DAMAGED}`], ['personal-data-corrupt', `this personal data ${DAMAGED}`],
]);

/** RFC 9457. What is damaged says so and whom to call, and nothing else; an error we did not foresee becomes an anonymous 500; the messages of both stay in the log. */
export const toProblem = (error: unknown, instance: string): Problem => {
  if (!(error instanceof DomainError)) return { type: 'about:blank', title: 'Internal Server Error', status: 500, instance };
  const [type, title] = [`/problems/${error.code}`, error.code.replaceAll('-', ' ')];
  // Which event it is, an inspector must know: it is no part of what the record says.
  const named = error.code === 'record-differs-from-log' ? { ...error.facts, why: error.message } : {};
  if (error.kind === 'corrupt') return { ...named, type, title, status: 500, detail: CORRUPT_BY_CODE.get(error.code) ?? DAMAGED, instance };
  return { ...error.facts, type, title, status: STATUS_BY_KIND[error.kind], detail: error.message, instance };
};
