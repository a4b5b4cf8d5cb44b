import { EXIT, failureOf, main } from './verify/main.ts';
import { isUnitThread } from './verify/unit-thread.ts';

const run = async (): Promise<void> => {
  // Whatever fails where nobody waits for it: never taken for a sound log, nor for a damaged one.
  process.on('uncaughtException', (error) => {
    process.stderr.write(failureOf(error));
    process.exit(EXIT.usage);
  });

  process.exitCode = await main(process.argv.slice(2), {
    out: (text) => { process.stdout.write(text); },
    error: (text) => { process.stderr.write(text); },
    isTerminal: process.stderr.isTTY,
    nowEpochMs: () => Date.now(),
  });
};

// A thread of this program starts with the same file, and has bundles to read and no command.
if (!isUnitThread) await run();
