/** What the person who called must mend; printed without a stack. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** An option that counts. @throws UsageError */
export const wholeNumber = (name: string, text: string, low: number, high: number): number => {
  const value = Number(text);
  if (text.trim() === '' || !Number.isInteger(value) || value < low || value > high) throw new UsageError(`--${name}: got ${text}, want a whole number from ${low} to ${high}`);
  return value;
};

const isUsage = (error: unknown): error is Error =>
  error instanceof UsageError || (error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'));

/** Run a script's main part: `--help` prints its help, an error says what to do, and the exit code says which it was. */
export const runScript = async (help: string, main: () => Promise<void>): Promise<void> => {
  if (process.argv.includes('--help')) {
    process.stdout.write(help);
    return;
  }
  try {
    await main();
  } catch (error) {
    process.exitCode = isUsage(error) ? 2 : 1;
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${isUsage(error) ? '\nsee --help\n' : ''}`);
    if (process.env['DEBUG'] !== undefined) process.stderr.write(`${error instanceof Error ? error.stack ?? '' : ''}\n`);
  }
};
