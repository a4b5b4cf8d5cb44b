/** How the caller should react; HTTP status is derived from this, once, in `functions/_platform`. */
export type ErrorKind = 'malformed' | 'unauthenticated' | 'forbidden' | 'missing' | 'gone' | 'conflict' | 'rule' | 'too-large' | 'corrupt';

/** Every error the domain can raise. A new code is one line here, and its test. */
export const ERROR_KIND_BY_CODE = {
  // request
  'request-malformed': 'malformed',
  'request-too-large': 'too-large',
  'cursor-malformed': 'malformed',
  'route-not-found': 'missing',
  'idempotency-key-reused': 'conflict',
  // who
  'role-missing': 'forbidden',
  'training-lapsed': 'forbidden',
  'training-own': 'forbidden',
  'person-not-registered': 'forbidden',
  'person-not-active': 'forbidden',
  'credential-unconfirmed': 'forbidden',
  'person-standing-wrong': 'rule',
  // signatures (21 CFR 11.50, 11.70, 11.200)
  'reauthentication-failed': 'unauthenticated',
  'reauthentication-stale': 'unauthenticated',
  'reauthentication-used': 'conflict',
  'signature-missing': 'rule',
  'signature-meaning-wrong': 'forbidden',
  'signature-same-person': 'forbidden',
  'version-conflict': 'conflict',
  // master batch record
  'master-batch-record-not-found': 'missing',
  'master-batch-record-malformed': 'malformed',
  'master-batch-record-state-wrong': 'rule',
  'master-batch-record-not-effective': 'rule',
  // batch
  'batch-not-found': 'missing',
  'node-not-found': 'missing',
  'node-not-announced': 'rule',
  'node-key-refused': 'rule',
  'node-key-changed': 'conflict',
  'batch-exists': 'conflict',
  'batch-state-wrong': 'rule',
  'batch-already-dispositioned': 'rule',
  'batch-open-points': 'rule',
  'phase-not-found': 'missing',
  'phase-out-of-order': 'rule',
  'phase-state-wrong': 'rule',
  'phase-incomplete': 'rule',
  'value-not-found': 'missing',
  'value-wrong-type': 'malformed',
  'value-out-of-limits': 'rule',
  'value-draw-time-wrong': 'rule',
  'correction-reason-missing': 'rule',
  'telemetry-value-missing': 'rule',
  // materials, equipment
  'material-not-found': 'missing',
  'material-scan-not-found': 'missing',
  'material-wrong': 'rule',
  'material-expired': 'rule',
  'material-quarantined': 'rule',
  'material-exhausted': 'rule',
  'equipment-not-found': 'missing',
  'equipment-wrong-class': 'rule',
  'equipment-calibration-overdue': 'rule',
  'equipment-in-use': 'rule',
  'equipment-out-of-use': 'rule',
  'equipment-not-in-use': 'rule',
  'register-entry-exists': 'conflict',
  'register-entry-not-found': 'missing',
  // identity and custody
  'label-malformed': 'malformed',
  'chain-of-identity-mismatch': 'rule',
  'chain-of-identity-not-found': 'missing',
  'custody-state-wrong': 'rule',
  'custody-same-person': 'forbidden',
  'custody-not-held': 'forbidden',
  // personal data
  'personal-data-not-found': 'missing',
  'personal-data-erased': 'gone',
  'personal-data-implausible': 'rule',
  'personal-data-in-text': 'rule',
  'personal-data-corrupt': 'corrupt',
  'erasure-not-requested': 'rule',
  'erasure-too-early': 'rule',
  // deviations
  'deviation-not-found': 'missing',
  'deviation-state-wrong': 'rule',
  'gap-not-found': 'missing',
  // release
  'test-not-found': 'missing',
  'test-repeat-refused': 'rule',
  'test-result-wrong-type': 'malformed',
  'release-review-missing': 'rule',
  // telemetry
  'sparkplug-malformed': 'malformed',
  'sparkplug-too-large': 'too-large',
  'device-clock-wrong': 'malformed',
  'chunk-corrupt': 'corrupt',
  'chunk-not-found': 'missing',
  'metric-not-found': 'missing',
  // prediction
  'features-incomplete': 'rule',
  'solver-not-finite': 'rule',
  'solver-step-too-small': 'rule',
  'solver-steps-exhausted': 'rule',
  'model-malformed': 'malformed',
  'histogram-malformed': 'malformed',
  'calibration-malformed': 'malformed',
  // models: their file, test and life
  'model-not-found': 'missing',
  'model-file-malformed': 'malformed',
  'model-state-wrong': 'rule',
  'model-plan-after-test': 'rule',
  'model-test-data-seen': 'rule',
  'model-test-data-left-out': 'rule',
  'model-hash-mismatch': 'rule',
  'model-data-overlap': 'rule',
  'model-test-not-independent': 'forbidden',
  'model-test-not-open': 'forbidden',
  'model-test-answered': 'conflict',
  'model-not-calibrated': 'rule',
  'hospital-statement-wrong': 'forbidden',
  'model-results-inconsistent': 'malformed',
  'model-criteria-missed': 'rule',
  'model-change-outside-plan': 'rule',
  'model-not-active': 'rule',
  // what may be done on a prediction
  'governance-table-not-found': 'missing',
  'governance-table-malformed': 'malformed',
  'governance-table-state-wrong': 'rule',
  'governance-table-not-effective': 'rule',
  'recommendation-exists': 'conflict',
  'recommendation-not-found': 'missing',
  'recommendation-state-wrong': 'rule',
  'recommendation-undecided': 'rule',
  'recommendation-expired': 'rule',
  'action-outside-table': 'rule',
  'action-equipment-wrong': 'rule',
  'gateway-shared': 'rule',
  'assistance-stopped': 'rule',
  'model-tampered': 'corrupt',
  'prediction-differs': 'corrupt',
  // federated training
  'training-plan-malformed': 'malformed',
  'training-data-malformed': 'malformed',
  'training-schema-mismatch': 'conflict',
  'training-label-one-class': 'rule',
  'training-round-malformed': 'malformed',
  'training-round-stale': 'conflict',
  'training-round-late': 'conflict',
  'training-round-answered': 'conflict',
  'training-masks-reused': 'conflict',
  'training-question-changed': 'conflict',
  'training-sites-changed': 'forbidden',
  'training-sites-too-few': 'rule',
  'training-sites-uninvited': 'forbidden',
  'training-partner-unconfirmed': 'forbidden',
  'training-partner-unknown': 'missing',
  'training-partner-key-wrong': 'rule',
  'training-time-too-short': 'rule',
  'training-not-consented': 'rule',
  'training-cohort-too-small': 'rule',
  'training-certificate-wrong': 'unauthenticated',
  'training-shares-wrong': 'unauthenticated',
  'training-sum-impossible': 'corrupt',
  'training-sum-overflow': 'rule',
  'training-budget-spent': 'rule',
  'training-budget-missing': 'missing',
  'training-exact-refused': 'rule',
  'training-limit-spent': 'rule',
  'training-exists': 'conflict',
  'training-not-found': 'missing',
  'training-row-exists': 'rule',
  'training-row-role-wrong': 'rule',
  'training-rows-changed': 'conflict',
  // record
  'record-corrupt': 'corrupt',
  // what the control site publishes
  'publication-unverified': 'unauthenticated',
  'publication-older': 'conflict',
  // grants of the control site to inspectors
  'audit-grant-missing': 'forbidden',
  'audit-grant-unreadable': 'forbidden',
  'audit-grant-exists': 'conflict',
  'audit-grant-not-found': 'missing',
  'audit-grant-revoked': 'rule',
  // transparency log
  'log-corrupt': 'corrupt',
  'record-differs-from-log': 'corrupt',
  'log-busy': 'conflict',
  'record-not-published': 'conflict',
  'restore-refused': 'conflict',
  'log-entry-not-found': 'missing',
  'log-entry-too-large': 'too-large',
  'tile-path-malformed': 'malformed',
  'note-malformed': 'malformed',
  'note-unverified': 'unauthenticated',
  'verifier-key-malformed': 'malformed',
  'checkpoint-malformed': 'malformed',
  'cosignatures-missing': 'unauthenticated',
  'proof-malformed': 'malformed',
  'proof-wrong': 'unauthenticated',
  'witness-request-malformed': 'malformed',
  'record-not-found': 'missing',
  'record-version-not-found': 'missing',
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof ERROR_KIND_BY_CODE;
export type Facts = Readonly<Record<string, string | number | boolean | readonly string[]>>;

/** An expected failure. `facts` hold identifiers and limits; never patient data, never free text. */
export class DomainError extends Error {
  override readonly name = 'DomainError';
  readonly code: ErrorCode;
  readonly facts: Facts;

  constructor(code: ErrorCode, message: string, facts: Facts = {}, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.facts = facts;
  }

  get kind(): ErrorKind {
    return ERROR_KIND_BY_CODE[this.code];
  }
}

/** The same refusal, said of where it happened. */
export const refusedIn = (where: string, error: DomainError): DomainError => new DomainError(error.code, `${where}: ${error.message}`, error.facts, { cause: error });
