import { main } from './verify/main.ts';

// An unforeseen error ends with Node's own code 1: never with 0.
process.exitCode = await main(process.argv.slice(2), {
  out: (text) => { process.stdout.write(text); },
  error: (text) => { process.stderr.write(text); },
  isTerminal: process.stderr.isTTY,
  nowEpochMs: () => Date.now(),
});
