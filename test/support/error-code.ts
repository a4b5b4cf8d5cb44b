import { DomainError } from '../../shared/errors.ts';

/** Code of the DomainError a call throws; undefined when it throws none. Any other error is thrown on. */
export const codeOf = (run: () => unknown): string | undefined => {
  try {
    run();
    return undefined;
  } catch (error) {
    if (error instanceof DomainError) return error.code;
    throw error;
  }
};
