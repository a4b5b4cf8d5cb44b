import { createInvoke } from '../_platform/invoke.ts';

/** Have hospitals told what is on record now, by the one function that may sign it. It is given nothing: it reads the record itself. @throws Error when it failed; the next minute it runs again */
export const createModelPublishCall = (functionArn: string): (() => Promise<boolean>) => {
  const invoke = createInvoke<Readonly<Record<string, never>>, Readonly<{ mended: boolean }>>(functionArn);
  return async () => (await invoke({})).mended;
};
