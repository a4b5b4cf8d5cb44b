const MOST_TERMS = 500;
const PRECISION = 1e-15;
const BISECTIONS = 60;
/** Smallest magnitude a continued fraction is divided by. @see Lentz 1976, Applied Optics 15(3) */
const TINY = 1e-300;

/** Coefficients for g = 7. @see Lanczos 1964, SIAM J. Numer. Anal. B 1 */
const LANCZOS = [0.999_999_999_999_809_93, 676.520_368_121_885_1, -1259.139_216_722_402_8, 771.323_428_777_653_13, -176.615_029_162_140_59, 12.507_343_278_686_905, -0.138_571_095_265_720_12, 9.984_369_578_019_571_6e-6, 1.505_632_735_149_311_6e-7] as const;

/** ln Γ(x) for x ≥ 0.5. */
const logGamma = (x: number): number => {
  const t = x + 6.5;
  const sum = LANCZOS.reduce((total, coefficient, i) => (i === 0 ? coefficient : total + coefficient / (x + i - 1)), 0);
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum);
};

const away = (value: number): number => (Math.abs(value) < TINY ? TINY : value);

/** Σ of a continued fraction b₀ + a₁/(b₁ + a₂/(b₂ + …)) by Lentz's method; `term(i)` gives aᵢ and bᵢ. */
const continuedFraction = (first: number, term: (i: number) => readonly [a: number, b: number]): number => {
  let [f, c, d] = [away(first), away(first), 0];
  for (let i = 1; i <= MOST_TERMS; i += 1) {
    const [a, b] = term(i);
    d = 1 / away(b + a * d);
    c = away(b + a / c);
    f *= c * d;
    if (Math.abs(c * d - 1) < PRECISION) break;
  }
  return f;
};

/** Lower regularised incomplete gamma function P(a, x), a ≥ 0.5. @see DLMF 8.7.1 (series), 8.9.2 (continued fraction) */
const lowerGamma = (a: number, x: number): number => {
  if (!(x > 0)) return 0;
  const scale = Math.exp(a * Math.log(x) - x - logGamma(a));
  if (x >= a + 1) return 1 - scale / continuedFraction(x + 1 - a, (i) => [-i * (i - a), x + 2 * i + 1 - a]);
  let [term, sum] = [1 / a, 1 / a];
  for (let i = 1; i <= MOST_TERMS && Math.abs(term) > sum * PRECISION; i += 1) {
    term *= x / (a + i);
    sum += term;
  }
  return sum * scale;
};

/** Regularised incomplete beta function, a and b ≥ 0.5. @see DLMF 8.17.22 */
const incompleteBeta = (x: number, a: number, b: number): number => {
  if (x <= 0 || x >= 1) return x <= 0 ? 0 : 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const scale = Math.exp(a * Math.log(x) + b * Math.log1p(-x) + logGamma(a + b) - logGamma(a) - logGamma(b)) / a;
  return scale / continuedFraction(1, (i) => {
    const m = Math.floor(i / 2);
    return [i % 2 === 0 ? (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m)) : -((a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1)), 1];
  });
};

/** A distribution of something that is not negative: how much of it lies at or below a value, and below which value a share of it lies. */
export type Distribution = Readonly<{ below(value: number): number; quantile(share: number): number }>;

const distributionOf = (below: (value: number) => number): Distribution => ({
  below,
  quantile: (share) => {
    let [low, high] = [0, 1];
    while (below(high) < share) high *= 2;
    for (let i = 0; i < BISECTIONS; i += 1) {
      const middle = (low + high) / 2;
      if (below(middle) < share) low = middle; else high = middle;
    }
    return (low + high) / 2;
  },
});

/** `scale` × χ² with `freedom` degrees of freedom, 1 or more, not only whole ones. */
export const chiSquared = (scale: number, freedom: number): Distribution => distributionOf((value) => lowerGamma(freedom / 2, value / scale / 2));
/** `scale` × F with these degrees of freedom, each 1 or more. */
export const fisher = (scale: number, first: number, second: number): Distribution => distributionOf((value) => incompleteBeta((first * value) / (first * value + second * scale), first / 2, second / 2));
