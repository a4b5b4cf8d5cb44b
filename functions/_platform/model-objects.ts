/** Names of the objects in the buckets of models, at the control site and at a hospital. Nobody else joins them. */
export const modelObject = {
  /** Bytes of an artefact: XGBoost JSON, named by its own SHA-256. */
  artefact: (sha256: string): string => `models/${sha256}.json`,
  /** What the endpoint loads: a gzipped tar with the artefact as its one file. At a hospital. */
  archive: (sha256: string): string => `${ARCHIVES}${archiveName(sha256)}`,
  /** Which records a model was trained or tested on, by digests; canonical JSON, named by its own SHA-256. At the control site; no hospital reads it. */
  manifest: (sha256: string): string => `manifests/${sha256}.json`,
  /** What a hospital counted and signed for, named by the SHA-256 of its text. At the control site; no hospital reads it. */
  statement: (sha256: string): string => `statements/${sha256}.json`,
  /** Counts that drift was judged on, when something followed from them. At the control site; no hospital reads it. */
  monitoring: (sha256: string): string => `monitoring/${sha256}.json`,
} as const;

/** Prefix the endpoint looks below, and the name it is asked for. */
export const ARCHIVES = 'archives/';
export const archiveName = (sha256: string): string => `${sha256}.tar.gz`;

/** Every model ever put to use, published by the control site. */
export const PUBLISHED_RECORDS = 'published/records.json';
/** Test data that are open, for which candidate, published by the control site. An object of its own, as that of drift. */
export const PUBLISHED_TESTS = 'published/tests.json';
/** Judgements on drift that something followed from. An object of its own: hospitals that are not updated read the records all the same. */
export const PUBLISHED_DRIFT = 'published/drift.json';
/** What hospitals judge drift by themselves: the signed rule and the reference of the test, of each version that may be used. */
export const PUBLISHED_REFERENCES = 'published/references.json';
