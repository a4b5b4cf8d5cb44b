"""Reference values for models/monitoring/judge.ts and distributions.ts, by numpy and scipy alone. Run: python3 generate.py > references.json

Written from the papers, with other routines: singular values for the components, a pseudo-inverse for the trimmed scores, whole matrices where the model works block by block.
"""
import json
import sys
import numpy as np
import scipy
from scipy import stats

random = np.random.default_rng(20260721)
hours = [4, 8, 12]
words = {"log-density": (-3, 4), "glucose": (0, 40), "lactate": (0, 40), "ph": (6.5, 8)}
names = [f"{word}-mean-{hour - 4}-{hour}" for hour in hours for word in words]
low, high = (np.array([words[name.split("-mean")[0]][i] for name in names]) for i in (0, 1))
maturity = np.repeat(hours, len(words))
components = 3


def batch(pace):
    noise = random.normal(size=len(names))
    centre = np.tile([0.0, 20.0, 5.0, 7.2], 3)
    return centre + np.tile([0.4, -3.0, 2.0, -0.05], 3) * pace * maturity / 12 + noise * np.tile([0.1, 0.8, 0.5, 0.02], 3)


def parts(values):
    return np.clip(np.round((values - low) / (high - low) * 4096), -8192, 8192)


normal = np.array([batch(random.normal()) for _ in range(40)])
fixed = parts(normal)
count, mean, spread = len(fixed), fixed.mean(0), fixed.std(0, ddof=1)
scaled = (fixed - mean) / spread
_, singular, right = np.linalg.svd(scaled, full_matrices=False)
variance = singular**2 / (count - 1)
loadings = right[:components]
correlation = np.corrcoef(fixed.T)


def judged(values, hour):
    known = np.flatnonzero((maturity <= hour) & np.isfinite(values))
    newest = maturity[known] == hour
    z = ((parts(np.where(np.isfinite(values), values, 0)) - mean) / spread)[known]
    p = loadings[:, known]
    s = correlation[np.ix_(known, known)]
    inverse = np.linalg.pinv(p @ s @ p.T, rcond=1e-6, hermitian=True)
    rank = int(np.linalg.matrix_rank(p @ s @ p.T, tol=1e-6 * np.linalg.norm(p @ s @ p.T, 2), hermitian=True))
    project = np.diag(variance[:components]) @ p @ p.T @ inverse @ p
    leftover = np.eye(len(known)) - p.T @ project
    c = (leftover @ s @ leftover.T)[np.ix_(newest, newest)]
    first, second = np.trace(c), np.trace(c @ c)
    t2 = float((p @ z) @ inverse @ (p @ z))
    q = float(((leftover @ z)[newest] ** 2).sum())
    f = stats.f(rank, count - rank)
    scale = rank * (count**2 - 1) / (count * (count - rank))
    chi = stats.chi2(first**2 / second)
    limits = [{"level": level, "t2": scale * f.ppf(level), "q": second / first * chi.ppf(level)} for level in (0.95, 0.99)]
    return {"hour": hour, "t2": t2, "q": q, "limits": limits, "confidence": float(max(f.cdf(t2 / scale), chi.cdf(q * first / second)))}


cases = [batch(0.5), batch(-2.0), batch(0.2) + np.where(maturity == 12, np.tile([0, 0, 0, 0.3], 3), 0), batch(0.0), batch(1.0)]
cases[3][[1, 6]] = np.nan
cases[4][[8, 9, 2]] = np.nan
judgements = [{"values": [None if np.isnan(v) else v for v in values], "judged": [judged(values, hour) for hour in hours]} for values in cases]
shares = (0.5, 0.95, 0.99, 0.999)
distributions = {
    "chiSquared": [{"scale": scale, "freedom": k, "share": share, "quantile": scale * stats.chi2.ppf(share, k)} for scale in (1, 0.3) for k in (1, 1.7, 4, 33.3, 250) for share in shares],
    "fisher": [{"scale": scale, "first": a, "second": b, "share": share, "quantile": scale * stats.f.ppf(share, a, b)} for scale in (1, 7.5) for a, b in ((1, 5), (4, 36), (8, 485), (30, 90)) for share in shares],
}
variables = [{"name": name, "low": float(lo), "high": float(hi)} for name, lo, hi in zip(names, low, high)]
json.dump({"numpy": np.__version__, "scipy": scipy.__version__, "variables": variables, "components": components, "normal": normal.tolist(), "judgements": judgements, "distributions": distributions}, sys.stdout)
