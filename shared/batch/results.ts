import type { TestSpecification } from '../master-batch-record/model.ts';
import { meetsSpecification } from '../release/test-specification.ts';
import type { Batch, TestResult } from './state.ts';

export const specificationOf = ({ recipe }: Batch, testId: string): TestSpecification | undefined => recipe.content.releaseSpecification.find(({ id }) => id === testId);

/** Every result of a test, in the order recorded. */
export const resultsOf = ({ results }: Batch, testId: string): readonly TestResult[] => results[testId] ?? [];

export const isOutOfSpecification = (batch: Batch, { testId, value }: TestResult): boolean => {
  const specification = specificationOf(batch, testId);
  return specification !== undefined && !meetsSpecification(specification, value);
};

/** The result in force: the latest that no investigation found invalid. A passing one does not take an earlier failing one away. */
export const resultInForce = (batch: Batch, testId: string): TestResult | undefined => resultsOf(batch, testId).findLast(({ isInvalid }) => !isInvalid);

/** Results that forbid release: out of specification, and not found invalid. @see FDA guidance, Investigating Out-of-Specification Test Results (2022), IV.C */
export const failingResults = (batch: Batch): readonly TestResult[] =>
  batch.recipe.content.releaseSpecification.flatMap(({ id }) => resultsOf(batch, id).filter((result) => !result.isInvalid && isOutOfSpecification(batch, result)));

/** The result a deviation of a test is about: the latest failing one without a deviation, else the latest of all. */
export const resultInQuestion = (batch: Batch, testId: string): TestResult | undefined =>
  resultsOf(batch, testId).findLast((result) => result.deviationId === undefined && isOutOfSpecification(batch, result)) ?? resultsOf(batch, testId).at(-1);
