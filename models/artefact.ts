import { readForest } from './forest/model-file.ts';
import { isMonitoringFile, readMonitoringFile } from './monitoring/model-file.ts';

/** What a model's file is, and the names it takes, in its order. */
export type Artefact = Readonly<{ inputs: readonly string[] }> & (Readonly<{ kind: 'forest'; trees: number }> | Readonly<{ kind: 'monitoring'; components: number; /** Score from which it is an alarm. */ level: number }>);

/**
 * Read a file of either kind a network puts to use, whole.
 *
 * @throws DomainError `model-malformed`; `model-tampered` when a monitoring model's own hash is not that of its bytes
 */
export const readArtefactText = (text: string): Artefact => {
  if (isMonitoringFile(text)) {
    const { plane: { variables, loadings }, alarm: { level } } = readMonitoringFile(text);
    return { kind: 'monitoring', inputs: variables.map(({ name }) => name), components: loadings.length, level };
  }
  const { featureNames, trees } = readForest(text);
  return { kind: 'forest', inputs: featureNames, trees: trees.length };
};
