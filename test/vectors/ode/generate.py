"""Reference solutions for the solver's tests: python3 generate.py > references.json (scipy 1.17, DOP853 at the edge of double precision)."""
import json
import numpy
import scipy
from scipy.integrate import solve_ivp


def lotka_volterra(_, y):
    return [1.5 * y[0] - y[0] * y[1], y[0] * y[1] - 3 * y[1]]


def van_der_pol(_, y):
    return [y[1], 5 * (1 - y[0] ** 2) * y[1] - y[0]]


def rigid_body(_, y):
    return [y[1] * y[2], -y[0] * y[2], -0.51 * y[0] * y[1]]


def lorenz(_, y):
    return [10 * (y[1] - y[0]), y[0] * (28 - y[2]) - y[1], y[0] * y[1] - 8 / 3 * y[2]]


def forced(t, y):
    return [-2 * (y[0] - numpy.cos(t)), y[0] - y[1]]


PROBLEMS = {
    'lotka-volterra': (lotka_volterra, [10, 5], 10),
    'van-der-pol': (van_der_pol, [2, 0], 12),
    'rigid-body': (rigid_body, [0, 1, 1], 20),
    'lorenz': (lorenz, [1, 1, 1], 4),
    'forced': (forced, [0, 1], 15),
}
POINTS = 41

out = {'scipy': scipy.__version__, 'method': 'DOP853, rtol 1e-13, atol 1e-14', 'problems': {}}
for name, (rates, start, end) in PROBLEMS.items():
    times = numpy.linspace(0, end, POINTS)
    exact = solve_ivp(rates, (0, end), start, 'DOP853', times, rtol=1e-13, atol=1e-14)
    assert exact.success
    plain = solve_ivp(rates, (0, end), start, 'RK45', times, rtol=1e-6, atol=1e-9)
    error = float(numpy.max(numpy.abs(plain.y - exact.y) / (1 + numpy.abs(exact.y))))
    out['problems'][name] = {'start': start, 'end': end, 'points': POINTS, 'values': exact.y.tolist(), 'rk45': {'relative': 1e-6, 'absolute': 1e-9, 'error': error, 'evaluations': plain.nfev}}
print(json.dumps(out, indent=1))
