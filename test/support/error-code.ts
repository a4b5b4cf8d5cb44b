import { DomainError } from '../../shared/errors.ts';

const codeIn = (error: unknown): string => {
  if (error instanceof DomainError) return error.code;
  throw error;
};

/** Code of the DomainError a call throws; undefined when it throws none. Any other error is thrown on. */
export const codeOf = (run: () => unknown): string | undefined => {
  try {
    run();
    return undefined;
  } catch (error) {
    return codeIn(error);
  }
};

/** As `codeOf`, of a promise that is rejected. */
export const codeOfAsync = async (run: () => Promise<unknown>): Promise<string | undefined> => {
  try {
    await run();
    return undefined;
  } catch (error) {
    return codeIn(error);
  }
};
