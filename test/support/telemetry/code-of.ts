import { DomainError, type ErrorCode } from '../../../shared/errors.ts';

/** Code of the domain error a call fails with; undefined when it does not fail. Any other error passes through. */
export const codeOf = (run: () => unknown): ErrorCode | undefined => {
  try {
    run();
    return undefined;
  } catch (error) {
    if (error instanceof DomainError) return error.code;
    throw error;
  }
};
