/**
 * The path from the root to where the recursion stands, one entry a distinct feature: its index, the share of rows that pass when the feature is unknown (`zero`) and
 * known (`one`, 0 or 1), and the sum of permutation weights. All levels share one stretch of memory: level d begins at d(d + 1)/2.
 */
export class ShapPath {
  readonly feature: Int32Array;
  readonly zero: Float64Array;
  readonly one: Float64Array;
  readonly weight: Float64Array;

  constructor(depth: number) {
    const size = ((depth + 2) * (depth + 3)) / 2;
    this.feature = new Int32Array(size);
    this.zero = new Float64Array(size);
    this.one = new Float64Array(size);
    this.weight = new Float64Array(size);
  }

  copy(from: number, to: number, length: number): void {
    // A loop: for a handful of entries four native calls take longer.
    for (let i = 0; i < length; i += 1) {
      this.feature[to + i] = this.feature[from + i] ?? 0;
      this.zero[to + i] = this.zero[from + i] ?? 0;
      this.one[to + i] = this.one[from + i] ?? 0;
      this.weight[to + i] = this.weight[from + i] ?? 0;
    }
  }

  /** Algorithm 2, EXTEND. */
  extend(start: number, depth: number, zero: number, one: number, feature: number): void {
    const { weight } = this;
    this.feature[start + depth] = feature;
    this.zero[start + depth] = zero;
    this.one[start + depth] = one;
    weight[start + depth] = depth === 0 ? 1 : 0;
    for (let i = depth - 1; i >= 0; i -= 1) {
      const own = weight[start + i] ?? 0;
      weight[start + i + 1] = (weight[start + i + 1] ?? 0) + (one * own * (i + 1)) / (depth + 1);
      weight[start + i] = (zero * own * (depth - i)) / (depth + 1);
    }
  }

  /** Algorithm 2, UNWIND: undo the extension at `index`. */
  unwind(start: number, depth: number, index: number): void {
    const { weight } = this;
    const [one, zero] = [this.one[start + index] ?? 0, this.zero[start + index] ?? 0];
    let next = weight[start + depth] ?? 0;
    for (let i = depth - 1; i >= 0; i -= 1) {
      const own = weight[start + i] ?? 0;
      if (one === 0) weight[start + i] = zero === 0 ? 0 : (own * (depth + 1)) / (zero * (depth - i));
      else {
        weight[start + i] = (next * (depth + 1)) / ((i + 1) * one);
        next = own - ((weight[start + i] ?? 0) * zero * (depth - i)) / (depth + 1);
      }
    }
    for (let i = start + index; i < start + depth; i += 1) {
      this.feature[i] = this.feature[i + 1] ?? 0;
      this.zero[i] = this.zero[i + 1] ?? 0;
      this.one[i] = this.one[i + 1] ?? 0;
    }
  }

  /** Sum of the weights after `index` would be unwound. */
  unwoundSum(start: number, depth: number, index: number): number {
    const [one, zero] = [this.one[start + index] ?? 0, this.zero[start + index] ?? 0];
    let next = this.weight[start + depth] ?? 0;
    let total = 0;
    for (let i = depth - 1; i >= 0; i -= 1) {
      const own = this.weight[start + i] ?? 0;
      if (one === 0) { total += zero === 0 ? 0 : (own * (depth + 1)) / (zero * (depth - i)); continue; }
      const undone = (next * (depth + 1)) / ((i + 1) * one);
      total += undone;
      next = own - (undone * zero * (depth - i)) / (depth + 1);
    }
    return total;
  }

  find(start: number, depth: number, feature: number): number {
    for (let i = 1; i <= depth; i += 1) if (this.feature[start + i] === feature) return i;
    return -1;
  }
}

