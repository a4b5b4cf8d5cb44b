/** Gradients and hessians are sent as whole numbers of 2^−20. */
export const GRADIENT_SCALE = 2 ** 20;

export type Gradients = Readonly<{ gradients: Int32Array; hessians: Int32Array }>;

/**
 * First and second derivative of the logistic loss, in fixed point.
 *
 * @param margins float32, before the link
 * @see Chen, Guestrin 2016, KDD, section 2.2
 */
export const gradientsOf = (margins: Float32Array, labels: Uint8Array): Gradients => {
  const gradients = new Int32Array(margins.length);
  const hessians = new Int32Array(margins.length);
  margins.forEach((margin, row) => {
    const probability = 1 / (1 + Math.exp(-margin));
    gradients[row] = Math.round((probability - (labels[row] ?? 0)) * GRADIENT_SCALE);
    hessians[row] = Math.round(probability * (1 - probability) * GRADIENT_SCALE);
  });
  return { gradients, hessians };
};
