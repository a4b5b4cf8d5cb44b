import { countsOf, faultsOf } from './compliance/check.ts';
import { STATES } from './compliance/document.ts';
import { readCompliance } from './compliance/read.ts';
import { runScript } from './run-script.ts';

const HELP = `npm run compliance

Counts the items of docs/compliance.md by source and state, and checks that each item of the checklist is there once and each test it names exists.
Ends with 1 when one does not.
`;

await runScript(HELP, () => {
  const { checklist, page, files } = readCompliance();
  const columns = [...STATES, 'left out'] as const;
  const rows = Object.entries(countsOf(page)).map(([source, counts]) => [source, ...columns.map((column) => counts[column])] as const);
  const total = ['together', ...columns.map((_, i) => rows.reduce((sum, row) => sum + Number(row[i + 1]), 0))];
  const width = Math.max(...rows.map(([source]) => source.length));
  for (const [name = '', ...cells] of [['', ...columns], ...rows, total]) {
    process.stdout.write(`${String(name).padEnd(width)}${cells.map((cell, i) => String(cell).padStart((columns[i] ?? '').length + 2)).join('')}\n`);
  }
  const faults = faultsOf(checklist, page, files);
  if (faults.length > 0) throw new Error(`\n${faults.join('\n')}`);
  return Promise.resolve();
});
