import * as z from 'zod';

const Count = z.int().min(0);
/** Cases by what came true and what the model said. */
export const CaseCountsSchema = z.strictObject({ truePositive: Count, falsePositive: Count, trueNegative: Count, falseNegative: Count, undecidedPositive: Count, undecidedNegative: Count });
