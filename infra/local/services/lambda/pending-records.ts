export type RetryRules = Readonly<{ bisects: boolean; /** -1 is without end. */ maximumRetryAttempts: number }>;
export type Settled<Each> = Readonly<{ passed: readonly Each[]; discarded: readonly Each[]; isRetried: boolean }>;

/**
 * Records of a stream that wait for their function, in order. A batch that fails is halved until the record at fault is alone, that one is tried
 * again as often as the mapping says, then let go; the records behind it wait until then.
 *
 * @see AWS Lambda Developer Guide, Retain discarded records of a DynamoDB event source
 */
export class PendingRecords<Each> {
  readonly #rules: RetryRules;
  #records: readonly Each[] = [];
  #size = 0;
  #retries = 0;

  constructor(rules: RetryRules) {
    this.#rules = rules;
  }

  get isEmpty(): boolean {
    return this.#records.length === 0;
  }

  /** What to hand over now. */
  get batch(): readonly Each[] {
    return this.#records.slice(0, this.#size);
  }

  get retries(): number {
    return this.#retries;
  }

  add(records: readonly Each[]): void {
    this.#records = [...this.#records, ...records];
    this.#size = this.#records.length;
  }

  /** @param doneCount how many of `batch`, from its first, are done; none when the function failed as a whole */
  settle(doneCount: number): Settled<Each> {
    const { batch } = this;
    if (doneCount > 0) {
      this.#drop(doneCount, doneCount < batch.length ? batch.length - doneCount : undefined);
      return { passed: batch.slice(0, doneCount), discarded: [], isRetried: doneCount < batch.length };
    }
    if (this.#rules.bisects && batch.length > 1) {
      this.#size = Math.ceil(batch.length / 2);
      return { passed: [], discarded: [], isRetried: true };
    }
    this.#retries += 1;
    if (this.#rules.maximumRetryAttempts < 0 || this.#retries <= this.#rules.maximumRetryAttempts) return { passed: [], discarded: [], isRetried: true };
    this.#drop(batch.length);
    return { passed: [], discarded: batch, isRetried: false };
  }

  #drop(count: number, size?: number): void {
    this.#records = this.#records.slice(count);
    this.#size = size ?? this.#records.length;
    this.#retries = 0;
  }
}

type Failures = Readonly<{ batchItemFailures?: readonly Readonly<{ itemIdentifier?: unknown }>[] | null }>;

/** How many leading records a function's answer calls done; an identifier it was never given fails the whole batch, as with AWS. */
export const doneCountOf = (identifiers: readonly string[], result: unknown): number => {
  const failures = (result as Failures | null)?.batchItemFailures ?? [];
  if (failures.length === 0) return identifiers.length;
  const places = failures.map(({ itemIdentifier }) => identifiers.indexOf(String(itemIdentifier)));
  return Math.max(0, Math.min(...places));
};
