import { parseArgs } from 'node:util';
import { runScript, UsageError } from '../../scripts/run-script.ts';
import { KINDS, missedCase } from '../support/verify/damage-cases.ts';

const HELP = `Damage a sound log, and a sound inspection pack, in every way we know, many times each at random places, and see that the offline verifier names each at its place. Exits 1 when one is missed.

  npm run verify:damage -- [options]

  --cases <number>  of each kind; 1000 by default
  --seed <number>   of the first case; 1 by default
  --help            this text
`;

await runScript(HELP, async () => {
  const { values } = parseArgs({ options: { cases: { type: 'string', default: '1000' }, seed: { type: 'string', default: '1' }, help: { type: 'boolean' } } });
  const [cases, seed] = [Number(values.cases), Number(values.seed)];
  if (!(Number.isInteger(cases) && cases >= 1)) throw new UsageError(`--cases: got ${values.cases}, want a whole number of at least 1`);
  if (!Number.isInteger(seed)) throw new UsageError(`--seed: got ${values.seed}, want a whole number`);
  const begin = performance.now();
  let missed = 0;
  for (const kind of KINDS) {
    let found = 0;
    for (let i = 0; i < cases; i += 1) {
      const said = await missedCase(kind, seed + i);
      if (said === undefined) found += 1;
      else process.stderr.write(`missed: ${kind}, seed ${seed + i}: ${said}\n`);
    }
    missed += cases - found;
    process.stdout.write(`${kind.padEnd(60)} ${found} of ${cases} found\n`);
  }
  process.stdout.write(`${missed === 0 ? 'all found' : `${missed} missed`} in ${((performance.now() - begin) / 1000).toFixed(0)} s\n`);
  if (missed > 0) process.exitCode = 1;
});
