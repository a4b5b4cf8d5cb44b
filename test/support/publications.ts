import { formatPublication, publicationBytes, signedObject, type PublicationName } from '../../shared/model-registry/publication.ts';
import { siteSigners } from './site-keys.ts';

/** The key of the control site's log, as what publishes has it. */
export const controlSeal = (generation = 1) => {
  const { log } = siteSigners('control', generation);
  return { key: () => Promise.resolve(log.key), sign: log.signer.sign };
};

/** The key of the control site, as a hospital holds it. */
export const controlKey = () => Promise.resolve(siteSigners('control').log.key);

let events = 1000;
/** Publish as the control site would, on a record of one event more each time. */
export const publishAs = (objects: Map<string, Uint8Array>, name: PublicationName, content: string, { sequence = events += 1, generation = 1 }: Readonly<{ sequence?: number; generation?: number }> = {}): number => {
  const publication = { name, sequence, content };
  objects.set(signedObject(name), formatPublication(publication, siteSigners('control', generation).log.signSync(publicationBytes(publication))));
  return sequence;
};
