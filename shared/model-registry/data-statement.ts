import * as z from 'zod';
import { DomainError } from '../errors.ts';
import { DATA_ROLES, type DataRole } from '../training-data/dataset.ts';
import { parseDataManifest, Sha256, type DataManifest } from './data-manifest.ts';
import type { Stated } from './hospital-counts.ts';

const Name = z.string().min(1).max(64);

/**
 * Which rows a hospital says that a model was trained, tested or calibrated on: their hash and the keyed digest of each record. The hospital signs for it as it does for counts, so that nobody at the control site names
 * rows it does not have, or leaves one out. Of training rows it also says which run they were summed in, and the file that came of it.
 */
export const DataStatementSchema = z.strictObject({
  kind: z.literal('model-data'), nodeId: Name, role: z.enum(DATA_ROLES), label: z.string().min(1).max(120), rowsSha256: Sha256, recordDigests: z.array(Sha256).min(1).max(1_000_000), positives: z.int().min(0).max(1_000_000),
  training: z.strictObject({ runId: Name, artefactSha256: Sha256 }).exactOptional(),
});
export type DataStatement = Readonly<z.infer<typeof DataStatementSchema>>;

/**
 * The manifest of what hospitals signed for, in the order handed in. It names each statement by its hash, so that whoever names the manifest names the signatures.
 *
 * @throws DomainError `model-results-inconsistent` for statements of several roles or labels, `model-file-malformed` for a hospital or record that stands twice
 */
export const manifestFrom = (stated: readonly Stated<DataStatement>[]): DataManifest => {
  for (const what of ['role', 'label'] as const) {
    const all = [...new Set(stated.map(({ statement }) => statement[what]))];
    if (all.length > 1) throw new DomainError('model-results-inconsistent', `statements: got ${what} ${all.join(' and ')}, want one ${what} in a manifest`, { paths: ['statements'] });
  }
  return parseDataManifest({ sites: stated.map(({ statement: { nodeId, rowsSha256, recordDigests }, statementSha256 }) => ({ nodeId, rowsSha256, recordDigests, statementSha256 })) });
};

type Wanted = Readonly<{ role: DataRole; /** Of the model these rows have to have trained. */ artefactSha256?: string; /** Cases that came true, as they are handed in. */ positives?: ReadonlyMap<string, number> }>;

const faultsOf = ({ nodeId, rowsSha256, recordDigests }: DataManifest['sites'][number], { statement }: Stated<DataStatement>, { role, artefactSha256, positives }: Wanted): readonly string[] => {
  const wanted: readonly (readonly [string, string | number, string | number])[] = [
    ['nodeId', nodeId, statement.nodeId], ['rowsSha256', rowsSha256, statement.rowsSha256], ['recordDigests', recordDigests.join(), statement.recordDigests.join()], ['role', role, statement.role],
    ...(artefactSha256 === undefined ? [] : [['artefactSha256', artefactSha256, statement.training?.artefactSha256 ?? 'none'] as const]),
    ...(positives === undefined ? [] : [['positives', positives.get(nodeId) ?? 'none', statement.positives] as const]),
  ];
  return wanted.filter(([, got, want]) => got !== want).map(([name, got, want]) => (name === 'recordDigests' ? `sites.${nodeId}.${name}: got others than it signed for` : `sites.${nodeId}.${name}: got ${got}, but ${nodeId} signed for ${want}`));
};

/**
 * Every part of a manifest is as its hospital signed for it, for this use.
 *
 * @param stated the statements the manifest names, verified, by their hash
 * @throws DomainError `hospital-statement-wrong` for a part without a signed statement, `model-results-inconsistent` for one about other rows, another role, another model
 */
export const requireSignedManifest = (manifest: DataManifest, stated: ReadonlyMap<string, Stated<DataStatement>>, wanted: Wanted): void => {
  const faults = manifest.sites.flatMap((site) => {
    const found = stated.get(site.statementSha256 ?? '');
    if (found === undefined) throw new DomainError('hospital-statement-wrong', `sites.${site.nodeId}.statementSha256: got ${site.statementSha256 ?? 'none'}, want that of a statement ${site.nodeId} signed; send the manifest anew`, { siteId: site.nodeId });
    return faultsOf(site, found, wanted);
  });
  if (faults.length > 0) throw new DomainError('model-results-inconsistent', faults.join('; '), { paths: faults.map((fault) => fault.split(':')[0] ?? fault) });
};

/** The runs that hospitals say their rows were summed in: of training rows one, or rows of one model came from several. */
export const runsOf = (stated: ReadonlyMap<string, Stated<DataStatement>>): readonly string[] => [...new Set([...stated.values()].flatMap(({ statement }) => statement.training?.runId ?? []))];

/**
 * A manifest of training rows names every hospital that was in the sums of its run, and no other: one that is left out would not be missed by anybody, and what it trained on would be held against nothing.
 *
 * @param stated the statements the manifest names, verified, by their hash
 * @param sites hospitals in the sums of each finished run, by the run's name, by this site's own record
 * @throws DomainError `model-results-inconsistent`
 */
export const requireWholeRun = (manifest: DataManifest, stated: ReadonlyMap<string, Stated<DataStatement>>, sites: ReadonlyMap<string, readonly string[]>): void => {
  const refuse = (fault: string): never => { throw new DomainError('model-results-inconsistent', `sites: ${fault}`, { paths: ['sites'] }); };
  const runs = runsOf(stated);
  const [runId = 'none'] = runs;
  if (runs.length > 1) refuse(`got rows of runs ${runs.join(' and ')}, want those of one`);
  const wanted = sites.get(runId) ?? refuse(`got rows of run ${runId}, want one that is finished on this site's record`);
  const named = manifest.sites.map(({ nodeId }) => nodeId).sort();
  if (wanted.toSorted().join('\n') !== named.join('\n')) refuse(`got ${named.join(', ')}, want every hospital in the sums of run ${runId}, and no other: ${wanted.join(', ')}`);
};
