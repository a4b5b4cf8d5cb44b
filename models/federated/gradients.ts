/** Gradients and hessians are sent as whole numbers of 2^−8: so coarse that a model's float32 numbers hold their sums to the last digit, and nothing is opened that the model has not; a row's own chance is known far less well. */
export const GRADIENT_SCALE = 2 ** 8;
/** Rows over the network that are boosted, at most: of more the last digits of a sum could be beyond the 24 bits of a float32. */
export const BOOSTED_ROWS = 2 ** 23 / GRADIENT_SCALE;

/** A second derivative is so much at least: what sums to none would leave a step without end, and a first derivative beside it that no file holds. The smallest number sites send. */
const LEAST_HESSIAN = 1 / GRADIENT_SCALE;

/** First and second derivative of the logistic loss for each row. */
export type Gradients = Readonly<{ gradients: ArrayLike<number>; hessians: ArrayLike<number> }>;

/**
 * Derivatives of the logistic loss, the second never below `LEAST_HESSIAN`.
 *
 * @param margins float32, before the link
 * @see Chen, Guestrin 2016, KDD, section 2.2
 */
export const derivativesOf = (margins: Float32Array, labels: Uint8Array): Readonly<{ gradients: Float64Array; hessians: Float64Array }> => {
  const [gradients, hessians] = [new Float64Array(margins.length), new Float64Array(margins.length)];
  margins.forEach((margin, row) => {
    const probability = 1 / (1 + Math.exp(-margin));
    gradients[row] = probability - (labels[row] ?? 0);
    hessians[row] = Math.max(LEAST_HESSIAN, probability * (1 - probability));
  });
  return { gradients, hessians };
};

/** The same in fixed point, as they are summed over sites. */
export const gradientsOf = (margins: Float32Array, labels: Uint8Array): Readonly<{ gradients: Int32Array; hessians: Int32Array }> => {
  const { gradients, hessians } = derivativesOf(margins, labels);
  const fixed = (values: Float64Array): Int32Array => Int32Array.from(values, (value) => Math.round(value * GRADIENT_SCALE));
  return { gradients: fixed(gradients), hessians: fixed(hessians) };
};
