/** What the person who called must mend; printed without a stack. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

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
